//! What a board gives the monitor.

use crate::channel::Channel;
use crate::gic::Controller;
use crate::hook::{Hook, Interrupt};
use crate::migration::Migration;
use crate::request::Request;
use cofferdam_core::health::Checks;
use cofferdam_core::hook::Switch;
use cofferdam_core::ids::PartitionId;
use cofferdam_core::profile::{self, Profiling};
use cofferdam_core::record::{Level, Place};
use cofferdam_core::region::Region;
use cofferdam_core::service::{self, Registers};
use cofferdam_core::table::System;
pub use cofferdam_core::table::{interval, ticks};
use core::marker::PhantomData;

/// Numbers of the board, from its description.
#[derive(Clone, Copy, Debug)]
pub struct Hardware {
    /// The flash with the monitor and the images.
    pub flash: Region,
    /// Address of the image table in it.
    pub image_table: u64,
    /// Stacks of all cores: [`crate::stack`] says how they lie.
    pub stacks: u64,
}

/// What a system is to the monitor: tables from the description, all constant.
#[derive(Clone, Copy, Debug)]
pub struct Configuration<G> {
    /// Who lives here.
    pub system: System,
    /// On what.
    pub hardware: Hardware,
    /// The interrupt controller.
    pub gic: G,
    /// Counter ticks between the monitor's ticks on a core without a critical partition.
    pub tick: u64,
    /// Room for the log's records.
    pub records: &'static [Place],
    /// What is counted of each core; empty where nothing is.
    pub profiles: &'static [profile::Core],
}

/// What the monitor keeps of what happens, and where it says so when it ends.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    /// What is kept; what is not is not compiled.
    pub level: Level,
    /// Address of the UART for the report at the monitor's end; without one, there is none.
    pub device: Option<u64>,
}

/// A board. Its methods are called by one core at a time, but for [`Platform::console`] and
/// [`Platform::safe_state`] in a panic.
pub trait Platform: 'static {
    /// Ticks a second of the system counter (CNTFRQ_EL0).
    const COUNTER_HZ: u64;

    /// The interrupt controller.
    type Gic: Controller;

    /// What the system wants looked after. Not the board's to say: see [`Featured`].
    const CHECKS: Checks = Checks::AT_BOOT;

    /// Whether a partition of the system is in AArch32. Not the board's to say either.
    const AARCH32: bool = false;

    /// The system's log. Not the board's to say either.
    const LOG: Log = Log {
        level: Level::Info,
        device: None,
    };

    /// What the system counts. Not the board's to say either.
    const PROFILING: Profiling = Profiling::None;

    /// The system's channels. Not the board's to say either.
    fn channels() -> &'static [Channel] {
        &[]
    }

    /// Answers a call of a service, as the vectors have it answered. Not the board's to say either.
    fn answer_service(_: &mut Registers, _: service::Place) -> bool {
        false
    }

    /// Places for requests to the system's partitions. Not the board's to say either.
    fn requests() -> &'static [Request] {
        &[]
    }

    /// The moves of its critical partition, if that may move. Not the board's to say either.
    #[inline(always)]
    fn migration() -> Option<&'static Migration> {
        None
    }

    /// The hooks of the system, in the order of its description.
    #[inline(always)]
    fn hooks() -> &'static [Hook] {
        &[]
    }

    /// Those at interrupts, in the order of `System::hooked`.
    #[inline(always)]
    fn interrupts() -> &'static [Interrupt] {
        &[]
    }

    /// A core leaves a slot for the other.
    #[inline(always)]
    fn before_switch(_: Switch) {}

    /// A core came to a slot.
    #[inline(always)]
    fn after_switch(_: Switch) {}

    /// Writes to the UART at this address. Never waits: what does not fit is lost.
    fn console(device: u64, bytes: &[u8]);

    /// Puts the outputs into the state that is safe without software.
    fn safe_state();

    /// Stops every bus master of a partition: afterwards none writes memory on its own.
    fn quiesce(partition: PartitionId);
}

/// What a system switches on, as constants: what is off is not compiled.
pub trait Features: 'static {
    /// Self-tests and health monitor.
    const CHECKS: Checks;

    /// A partition in AArch32.
    const AARCH32: bool = false;

    /// What is recorded, and where it is said.
    const LOG: Log;

    /// What is counted.
    const PROFILING: Profiling;

    /// Links between partitions.
    #[inline(always)]
    fn channels() -> &'static [Channel] {
        &[]
    }

    /// Answers a call of the SiP or OEM range from AArch32; `false`, with nothing changed, if it is no service's.
    #[inline(always)]
    fn answer_service(_: &mut Registers, _: service::Place) -> bool {
        false
    }

    /// Places for requests to partitions that handle services.
    #[inline(always)]
    fn requests() -> &'static [Request] {
        &[]
    }

    /// The moves of a critical partition that may move.
    #[inline(always)]
    fn migration() -> Option<&'static Migration> {
        None
    }

    /// The hooks of the system, in the order of its description.
    #[inline(always)]
    fn hooks() -> &'static [Hook] {
        &[]
    }

    /// Those at interrupts, in the order of `System::hooked`.
    #[inline(always)]
    fn interrupts() -> &'static [Interrupt] {
        &[]
    }

    /// A core leaves a slot for the other.
    #[inline(always)]
    fn before_switch(_: Switch) {}

    /// A core came to a slot.
    #[inline(always)]
    fn after_switch(_: Switch) {}
}

/// A board with the features of a system.
#[derive(Debug)]
pub struct Featured<B, F>(PhantomData<fn() -> (B, F)>);

impl<B: Platform, F: Features> Platform for Featured<B, F> {
    type Gic = B::Gic;

    const COUNTER_HZ: u64 = B::COUNTER_HZ;
    const CHECKS: Checks = F::CHECKS;
    const AARCH32: bool = F::AARCH32;
    const LOG: Log = F::LOG;
    const PROFILING: Profiling = F::PROFILING;

    #[inline(always)]
    fn channels() -> &'static [Channel] {
        F::channels()
    }

    #[inline(always)]
    fn answer_service(registers: &mut Registers, place: service::Place) -> bool {
        F::answer_service(registers, place)
    }

    #[inline(always)]
    fn requests() -> &'static [Request] {
        F::requests()
    }

    #[inline(always)]
    fn migration() -> Option<&'static Migration> {
        F::migration()
    }

    #[inline(always)]
    fn hooks() -> &'static [Hook] {
        F::hooks()
    }

    #[inline(always)]
    fn interrupts() -> &'static [Interrupt] {
        F::interrupts()
    }

    #[inline(always)]
    fn before_switch(switch: Switch) {
        F::before_switch(switch);
    }

    #[inline(always)]
    fn after_switch(switch: Switch) {
        F::after_switch(switch);
    }

    fn console(device: u64, bytes: &[u8]) {
        B::console(device, bytes);
    }

    fn safe_state() {
        B::safe_state();
    }

    fn quiesce(partition: PartitionId) {
        B::quiesce(partition);
    }
}
