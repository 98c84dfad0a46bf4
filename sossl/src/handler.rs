//! Services that a partition handles, on its side: a trait with one typed method for each, and what takes a request,
//! calls its method and answers. A service without a handler does not compile.

pub(crate) mod c;

use crate::client::{outcome, parameter_name, results};
use crate::services::origin;
use crate::tokens::{doc, hex, ident, literal};
use cofferdam_system::System;
use cofferdam_system::model::{Access, Kind, Parameter, Partition, RegionSize, Scalar, Service};
use proc_macro2::TokenStream;
use quote::quote;

fn of_handler<'a>(
    system: &'a System,
    handler: &Partition,
) -> impl Iterator<Item = &'a Service> + Clone {
    let id = handler.id;
    let services = system.services.iter();
    services.filter(move |service| service.partition() == Some(id))
}

/// Items that need the crate `cofferdam-partition`.
pub(crate) fn of(system: &System, handler: &Partition) -> TokenStream {
    let services = of_handler(system, handler);
    let methods = services.clone().map(|it| method(system, it));
    let arms = services.clone().map(arm);
    let results = services.filter_map(results);
    quote! {
        use cofferdam_partition::service;
        pub use cofferdam_partition::service::{Error, Readable, Writable};

        #(#results)*

        #[doc = " What this partition does for others. Arguments are in their ranges; what is in a region, its owner may \
                  change at any time: copy it, and use the copy."]
        pub trait Services { #(#methods)* }

        #[doc = " Takes the request that waits the longest, has it done, and answers it. Says whether there was one."]
        pub fn serve(services: &mut impl Services) -> bool {
            let Some(request) = service::take() else {
                return false;
            };
            match request.function() {
                #(#arms)*
                _ => request.answer(Err(Error::NotSupported)),
            }
            true
        }
    }
}

fn method(system: &System, service: &Service) -> TokenStream {
    let name = ident(&service.name);
    let docs = service.doc.iter().map(doc);
    let from = doc(format!("{}.", origin(system, service)));
    let arguments = service.arguments.iter().map(|it| {
        let (name, of) = (parameter_name(it), argument_type(it));
        quote!(#name: #of)
    });
    let (result, _) = outcome(service);
    quote! {
        #(#docs #[doc = ""])*
        #from
        #[doc = ""]
        #[doc = " # Errors"]
        #[doc = " What the caller gets as its status."]
        fn #name(&mut self, caller: u64, #(#arguments),*) -> Result<#result, Error>;
    }
}

fn argument_type(parameter: &Parameter) -> TokenStream {
    match parameter.kind {
        Kind::Scalar { scalar, .. } => {
            let name = ident(scalar.as_str());
            quote!(#name)
        }
        Kind::Region {
            access: Access::Read,
            ..
        } => quote!(Readable<'_>),
        Kind::Region {
            access: Access::Write,
            ..
        } => quote!(Writable<'_>),
    }
}

/// One service: words to arguments, results to words.
fn arm(service: &Service) -> TokenStream {
    let (id, name) = (hex(service.function_id().into()), ident(&service.name));
    let mut next = 0;
    let arguments = service.arguments.iter().map(|it| {
        let first = next;
        next += it.kind.registers();
        argument(it, first)
    });
    let arguments: Vec<_> = arguments.collect();
    let words = service.results.iter().map(|it| {
        let name = ident(&it.name);
        let value = match service.results.len() {
            1 => quote!(results),
            _ => quote!(results.#name),
        };
        match it.kind {
            Kind::Scalar {
                scalar: Scalar::I64,
                ..
            } => quote!(#value.cast_unsigned()),
            Kind::Scalar {
                scalar: Scalar::U64,
                ..
            } => value,
            _ => quote!(u64::from(#value)),
        }
    });
    let given = if service.results.is_empty() {
        quote!(())
    } else {
        quote!(results)
    };
    quote! {
        #id => {
            let done = services.#name(request.caller(), #(#arguments),*);
            request.answer(done.map(|#given| service::words([#(#words),*])));
        }
    }
}

fn argument(parameter: &Parameter, first: usize) -> TokenStream {
    let word = |number| {
        let number = literal(number);
        quote!(request.word(#number))
    };
    let at = word(first);
    match parameter.kind {
        Kind::Scalar { scalar, .. } => match scalar {
            Scalar::Bool => quote!(#at != 0),
            Scalar::U32 => quote!(service::low(#at)),
            Scalar::U64 => at,
            Scalar::I64 => quote!(#at.cast_signed()),
        },
        Kind::Region { access, size, .. } => {
            let length = match size {
                RegionSize::AtMost(_) => word(first + 1),
                RegionSize::Exactly(size) => {
                    let size = hex(size);
                    quote!(#size)
                }
            };
            match access {
                Access::Read => quote!(request.readable(#at, #length)),
                Access::Write => quote!(request.writable(#at, #length)),
            }
        }
    }
}
