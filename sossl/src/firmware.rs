//! The monitor of a system: its tables in Rust, its linker script.

use crate::layout::{Kind, Layout};
use crate::tokens::{bits, hex, literal};
use crate::{Error, channels, hooks, print, requests, riscv64, services, source_name};
use cofferdam_core::record;
use cofferdam_core::region::Region;
use cofferdam_system::model::{self, Caches, Controller, CoreId, Driver, Fpu, Partition, Policy};
use cofferdam_system::{Arch, Endianness, Level, State, System};
use minijinja::{Environment, Value, context};
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens as _, quote};
use std::time::Duration;

/// What is generated for the monitor.
#[derive(Clone, Debug)]
pub struct Firmware {
    /// Items for the firmware crate: `CONFIGURATION`, `TABLES` and `MAPPINGS`. They expect the type `Board`
    /// in scope.
    pub rust: String,
    /// The linker script.
    pub linker: String,
    /// Symbols that the linker defines, as `NAME=VALUE`.
    pub symbols: Vec<String>,
}

/// Generates the monitor of a system. `template` is the board's linker script.
pub fn firmware(system: &System, template: &str) -> Result<Firmware, Error> {
    match system.board.arch {
        Arch::Arm64 => {
            let layout = Layout::of(system)?;
            Ok(Firmware {
                rust: print(system, items(system, &layout))?,
                linker: render(template, linker(system, &layout))?,
                symbols: symbols(system),
            })
        }
        Arch::Riscv64 => {
            let layout = riscv64::Layout::of(system)?;
            Ok(Firmware {
                rust: print(system, riscv64::items(system, &layout)?)?,
                linker: render(template, layout.linker(system))?,
                symbols: Vec::new(),
            })
        }
    }
}

fn render(template: &str, values: Value) -> Result<String, Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    Ok(environment.render_str(template, values)?)
}

