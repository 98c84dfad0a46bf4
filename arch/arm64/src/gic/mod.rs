//! The interrupt controller: who owns which interrupt.
//!
//! Every Secure priority is below 0x80 and every other at or above it, which the hardware then keeps so:
//! Non-secure writes can only reach the upper half (IHI 0069, Non-secure accesses to register fields for Secure interrupt
//! priorities; IHI 0048, Interrupt grouping and interrupt prioritization). A board has one of two
//! generations, [`GicV3`] or [`GicV2`]; its description says which, and the other is not linked. What is alike
//! is said here; how each does it, there, and in the macros of `v3.S` and `v2.S` that the vectors use.

/// Writes a register of an array; the arrays are as long as the architecture has them, so none is missing.
macro_rules! put {
    ($registers:ident.$name:ident[$index:expr], $value:expr) => {
        if let Some(mut register) = field!($registers, $name).get($index) {
            register.write($value);
        }
    };
}

/// Reads one.
macro_rules! get {
    ($registers:ident.$name:ident[$index:expr]) => {
        field!($registers, $name)
            .get($index)
            .map_or(0, |register| register.read())
    };
}

mod its;
pub mod moving;
mod v2;
pub mod v3;

pub use v2::GicV2;
pub use v3::GicV3;

use cofferdam_core::ids::{CoreId, CoreSet, Slot};
use cofferdam_core::table::{Partition, System};

/// The SGI with which one core calls another's monitor (Group 0).
pub const SGI: u32 = 8;
/// INTID of the EL2 physical timer (PPI 10), the monitor's own (Group 0).
pub const MONITOR_TIMER: u32 = 26;
/// INTID of the Secure physical timer (PPI 13): a critical partition's, or the monitor's on a core that
/// has none.
pub const SECURE_TIMER: u32 = 29;

/// Priority that a critical partition's interrupts have when it starts; it may choose others below 0x80.
const CRITICAL_PRIORITY: u8 = if cfg!(feature = "weaken-priority") {
    0xf0
} else {
    0x40
};

/// What interrupted EL3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Another core called.
    Called,
    /// Another one of the monitor's own, by its number: a hook's, or the timer that bounds the critical slot.
    Other(u32),
    /// The monitor's tick, on a core without a critical partition.
    Tick,
    /// An interrupt of the rich side, while EL3 waits in its stead.
    Rich,
    /// Nothing any more.
    Spurious,
}

/// How a critical partition's Secure timer interrupt was before the monitor took it.
#[derive(Clone, Copy, Debug)]
pub struct Lent {
    priority: u8,
    enabled: bool,
}

/// What the monitor asks of an interrupt controller. Methods that name no core are about the one that runs.
pub trait Controller: Copy + core::fmt::Debug + Sync + 'static {
    /// What [`crate::context::Context::igrpen`] holds for a rich slot whose own interrupts are off.
    const CLOSED: u64;
    /// Bits of SCR_EL3 that bring the rich side's interrupts to EL3 while it waits in its stead.
    const WAKE_SCR: u64;
    /// Mask bits of SPSR_EL3 that have to be open for it.
    const WAKE_SPSR: u64;

    /// Sets up what all cores share, and what of each core the first one can reach. On the first core, before
    /// any other runs. Fails where the machine is not as the description says.
    fn set_up(&self, system: &System) -> Result<(), &'static str>;

    /// Whether every interrupt that this core can see is in the group of its owner, Secure ones below priority 0x80
    /// and all others at or above it.
    fn check(&self, system: &System) -> Result<(), &'static str>;

    /// Sets up the rest of this core. Fails where the machine is not as the description says.
    fn set_up_core(&self, system: &System, core: CoreId) -> Result<(), &'static str>;

    /// What the health monitor looks at, which knows a GICv3 only: on others no description has one.
    fn watched(&self) -> Option<&GicV3>;

    /// Puts a critical partition's interrupts into the state in which it finds them at its start: its own,
    /// disabled, at its boot core, none pending or active.
    fn claim(&self, system: &System, partition: &Partition);

    /// Takes this core's private interrupts away from the rich side: disabled, not pending, not active, LPIs off.
    fn silence_private(&self, core: CoreId);

    /// Takes all shared interrupts away from the rich side, in whose group they are, and waits until nothing of the
    /// controller is in its memory any more. Called when none of its cores runs, from a thread: it may be preempted anywhere.
    fn silence_shared(&self, cores: CoreSet);

    /// Puts back what of this core's interface the rich side could change. SCR_EL3.NS is 1.
    fn reset_rich(&self);

    /// None of the critical partition's interrupts comes to this core any more, and none is active.
    fn reset_critical(&self, system: &System, core: CoreId);

    /// Lets interrupts of the rich side be signalled.
    fn show_rich(&self);

    /// Whether they are.
    fn shows_rich(&self) -> bool;

    /// Lets none of them be signalled.
    fn hide_rich(&self);

    /// Makes a core's Secure timer interrupt the monitor's, and holds the critical partition's others back. `None`
    /// where the controller cannot; partitions have no budget there.
    fn lend_secure_timer(&self, core: CoreId) -> Option<Lent>;

    /// Gives the Secure timer interrupt back.
    fn return_secure_timer(&self, core: CoreId, lent: Lent);

    /// Takes the interrupt that brought this core to EL3 and ends it. A timer's is still asserted then: the
    /// caller sets the timer anew, or turns it off, before it returns.
    fn acknowledge(&self) -> Cause;

    /// Makes a shared interrupt of the rich side pending.
    fn make_pending(&self, id: u32);

    /// Calls the monitor of a core, known by its affinity.
    fn call(&self, hardware_id: u64);
}

/// Whether a hook has this interrupt.
fn is_hooked(system: &System, id: u32) -> bool {
    system.hooked.iter().any(|hooked| hooked.interrupt == id)
}

/// Whether a critical partition owns this interrupt; a private one, on this core.
fn is_critical(system: &System, id: u32, core: Option<CoreId>) -> bool {
    let mut owners = system
        .partitions
        .iter()
        .filter(|p| p.slot == Slot::Critical);
    owners.any(|p| p.interrupts.contains(&id) && core.is_none_or(|core| p.cores.contains(core)))
}

/// The private timer interrupt of a core that is the monitor's.
pub fn own_timer(system: &System, core: CoreId) -> u32 {
    match system.occupant(core, Slot::Critical) {
        Some(_) => MONITOR_TIMER,
        None => SECURE_TIMER,
    }
}
