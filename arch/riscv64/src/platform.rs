//! What a board and a system give the monitor.

use crate::channel::Channel;
use crate::clint::Clint;
use crate::controller::Controller;
use crate::pmp;
use crate::sources::Sources;
use cofferdam_core::ids::MAX_CORES;
use cofferdam_core::record::{Level, Place};
use cofferdam_core::region::Region;
use cofferdam_core::table::System;

/// Numbers of the board, from its description.
#[derive(Clone, Copy, Debug)]
pub struct Hardware {
    /// The flash with the monitor and the images.
    pub flash: Region,
    /// Address of the image table in it.
    pub image_table: u64,
    /// Software interrupts and timers.
    pub clint: Clint,
    /// External interrupts.
    pub controller: Controller,
    /// Ticks of MTIME a second.
    pub timebase: u64,
}

/// What a system is to the monitor: tables from the description, all constant.
#[derive(Clone, Copy, Debug)]
pub struct Configuration {
    /// Who lives here.
    pub system: System,
    /// On what.
    pub hardware: Hardware,
    /// What each slot of each hart can reach below M-mode.
    pub images: [[pmp::Image; 2]; MAX_CORES],
    /// Sources of the interrupt controller that each partition owns.
    pub sources: &'static [Sources],
    /// Registers of the bus masters that each partition owns.
    pub masters: &'static [&'static [Region]],
    /// Which records are kept, and room for them.
    pub log: Level,
    /// See [`Configuration::log`].
    pub records: &'static [Place],
    /// Channels, by their numbers.
    pub channels: &'static [Channel],
}

/// A board. Its methods are called by one hart at a time, but for [`Platform::console`] and
/// [`Platform::safe_state`] in a panic.
pub trait Platform: 'static {
    /// Writes to where a panic is reported. Never waits: what does not fit is lost. No partition runs any more.
    fn console(bytes: &[u8]);

    /// Puts the outputs into the state that is safe without software.
    fn safe_state();

    /// Stops the bus masters whose registers are here: afterwards none writes memory on its own.
    fn quiesce(registers: Region);

    /// The system's channels, not the board's to say: [`firmware!`](crate::firmware) does. A system without has nothing of what serves them.
    fn channels() -> &'static [Channel] {
        &[]
    }

    /// What brings external interrupts, likewise: a system with one kind has nothing of what serves the other.
    fn controller() -> &'static Controller {
        &Controller::NONE
    }
}