fn linker(system: &System, layout: &Layout) -> Value {
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

fn items(system: &System, layout: &Layout) -> TokenStream {
    let partitions = system.partitions.iter().map(|p| partition(system, p));
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
    let services = services::fast_calls(system);
    let (hooks, has_hooks) = (hooks::tables(system), hooks::features(system));
    let hooked = hooks::hooked(system);
    let (channels, has_channels) = (channels::table(system), channels::feature(system));
    let has_requests = requests::feature(system);
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

        const HZ: u64 = <Board as Platform>::COUNTER_HZ;

        const fn region(start: u64, size: u64) -> Region {
            match Region::from_raw(start, size) {
                Ok(region) => region,
                Err(_) => panic!("an empty or wrapping region"),
            }
        }

        type InterruptController = gic::#controller;

        static RECORDS: [record::Place; #records] = [const { record::Place::new() }; _];

        static PROFILES: [profile::Core; #profiles] = [const { profile::Core::new() }; _];

        #observed

        static CONFIGURATION: Configuration<InterruptController> = Configuration {
            system: System {
                partitions: &[#(#partitions),*],
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

        /// What the system switches on.
        struct Features;

        impl platform::Features for Features {
            const CHECKS: health::Checks = #checks;
            #aarch32
            const LOG: platform::Log = #log;
            const PROFILING: profile::Profiling = profile::Profiling::#profiling;

            #has_channels

            #has_requests

            #has_hooks
        }

        type TranslationTables = Tables<#tables>;

        const TRANSLATION_TABLES: TranslationTables = Tables::build(#tables_at, &[#(#mappings),*]);

        #services

        #hooks
    }
}

pub(crate) fn partition(system: &System, partition: &Partition) -> TokenStream {
    let name = &partition.name;
    let slot = if partition.is_critical() {
        quote!(Slot::Critical)
    } else {
        quote!(Slot::Rich)
    };
    let boot = literal(partition.cores.boot.index());
    let cores = core_set(partition);
    let memory = partition.memory.iter().map(|memory| region(memory.region));
    let interrupts = system
        .devices(partition)
        .flat_map(|device| &device.interrupts)
        .map(|interrupt| Literal::u32_unsuffixed(interrupt.number()));
    let hypervisor = partition.entry.level == Level::El2;
    let aarch32 = partition.entry.state == State::Aarch32;
    let big_endian = partition.entry.endianness == Endianness::Big;
    let caches = partition.caches == Caches::On;
    let [crash, reset, off] = [
        partition.on_crash,
        partition.on_reset,
        partition.on_power_off,
    ]
    .map(policy);
    let hang = option(partition.on_hang.map(|hang| {
        let (after, policy) = (ticks(hang.after), policy(hang.then));
        quote!(table::Watchdog { after: #after, policy: #policy })
    }));
    let deadline = option(partition.deadline.map(|deadline| {
        let (period, within) = (ticks(deadline.period), ticks(deadline.within));
        quote!(table::Deadline { period: #period, within: #within })
    }));
    let budget = option(partition.budget.map(|budget| {
        let (time, period) = (ticks(budget.time), ticks(budget.period));
        quote!(table::Budget { time: #time, period: #period })
    }));
    quote! {
        Partition {
            name: #name,
            slot: #slot,
            boot: CoreId(#boot),
            cores: #cores,
            memory: &[#(#memory),*],
            interrupts: &[#(#interrupts),*],
            entry: table::Entry { hypervisor: #hypervisor, aarch32: #aarch32, big_endian: #big_endian },
            caches: #caches,
            on_crash: #crash,
            on_reset: #reset,
            on_power_off: #off,
            on_hang: #hang,
            deadline: #deadline,
            budget: #budget,
        }
    }
}

pub(crate) fn core_entry(system: &System, core: CoreId) -> TokenStream {
    let affinity = system
        .board
        .cores
        .get(core.index())
        .map_or(0, |mpidr| mpidr.0);
    let affinity = hex(affinity);
    let occupant = |critical: bool| {
        let found = system.on_core(core).find(|p| p.is_critical() == critical);
        option(found.map(|partition| {
            let id = literal(partition.id.index());
            quote!(PartitionId(#id))
        }))
    };
    let (critical, rich) = (occupant(true), occupant(false));
    quote!(Core { hardware_id: #affinity, critical: #critical, rich: #rich })
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
        Controller::Plic { .. } => (TokenStream::new(), TokenStream::new()),
    }
}

/// What the monitor's assembly finds by name, and what it makes in variants of which one is linked.
fn symbols(system: &System) -> Vec<String> {
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
        Controller::Plic { .. } => return Vec::new(),
    };
    let floating_point = match system.features.fpu {
        Fpu::Eager => "eager",
        Fpu::Lazy | Fpu::Exclusive(_) => "lazy",
    };
    let services = if services::has_fast_calls(system) {
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

fn checks(system: &System) -> TokenStream {
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
        let (core, gap) = (literal(driver.core.index()), option(driver.gap.map(ticks)));
        quote!(health::Health { period: #period, on_fault: #on_fault, driver: CoreId(#core), gap: #gap })
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

fn log(system: &System) -> TokenStream {
    let log = system.features.log;
    let level = match log.level {
        model::LogLevel::Error => quote!(record::Level::Error),
        model::LogLevel::Warn => quote!(record::Level::Warn),
        model::LogLevel::Info => quote!(record::Level::Info),
        model::LogLevel::Debug => quote!(record::Level::Debug),
    };
    let device = log.device.and_then(|id| system.board.device(id)?.region);
    let device = option(device.map(|region| hex(region.start().get()).into_token_stream()));
    quote!(platform::Log { level: #level, device: #device })
}

fn profiling(system: &System) -> TokenStream {
    match system.features.profiling {
        model::Profiling::None => quote!(None),
        model::Profiling::Counters => quote!(Counters),
        model::Profiling::Histograms => quote!(Histograms),
    }
}

fn counts(system: &System) -> bool {
    system.features.profiling != model::Profiling::None
}

/// Whether the vectors are to say when they switch.
fn is_observed(system: &System) -> bool {
    counts(system) || hooks::of_switch(system)
}

/// How many records fit into the log's ring.
fn records(system: &System) -> Literal {
    Literal::u64_unsuffixed(system.features.log.ring / size_of::<record::Place>() as u64)
}

fn failure(failure: model::Failure) -> TokenStream {
    match failure {
        model::Failure::SafeState => quote!(health::Failure::SafeState),
        model::Failure::Stop => quote!(health::Failure::Stop),
    }
}

fn core_set(partition: &Partition) -> TokenStream {
    let cores = partition
        .cores
        .all()
        .fold(0_u64, |bits, core| bits | 1 << core.index());
    let bits = bits(cores);
    quote!(CoreSet::from_bits(#bits))
}

pub(crate) fn region(region: Region) -> TokenStream {
    let (start, size) = (hex(region.start().get()), hex(region.len().get()));
    quote!(region(#start, #size))
}

fn policy(policy: Policy) -> TokenStream {
    match policy {
        Policy::Stop => quote!(Policy::Stop),
        Policy::Restart => quote!(Policy::Restart),
        Policy::SafeState => quote!(Policy::SafeState),
    }
}

fn ticks(time: Duration) -> TokenStream {
    let nanoseconds = Literal::u128_unsuffixed(time.as_nanos());
    quote!(ticks(HZ, #nanoseconds))
}

fn option(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(Some(#value)),
        None => quote!(None),
    }
}
