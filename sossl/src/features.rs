//! What a system switches on, in the monitor's types.

use crate::firmware::{core_set, option, ticks};
use crate::hooks;
use crate::tokens::hex;
use cofferdam_core::record;
use cofferdam_system::System;
use cofferdam_system::model::{self, Driver};
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens as _, quote};

pub(crate) fn checks(system: &System) -> TokenStream {
    let tests = system.features.self_tests;
    let (at_boot, periodic) = (tests.at_boot, tests.periodic);
    let asked_for = tests.asked_for || system.features.health_monitor.is_some();
    let on_failure = failure(tests.on_failure);
    let health = system.features.health_monitor.zip(Driver::of(system));
    let health = option(health.map(|(health, driver)| {
        let period = ticks(health.period);
        let on_fault = match health.on_fault {
            model::OnFault::Repair => quote!(health::OnFault::Repair),
            model::OnFault::SafeState => quote!(health::OnFault::End(health::Failure::SafeState)),
            model::OnFault::Stop => quote!(health::OnFault::End(health::Failure::Stop)),
        };
        let (cores, gap) = (core_set(driver.cores), option(driver.gap.map(ticks)));
        quote!(health::Health { period: #period, on_fault: #on_fault, driver: #cores, gap: #gap })
    }));
    quote! {
        health::Checks {
            at_boot: #at_boot,
            asked_for: #asked_for,
            periodic: #periodic,
            on_failure: #on_failure,
            health: #health,
        }
    }
}

fn failure(failure: model::Failure) -> TokenStream {
    match failure {
        model::Failure::SafeState => quote!(health::Failure::SafeState),
        model::Failure::Stop => quote!(health::Failure::Stop),
    }
}

/// Which records are kept.
pub(crate) fn level(system: &System) -> TokenStream {
    match system.features.log.level {
        model::LogLevel::Error => quote!(record::Level::Error),
        model::LogLevel::Warn => quote!(record::Level::Warn),
        model::LogLevel::Info => quote!(record::Level::Info),
        model::LogLevel::Debug => quote!(record::Level::Debug),
    }
}

pub(crate) fn log(system: &System) -> TokenStream {
    let log = system.features.log;
    let level = level(system);
    let device = log.device.and_then(|id| system.board.device(id)?.region);
    let device = option(device.map(|region| hex(region.start().get()).into_token_stream()));
    quote!(platform::Log { level: #level, device: #device })
}

/// How many records fit into the log's ring.
pub(crate) fn records(system: &System) -> Literal {
    Literal::u64_unsuffixed(system.features.log.ring / size_of::<record::Place>() as u64)
}

pub(crate) fn profiling(system: &System) -> TokenStream {
    match system.features.profiling {
        model::Profiling::None => quote!(None),
        model::Profiling::Counters => quote!(Counters),
        model::Profiling::Histograms => quote!(Histograms),
    }
}

pub(crate) fn counts(system: &System) -> bool {
    system.features.profiling != model::Profiling::None
}

/// Whether the vectors are to say when they switch.
pub(crate) fn is_observed(system: &System) -> bool {
    counts(system) || hooks::of_switch(system)
}
