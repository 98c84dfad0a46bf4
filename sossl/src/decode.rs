//! What stands between a caller's registers and a handler's arguments: each is in its range, or the call is refused.

use crate::tokens::{hex, ident, literal};
use cofferdam_system::model::{Access, Convention, Kind, Parameter, RegionSize, Scalar, Service};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote};

/// Gives the arguments names, in turn. Those of what a partition handles are only looked at here.
pub(crate) fn arguments(service: &Service) -> Vec<TokenStream> {
    let mut next = 1;
    let arguments = service.arguments.iter();
    arguments
        .map(|it| argument(service, it, &mut next))
        .collect()
}

fn name(service: &Service, parameter: &Parameter) -> Ident {
    match service.partition() {
        Some(_) => format_ident!("_{}", parameter.name),
        None => ident(&parameter.name),
    }
}

fn argument(service: &Service, parameter: &Parameter, next: &mut usize) -> TokenStream {
    let name = name(service, parameter);
    let register = register(service, *next);
    *next += parameter.kind.registers();
    match parameter.kind {
        Kind::Scalar {
            scalar: Scalar::Bool,
            ..
        } => quote!(let #name = service::truth(#register)?;),
        Kind::Scalar { scalar, min, max }
            if (min, max) == scalar.range() && scalar != Scalar::U32 =>
        {
            let signed = (scalar == Scalar::I64).then(|| quote!(.cast_signed()));
            quote!(let #name = #register #signed;)
        }
        Kind::Scalar { scalar, min, max } => {
            let decode = format_ident!("{}_in", scalar.as_str());
            let (min, max) = (bound(scalar, min), bound(scalar, max));
            quote!(let #name = service::#decode(#register, #min..=#max)?;)
        }
        Kind::Region {
            access,
            size,
            align,
        } => {
            let claim = match access {
                Access::Read => quote!(claim::Readable::claim),
                Access::Write => quote!(claim::Writable::claim),
            };
            let (len, most) = match size {
                RegionSize::AtMost(most) => (self::register(service, *next - 1), most),
                RegionSize::Exactly(size) => (hex(size).into_token_stream(), size),
            };
            let (most, align) = (hex(most), hex(align));
            quote! {
                let bounds = claim::Bounds { most: #most, align: #align };
                let #name = #claim(owner(caller)?, #register, #len, bounds, &Mapped)?;
            }
        }
    }
}

fn register(service: &Service, number: usize) -> TokenStream {
    let number = literal(number);
    match service.convention {
        Convention::Smc64 => quote!(registers[#number]),
        Convention::Smc32 => {
            quote!(u64::from(service::low(registers[#number])))
        }
    }
}

/// A bound of a range; the type's own by its name.
fn bound(scalar: Scalar, value: i128) -> TokenStream {
    let of = Ident::new(scalar.as_str(), Span::call_site());
    match scalar.range() {
        (least, _) if value == least && least != 0 => quote!(#of::MIN),
        (_, most) if value == most => quote!(#of::MAX),
        _ => {
            let value = Literal::i128_unsuffixed(value);
            quote!(#value)
        }
    }
}
