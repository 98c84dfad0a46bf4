//! The tables, linker script and symbols of an arm64 monitor.

use crate::features::{checks, counts, is_observed, log, profiling, records};
use crate::firmware::{core_entry, option, partition, partition_name, region};
use crate::layout::{Kind, Layout};
use crate::tokens::{hex, ident, literal};
use crate::{channels, hooks, migration, requests, services, source_name};
use cofferdam_core::region::Region;
use cofferdam_system::model::{Controller, Fpu};
use cofferdam_system::{State, System};
use minijinja::{Value, context};
use proc_macro2::TokenStream;
use quote::quote;

pub(crate) fn linker(system: &System, layout: &Layout) -> Value {
    let range = |region: Region| {
        context! {
            start => format!("{:#x}", region.start().get()),
            size => format!("{:#x}", region.len().get()),
        }
    };
    context! {
        source => source_name(system),
        text => range(layout.text),
        constants => range(layout.constants),
        variables => range(layout.variables),
        fatal_stacks => format!("{:#x}", layout.fatal_stacks.start().get()),
        stacks => format!("{:#x}", layout.stacks.start().get()),
    }
}

pub(crate) fn items(system: &System, layout: &Layout) -> TokenStream {
    let partitions = system.partitions.iter().map(|it| partition(system, it));
    let names = system.partitions.iter().map(partition_name);
    let cores = system.board.core_ids().map(|core| core_entry(system, core));
    let fpu = match system.features.fpu {
        Fpu::Lazy => quote!(table::Fpu::Lazy),
        Fpu::Eager => quote!(table::Fpu::Eager),
        Fpu::Exclusive(id) => {
            let id = literal(id.index());
            quote!(table::Fpu::Exclusive(PartitionId(#id)))
        }
    };
    let aarch32 = has_aarch32(system).then(|| {
        quote!(
            const AARCH32: bool = true;
        )
    });
    let services = fast_calls(system);
    let (hooks, has_hooks) = (hooks::tables(system), hooks::features(system));
    let hooked = hooks::hooked(system);
    let (channels, has_channels) = (
        channels::table(system, &ident("cofferdam_arm64")),
        channels::feature(system),
    );
    let (has_services, has_requests) = (answers_aarch32(system), requests::feature(system));
    let (migration, migrates) = migration::items(system);
    let (hardware, checks) = (hardware(system, layout), checks(system));
    let (log, records) = (log(system), records(system));
    let profiling = profiling(system);
    let profiles = literal(if counts(system) {
        system.board.cores.len()
    } else {
        0
    });
    let observed = is_observed(system).then(|| quote!(cofferdam_arm64::observed!();));
    let (controller, gic) = controller(system);
    let mappings = layout.mappings.iter().map(|mapping| {
        let (start, size) = (hex(mapping.start), hex(mapping.size));
        let kind = match mapping.kind {
            Kind::Text => quote!(Kind::Text),
            Kind::Constant => quote!(Kind::Constant),
            Kind::SecureRam => quote!(Kind::SecureRam),
            Kind::NonSecureRam => quote!(Kind::NonSecureRam),
            Kind::Device => quote!(Kind::Device),
        };
        quote!(Mapping { start: #start, size: #size, kind: #kind })
    });
    let (tables, tables_at) = (
        literal(layout.tables()),
        hex(layout.constants.start().get()),
    );
    quote! {
        use cofferdam_arm64::gic;
        use cofferdam_arm64::mmu::{Kind, Mapping, Tables};
        use cofferdam_arm64::platform::{self, Configuration, Hardware, Platform, ticks};
        use cofferdam_core::health;
        use cofferdam_core::{profile, record};
        use cofferdam_core::ids::{CoreId, CoreSet, PartitionId, Slot};
        use cofferdam_core::region::Region;
        use cofferdam_core::table::{self, Core, Partition, Policy, System};

        /// Of the counter.
        const HZ: u64 = <Board as Platform>::COUNTER_HZ;

        /// One that is there.
        const fn region(start: u64, size: u64) -> Region {
            match Region::from_raw(start, size) {
                Ok(region) => region,
                Err(_) => panic!("an empty or wrapping region"),
            }
        }

        #(#partitions)*

        /// That of the board.
        type InterruptController = gic::#controller;

        /// The monitor's log.
        static RECORDS: [record::Place; #records] = [const { record::Place::new() }; _];

        /// What is counted, for each core.
        static PROFILES: [profile::Core; #profiles] = [const { profile::Core::new() }; _];

        #observed

        /// The system that this monitor runs.
        static CONFIGURATION: Configuration<InterruptController> = Configuration {
            system: System {
                partitions: &[#(#names),*],
                cores: &[#(#cores),*],
                hooked: #hooked,
                fpu: #fpu,
                instruction: 4,
            },
            hardware: #hardware,
            gic: #gic,
            tick: ticks(HZ, TICK_NANOSECONDS),
            records: &RECORDS,
            profiles: &PROFILES,
        };

        #channels

        #migration

        /// What the system switches on.
        struct Features;

        impl platform::Features for Features {
            const CHECKS: health::Checks = #checks;
            #aarch32
            const LOG: platform::Log = #log;
            const PROFILING: profile::Profiling = profile::Profiling::#profiling;

            #has_channels

            #has_services

            #has_requests

            #migrates

            #has_hooks
        }

        type TranslationTables = Tables<#tables>;

        const TRANSLATION_TABLES: TranslationTables = Tables::build(#tables_at, &[#(#mappings),*]);

        #services

        #hooks
    }
}

fn hardware(system: &System, layout: &Layout) -> TokenStream {
    let board = &system.board;
    let flash = board
        .bank(board.monitor.flash_bank)
        .map(|bank| region(bank.region));
    let image_table = hex(board.monitor.image_table.get());
    let stacks = hex(layout.stacks.start().get());
    quote! {
        Hardware {
            flash: #flash,
            image_table: #image_table,
            stacks: #stacks,
        }
    }
}

fn has_aarch32(system: &System) -> bool {
    let mut partitions = system.partitions.iter();
    partitions.any(|it| it.entry.state == State::Aarch32)
}

/// The driver's type, and its value.
fn controller(system: &System) -> (TokenStream, TokenStream) {
    match system.board.controller {
        Controller::GicV3 {
            distributor,
            redistributors,
            stride,
            its,
            ..
        } => {
            let [distributor, redistributors] =
                [distributor, redistributors].map(|region| hex(region.start().get()));
            let stride = hex(stride);
            let its = option(its.map(|its| {
                let its = hex(its.start().get());
                quote!(#its)
            }));
            let value = quote! {
                gic::GicV3 {
                    distributor: #distributor,
                    redistributors: #redistributors,
                    stride: #stride,
                    its: #its,
                }
            };
            (quote!(GicV3), value)
        }
        Controller::GicV2 {
            distributor,
            cpu_interface,
            ..
        } => {
            let [distributor, cpu_interface] =
                [distributor, cpu_interface].map(|region| hex(region.start().get()));
            let value = quote! {
                gic::GicV2 { distributor: #distributor, cpu_interface: #cpu_interface }
            };
            (quote!(GicV2), value)
        }
        // No arm64 board has one.
        Controller::Plic { .. } | Controller::Aplic { .. } => {
            (TokenStream::new(), TokenStream::new())
        }
    }
}

/// What the monitor's assembly finds by name, and what it makes in variants of which one is linked.
pub(crate) fn symbols(system: &System) -> Vec<String> {
    let at = |name: &str, region: Region| format!("{name}={:#x}", region.start().get());
    let (controller, mut symbols) = match system.board.controller {
        Controller::GicV3 { .. } => ("", vec!["cofferdam_wait=cofferdam_wait_gicv3".to_owned()]),
        Controller::GicV2 {
            distributor,
            cpu_interface,
            ..
        } => {
            let symbols = vec![
                "cofferdam_wait=cofferdam_wait_gicv2".to_owned(),
                at("__distributor", distributor),
                at("__cpu_interface", cpu_interface),
            ];
            ("_gicv2", symbols)
        }
        Controller::Plic { .. } | Controller::Aplic { .. } => return Vec::new(),
    };
    let floating_point = match system.features.fpu {
        Fpu::Eager => "eager",
        Fpu::Lazy | Fpu::Exclusive(_) => "lazy",
    };
    let services = if has_fast_calls(system) {
        "_services"
    } else {
        ""
    };
    let aarch32 = if has_aarch32(system) { "_aarch32" } else { "" };
    let observed = if is_observed(system) { "_observed" } else { "" };
    let variant = format!("{floating_point}{services}{aarch32}{observed}{controller}");
    for (name, variants) in [
        ("cofferdam_table", "vectors_rich"),
        ("cofferdam_to_critical", "cofferdam_enter_critical"),
        ("cofferdam_to_rich", "cofferdam_enter_rich"),
    ] {
        symbols.push(format!("{name}={variants}_{variant}"));
    }
    symbols
}

/// Whether the system has calls that the vectors know a path of their own for.
fn has_fast_calls(system: &System) -> bool {
    !system.services.is_empty() || !system.channels.is_empty()
}

/// What the firmware includes: nothing, if the system has neither services nor channels.
fn fast_calls(system: &System) -> TokenStream {
    if !has_fast_calls(system) {
        return TokenStream::new();
    }
    let service = match system.services.is_empty() {
        true => quote!(|_, _| false),
        false => quote!(|registers, place| SERVICES.answer(registers, place)),
    };
    let ring = match system.channels.is_empty() {
        true => quote!(|_, _| false),
        false => quote!(|registers, place| MONITOR.answer_ring(registers, caller(place))),
    };
    let (callers, calls) = (
        services::callers(system),
        services::calls(
            system,
            &ident("cofferdam_arm64"),
            &quote!(cofferdam_arm64::service::now()),
        ),
    );
    quote! {
        #callers

        cofferdam_arm64::fast_calls!(#service, #ring);

        #calls
    }
}

/// The method by which calls from AArch32 are answered, for which the vectors have no path.
fn answers_aarch32(system: &System) -> Option<TokenStream> {
    let any = has_aarch32(system) && !system.services.is_empty();
    any.then(|| {
        quote! {
            #[inline(always)]
            fn answer_service(registers: &mut Registers, place: Place) -> bool {
                SERVICES.answer(registers, place)
            }
        }
    })
}
