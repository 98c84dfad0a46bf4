//! Services that a partition handles, on the monitor's side: a slot for each caller of each, and the call that fills it.

use crate::tokens::{hex, interrupt, literal};
use cofferdam_system::System;
use cofferdam_system::model::{PartitionId, Service};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// The slots in their order: those of a service's callers together.
fn slots(system: &System) -> impl Iterator<Item = (&Service, PartitionId, PartitionId)> {
    system.services.iter().flat_map(|service| {
        let handler = service.partition();
        let callers = service.callers.iter();
        callers.filter_map(move |caller| Some((service, *caller, handler?)))
    })
}

/// The slots. A system without them gets nothing.
pub(crate) fn table(system: &System) -> Option<TokenStream> {
    let count = literal(slots(system).count());
    let slots = slots(system)
        .zip(0..)
        .map(|((service, caller, handler), slot)| {
            let slot = Literal::u16_unsuffixed(slot);
            let function = hex(service.function_id().into());
            let interrupt = interrupt(system.completion(caller));
            let (caller, handler) = (literal(caller.index()), literal(handler.index()));
            quote! {
                Request::new(Owner {
                    slot: #slot,
                    function: #function,
                    caller: PartitionId(#caller),
                    handler: PartitionId(#handler),
                    interrupt: #interrupt,
                })
            }
        });
    let slots: Vec<_> = slots.collect();
    (!slots.is_empty()).then(|| {
        quote! {
            use cofferdam_arm64::request::{self, Request};
            use cofferdam_core::request::Owner;

            static REQUESTS: [Request; #count] = [#(#slots),*];
        }
    })
}

/// The method that says so.
pub(crate) fn feature(system: &System) -> Option<TokenStream> {
    slots(system).next()?;
    Some(quote! {
        #[inline(always)]
        fn requests() -> &'static [cofferdam_arm64::request::Request] {
            &REQUESTS
        }
    })
}

/// Leaves a call whose arguments are checked in its caller's slot.
pub(crate) fn submit(system: &System, service: &Service) -> TokenStream {
    let own = |(it, ..): &(&Service, PartitionId, PartitionId)| it.name == service.name;
    let first = slots(system).take_while(|slot| !own(slot)).count();
    let end = first + service.callers.len();
    let (first, end) = (literal(first), literal(end));
    quote! {
        const { &REQUESTS }
            .get(#first..#end)
            .map_or(Err(service::Error::Denied), |own| request::submit(own, caller, registers))?;
    }
}
