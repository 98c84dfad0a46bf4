//! Services on the callers' side: one function each.
//!
//! A caller's binding is that of the system beside its crate. Numbers are frozen, so it fits every system that
//! has the service, and in one that has not the call is refused.

use crate::services::origin;
use crate::tokens::{doc, hex, ident, literal};
use cofferdam_abi::call::Call;
use cofferdam_system::model::{
    Access, Convention, Kind, Parameter, Partition, RegionSize, Scalar, Service,
};
use cofferdam_system::{Arch, System};
use proc_macro2::TokenStream;
use quote::quote;

pub(crate) fn of_caller<'a>(
    system: &'a System,
    caller: &Partition,
) -> impl Iterator<Item = &'a Service> {
    let id = caller.id;
    let services = system.services.iter();
    services.filter(move |service| service.callers.contains(&id))
}

/// Registers for arguments of a call of the SBI: a0 to a5.
pub(crate) const SBI_ARGUMENTS: usize = 6;

/// Functions that call the services which a partition may call. They need the crates `cofferdam-abi` and, on arm64, `smccc`, on
/// riscv64 `cofferdam-partition`.
pub(crate) fn rust(system: &System, caller: &Partition) -> TokenStream {
    let calls = || of_caller(system, caller).flat_map(calls);
    let functions = calls().map(|(it, id)| function(system, &it, id));
    let results = calls().filter_map(|(it, _)| results(&it));
    quote! {
        use cofferdam_abi::call::{Error, check};

        #(#results)*
        #(#functions)*
    }
}

