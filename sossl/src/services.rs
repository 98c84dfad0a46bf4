//! Services on the monitor's side: the trait that the user's handlers implement, and what finds, decodes and
//! calls them.
//!
//! The trait is made for the crate of the handlers from the system beside it; the calls are made for the
//! firmware from the system that it is built for, which may have fewer services, or none. So a service without a
//! handler does not compile, in the one or in the other.

use crate::tokens::{bits, constant, doc, hex, ident, literal};
use crate::{c, decode, hooks, requests, source_name};
use cofferdam_system::System;
use cofferdam_system::model::{
    Access, CoreId, Kind, Language, PartitionId, Scalar, Service, ServiceRange,
};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote};

/// Cores that a system can have, as in `cofferdam_core::ids`.
const MAX_CORES: usize = cofferdam_core::ids::MAX_CORES;

/// What the crate of the handlers includes.
pub(crate) fn handlers(system: &System) -> TokenStream {
    let ours = || system.services.iter().filter(|it| it.is_in(Language::Rust));
    let methods = ours().map(|it| method(system, it));
    let hooks = system.hooks.iter().map(|it| hooks::method(system, it));
    let given = (!system.hooks.is_empty()).then(|| {
        quote!(
            pub use cofferdam_core::hook::{Device, Switch};
            pub use cofferdam_core::ids::Slot;
        )
    });
    let modules = ours().map(|it| module(system, it));
    let partitions = system.partitions.iter().map(|partition| {
        let (name, id) = (constant(&partition.name), literal(partition.id.index()));
        let doc = doc(format!("`{}`.", partition.name));
        quote! { #doc pub const #name: PartitionId = PartitionId(#id); }
    });
    let doc = doc(format!(
        "The services of {}: what is to be done for each. Called by the monitor with every interrupt masked, on \
         any core, on several at once. An argument is in its range and a region is the caller's own memory; whatever \
         is returned as an error, the caller gets as the status of its call.",
        source_name(system)
    ));
    quote! {
        pub use cofferdam_core::claim::{Readable, Writable};
        pub use cofferdam_core::service::{Caller, Error};
        #given

        #doc
        pub trait Services: Sync { #(#methods)* #(#hooks)* }

        #[doc = " Numbers of the partitions, as in [`Caller`]."]
        pub mod partition {
            use cofferdam_core::ids::PartitionId;
            #(#partitions)*
        }

        #(#modules)*
    }
}

fn method(system: &System, service: &Service) -> TokenStream {
    let docs = service.doc.iter().map(doc);
    let bound = service
        .instructions()
        .map_or_else(String::new, |most| format!(" At most {most} instructions."));
    let from = doc(format!("{}.{bound}", origin(system, service)));
    let signature = signature(service, ident);
    quote! {
        #(#docs #[doc = ""])*
        #from
        #signature;
    }
}

/// Of a service's method; `named` makes the names of its parameters.
pub(crate) fn signature(service: &Service, named: impl Fn(&str) -> Ident) -> TokenStream {
    let (name, caller) = (ident(&service.name), named("caller"));
    let arguments = service.arguments.iter().map(|it| {
        let (name, of) = (named(&it.name), argument_type(it.kind));
        quote!(#name: #of)
    });
    let result = result_type(service);
    quote!(fn #name(&self, #caller: Caller, #(#arguments),*) -> Result<#result, Error>)
}

/// Where a service is written.
pub(crate) fn origin(system: &System, service: &Service) -> String {
    place(system, &service.name, service.line)
}

/// Where a service or a hook is written.
pub(crate) fn place(system: &System, name: &str, line: usize) -> String {
    format!("`{name}`: {}, line {line}", source_name(system))
}

/// The results of a service that has several.
fn module(system: &System, service: &Service) -> Option<TokenStream> {
    if service.results.len() < 2 {
        return None;
    }
    let name = ident(&service.name);
    let from = doc(format!("{}.", origin(system, service)));
    let fields = service.results.iter().map(|it| {
        let (name, of) = (ident(&it.name), argument_type(it.kind));
        let doc = doc(format!("`{}`.", it.name));
        quote!(#doc pub #name: #of)
    });
    Some(quote! {
        #from
        pub mod #name {
            #[doc = " What it gives."]
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub struct Results { #(#fields),* }
        }
    })
}

fn result_type(service: &Service) -> TokenStream {
    match service.results.as_slice() {
        [] => quote!(()),
        [one] => argument_type(one.kind),
        _ => {
            let module = ident(&service.name);
            quote!(#module::Results)
        }
    }
}

fn argument_type(kind: Kind) -> TokenStream {
    match kind {
        Kind::Scalar { scalar, .. } => {
            let name = Ident::new(scalar.as_str(), Span::call_site());
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

/// What the riscv64 firmware includes: nothing, if the system has no services.
pub(crate) fn environment_calls(system: &System) -> TokenStream {
    if system.services.is_empty() {
        return TokenStream::new();
    }
    let (callers, calls) = (
        callers(system),
        calls(
            system,
            &ident("cofferdam_riscv64"),
            &quote!(CONFIGURATION.hardware.clint.now()),
        ),
    );
    quote! {
        #callers

        cofferdam_riscv64::services!(|registers, place| SERVICES.answer(registers, place));

        #calls
    }
}

/// Who calls, by where a call comes from.
pub(crate) fn callers(system: &System) -> TokenStream {
    let callers = places(system).map(|(slot, core)| {
        let partition = occupant(system, slot, core).map_or(0, PartitionId::index);
        let partition = literal(partition);
        quote!(PartitionId(#partition))
    });
    quote! {
        use cofferdam_core::service::{self, Caller, Place};

        #[doc = " Who is where: by place."]
        const CALLERS: [PartitionId; service::PLACES] = [#(#callers),*];

        #[inline(always)]
        fn caller(place: Place) -> Caller {
            Caller { partition: CALLERS[place.index()], core: place.core() }
        }
    }
}

/// The services of it, if there are some. The crate of the handlers is `services` there, that of the architecture's monitor is
/// `monitor`, and `now` its counter.
pub(crate) fn calls(system: &System, monitor: &Ident, now: &TokenStream) -> TokenStream {
    if system.services.is_empty() {
        return TokenStream::new();
    }
    let numbers = system.services.iter().map(|it| usize::from(it.number));
    let size = literal(numbers.max().map_or(0, |last| last + 1));
    let rows = (0..=u8::MAX)
        .take_while(|number| system.services.iter().any(|it| it.number >= *number))
        .map(|number| row(system, number));
    let functions = system.services.iter().map(|it| function(system, it, now));
    let limits = system.services.iter().filter_map(limits);
    let requests = requests::table(system);
    let regions = regions(system, monitor);
    let in_c = c::declarations(system);
    let in_rust = system.services.iter().any(|it| it.is_in(Language::Rust));
    let methods = in_rust.then(|| {
        quote!(
            use services::Services as _;
        )
    });
    quote! {
        use cofferdam_core::service::{Callers, Entry, Registers};
        #methods

        #[doc = " By number, SiP and OEM."]
        static SERVICES: service::Table<#size> = service::Table([#(#rows),*]);

        #requests

        #regions

        #in_c

        #(#limits)*

        #(#functions)*
    }
}

/// Slots of cores in the order of `service::Place`: critical ones first.
fn places(system: &System) -> impl Iterator<Item = (bool, Option<CoreId>)> {
    let core = |index| system.board.core_ids().find(|core| core.index() == index);
    [true, false]
        .into_iter()
        .flat_map(move |critical| (0..MAX_CORES).map(move |index| (critical, core(index))))
}

fn occupant(system: &System, critical: bool, core: Option<CoreId>) -> Option<PartitionId> {
    let mut here = system.on_core(core?);
    let found = here.find(|partition| partition.is_critical() == critical);
    found.map(|partition| partition.id)
}

fn row(system: &System, number: u8) -> TokenStream {
    let entries = ServiceRange::ALL.map(|range| {
        let mut services = system.services.iter();
        match services.find(|it| it.range == range && it.number == number) {
            Some(service) => entry(system, service),
            None => quote!(Entry::NONE),
        }
    });
    quote!([#(#entries),*])
}

fn entry(system: &System, service: &Service) -> TokenStream {
    let id = hex(service.function_id().into());
    let run = call_name(service);
    let allowed = places(system)
        .enumerate()
        .fold(0_u64, |bits, (n, (critical, core))| {
            let here = occupant(system, critical, core);
            let may = here.is_some_and(|partition| service.callers.contains(&partition));
            bits | u64::from(may) << n
        });
    let allowed = bits(allowed);
    quote!(Entry { id: #id, callers: Callers::from_bits(#allowed), run: #run })
}

fn call_name(service: &Service) -> Ident {
    format_ident!("call_{}", service.name)
}

/// Decodes, calls the handler, encodes.
fn function(system: &System, service: &Service, now: &TokenStream) -> TokenStream {
    let name = call_name(service);
    let from = doc(format!("{}.", origin(system, service)));
    let submitted = service
        .partition()
        .map(|_| requests::submit(system, service));
    let arguments = decode::arguments(service);
    let idle = service.arguments.is_empty() && service.results.is_empty() && submitted.is_none();
    let used = if idle { quote!(_) } else { quote!(registers) };
    let limited = service.limit.map(|_| {
        let limits = limits_name(service);
        quote!(#limits.take(caller, #now)?;)
    });
    let (handled, results) = match submitted {
        Some(submitted) => (submitted, Vec::new()),
        None if service.is_in(Language::C) => (c::handled(service), results(service)),
        None => (handled(service), results(service)),
    };
    quote! {
        #from
        fn #name(registers: &mut Registers, place: Place) -> bool {
            service::settle(registers, |#used| {
                let caller = caller(place);
                #(#arguments)*
                #limited
                #handled
                #(#results)*
                Ok(())
            })
        }
    }
}

/// What only some systems need.
fn regions(system: &System, monitor: &Ident) -> Option<TokenStream> {
    let mut arguments = system.services.iter().flat_map(|it| &it.arguments);
    let any = arguments.any(|it| matches!(it.kind, Kind::Region { .. }));
    any.then(|| {
        quote! {
            use #monitor::service::Mapped;
            use cofferdam_core::claim;

            fn owner(caller: Caller) -> Result<&'static Partition, service::Error> {
                CONFIGURATION.system.partition(caller.partition).ok_or(service::Error::Denied)
            }
        }
    })
}

fn limits(service: &Service) -> Option<TokenStream> {
    let limit = service.limit?;
    let name = limits_name(service);
    let interval = Literal::u128_unsuffixed(limit.interval.as_nanos());
    let burst = Literal::u32_unsuffixed(limit.burst);
    Some(quote! {
        static #name: service::Limits = service::Limits::new(
            cofferdam_core::bucket::Limit::new(ticks(HZ, #interval), #burst),
        );
    })
}

fn limits_name(service: &Service) -> Ident {
    constant(&format!("limits_{}", service.name))
}

/// Calls the handler, and names what it gives.
fn handled(service: &Service) -> TokenStream {
    let handler = ident(&service.name);
    let arguments = service.arguments.iter().map(|it| ident(&it.name));
    let names: Vec<_> = service.results.iter().map(|it| ident(&it.name)).collect();
    let results = match names.as_slice() {
        [] => quote!(()),
        [one] => quote!(#one),
        _ => {
            let module = ident(&service.name);
            quote!(services::#module::Results { #(#names),* })
        }
    };
    quote!(let #results = services::HANDLERS.#handler(caller, #(#arguments),*)?;)
}

/// Where what the handler gives goes.
fn results(service: &Service) -> Vec<TokenStream> {
    let encode = service.results.iter().zip(1..).map(|(it, n)| {
        let (register, name) = (literal(n), ident(&it.name));
        let value = match it.kind {
            Kind::Scalar {
                scalar: Scalar::I64,
                ..
            } => quote!(#name.cast_unsigned()),
            Kind::Scalar {
                scalar: Scalar::U64,
                ..
            } => quote!(#name),
            _ => quote!(u64::from(#name)),
        };
        quote!(registers[#register] = #value;)
    });
    encode.collect()
}