fn function(system: &System, service: &Service, id: u32) -> TokenStream {
    let name = ident(&service.name);
    let docs = service.doc.iter().map(doc);
    let from = doc(format!("{}.", origin(system, service)));
    let parameters = service.arguments.iter().map(parameter);
    let wide = service.convention == Convention::Smc64;
    let arguments = service.arguments.iter().flat_map(|it| values(it, wide));
    let unused = service.arguments.iter().map(|it| it.kind.registers()).sum();
    let (call, registers) = match (system.board.arch, wide) {
        (Arch::Arm64, true) => (quote!(smccc::smc64), service.convention.registers()),
        (Arch::Arm64, false) => (quote!(smccc::smc32), service.convention.registers()),
        (Arch::Riscv64, _) => (quote!(cofferdam_partition::call_service), SBI_ARGUMENTS),
    };
    let zeros = (unused..registers).map(|_| quote!(0));
    let id = hex(id.into());
    let status = if wide {
        quote!(status)
    } else {
        // The 32-bit convention has a 32-bit status, with its sign.
        quote!(i64::from(status.cast_signed()).cast_unsigned())
    };
    let results = service.results.iter().map(|it| ident(&it.name));
    let narrowed = if wide {
        narrowed(service, &quote!(Error::NotSupported))
    } else {
        Vec::new()
    };
    let (result, value) = outcome(service);
    quote! {
        #(#docs #[doc = ""])*
        #from
        #[doc = ""]
        #[doc = " # Errors"]
        #[doc = " What the monitor or the handler refuses."]
        pub fn #name(#(#parameters),*) -> Result<#result, Error> {
            let [status, #(#results,)* ..] = #call(#id, [#(#arguments,)* #(#zeros),*]);
            check(#status)?;
            #(#narrowed)*
            Ok(#value)
        }
    }
}

/// The calls of a service, as services of their own, with their function identifiers. What a partition handles has two:
/// the request, which gives a ticket, and the poll, which takes it.
pub(crate) fn calls(service: &Service) -> Vec<(Service, u32)> {
    if service.partition().is_none() {
        return vec![(service.clone(), service.function_id())];
    }
    let (min, max) = Scalar::U64.range();
    let scalar = Scalar::U64;
    let ticket = vec![Parameter {
        name: TICKET.to_owned(),
        kind: Kind::Scalar { scalar, min, max },
    }];
    let request = Service {
        results: ticket.clone(),
        ..service.clone()
    };
    let poll = Service {
        name: format!("{}_poll", service.name),
        doc: Some(
            "Asks for its answer: busy until it is done, gone if it never will be.".to_owned(),
        ),
        arguments: ticket,
        ..service.clone()
    };
    vec![
        (request, service.function_id()),
        (poll, Call::ServicePoll.function_id()),
    ]
}

/// The name of a request's ticket.
const TICKET: &str = "cofferdam_ticket";

/// Results of 32 bits that came in registers of 64; else this error.
pub(crate) fn narrowed(service: &Service, error: &TokenStream) -> Vec<TokenStream> {
    let small = service.results.iter().filter(|it| is_u32(it));
    small
        .map(|it| {
            let name = ident(&it.name);
            quote!(let #name = u32::try_from(#name).map_err(|_| #error)?;)
        })
        .collect()
}

fn is_u32(parameter: &Parameter) -> bool {
    let u32 = Scalar::U32;
    matches!(parameter.kind, Kind::Scalar { scalar, .. } if scalar == u32)
}

/// Its name, in Rust.
pub(crate) fn parameter_name(parameter: &Parameter) -> proc_macro2::Ident {
    ident(&parameter.name)
}

pub(crate) fn parameter(parameter: &Parameter) -> TokenStream {
    let name = parameter_name(parameter);
    let of = match parameter.kind {
        Kind::Scalar { scalar, .. } => {
            let scalar = ident(scalar.as_str());
            quote!(#scalar)
        }
        Kind::Region { access, size, .. } => {
            let bytes = match size {
                RegionSize::AtMost(_) => quote!([u8]),
                RegionSize::Exactly(size) => {
                    let size = literal(usize::try_from(size).unwrap_or(usize::MAX));
                    quote!([u8; #size])
                }
            };
            match access {
                Access::Read => quote!(&#bytes),
                Access::Write => quote!(&mut #bytes),
            }
        }
    };
    quote!(#name: #of)
}

/// What goes into the registers of an argument.
fn values(parameter: &Parameter, wide: bool) -> Vec<TokenStream> {
    let name = ident(&parameter.name);
    let register = if wide { quote!(u64) } else { quote!(u32) };
    match parameter.kind {
        Kind::Scalar { scalar, .. } => vec![scalar_value(&parameter.name, scalar, wide)],
        Kind::Region { access, size, .. } => {
            let address = match access {
                Access::Read => quote!(#name.as_ptr().expose_provenance() as #register),
                Access::Write => quote!(#name.as_mut_ptr().expose_provenance() as #register),
            };
            match size {
                RegionSize::AtMost(_) => vec![address, quote!(#name.len() as #register)],
                RegionSize::Exactly(_) => vec![address],
            }
        }
    }
}

/// What goes into the register of a number.
pub(crate) fn scalar_value(name: &str, scalar: Scalar, wide: bool) -> TokenStream {
    let name = ident(name);
    match (scalar, wide) {
        (Scalar::U64, _) | (Scalar::U32, false) => quote!(#name),
        (Scalar::I64, _) => quote!(#name.cast_unsigned()),
        (Scalar::U32 | Scalar::Bool, true) => quote!(u64::from(#name)),
        (Scalar::Bool, false) => quote!(u32::from(#name)),
    }
}

/// A structure for several results.
pub(crate) fn results(service: &Service) -> Option<TokenStream> {
    if service.results.len() < 2 {
        return None;
    }
    let (name, doc) = (
        results_name(service),
        doc(format!("Of `{}`.", service.name)),
    );
    let fields = service.results.iter().map(|it| {
        let (field, parameter) = (crate::tokens::doc(format!("`{}`.", it.name)), parameter(it));
        quote!(#field pub #parameter)
    });
    Some(quote! {
        #doc
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct #name { #(#fields),* }
    })
}

fn results_name(service: &Service) -> proc_macro2::Ident {
    let words = service.name.split('_').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    });
    ident(&(words.collect::<String>() + "Results"))
}

pub(crate) fn outcome(service: &Service) -> (TokenStream, TokenStream) {
    let value = |it: &Parameter| {
        let name = ident(&it.name);
        match it.kind {
            Kind::Scalar {
                scalar: Scalar::Bool,
                ..
            } => quote!(#name != 0),
            Kind::Scalar {
                scalar: Scalar::I64,
                ..
            } => quote!(#name.cast_signed()),
            _ => quote!(#name),
        }
    };
    match service.results.as_slice() {
        [] => (quote!(()), quote!(())),
        [one] => {
            let Kind::Scalar { scalar, .. } = one.kind else {
                return (quote!(()), quote!(()));
            };
            let of = ident(scalar.as_str());
            (quote!(#of), value(one))
        }
        several => {
            let name = results_name(service);
            let fields = several.iter().map(|it| {
                let (field, value) = (ident(&it.name), value(it));
                if value.to_string() == it.name {
                    quote!(#field)
                } else {
                    quote!(#field: #value)
                }
            });
            (quote!(#name), quote!(#name { #(#fields),* }))
        }
    }
}
