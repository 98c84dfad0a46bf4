//! What a critical partition takes along when it moves to another core ([`cofferdam_core::migration`]).
//!
//! The core that it leaves fills it, the one that it comes to empties it; the signal between them comes after the one and before
//! the other. Systems without `migration:` hold none of this: [`Platform::migration`](crate::platform::Platform::migration) is none.

use crate::context::{Budget, Context, FloatingPoint, SYSTEM_REGISTERS};
use crate::event::UNBOUNDED;
use crate::gic::moving::Private;
use crate::lock::Lock;
use crate::register::SecureTimer;
use cofferdam_core::migration::{Mover, Rule};

/// The moves of the one critical partition that may.
#[derive(Debug)]
pub struct Migration {
    /// How far a move is.
    pub mover: Lock<Mover>,
    /// What is on its way.
    pub baggage: Lock<Baggage>,
}

impl Migration {
    /// No move yet.
    pub const fn new(rule: Rule) -> Self {
        Self {
            mover: Lock::new(Mover::new(rule)),
            baggage: Lock::new(Baggage::NOTHING),
        }
    }
}

/// All of a partition that is a core's own. The rest is memory, and the distributor's.
#[derive(Debug)]
pub struct Baggage {
    /// As it was left.
    pub context: Context,
    /// Its floating point.
    pub floating_point: FloatingPoint,
    /// Where it takes cross calls.
    pub handler: u64,
    /// What it has left of its time: a move gives it no more.
    pub budget: Budget,
    /// The compare value is one of the system counter, which all cores read the same (Arm ARM, The Generic Timer).
    pub timer: SecureTimer,
    /// Its private interrupts.
    pub private: Private,
    /// Whether its interrupts were on at the interface before they were held back for the move.
    pub open: bool,
}

impl Baggage {
    const NOTHING: Self = Self {
        context: Context {
            gpr: [0; 31],
            elr: 0,
            spsr: 0,
            igrpen: 0,
            scr: 0,
            cptr: 0,
            system: [0; SYSTEM_REGISTERS.len()],
            spare: [0; 2],
        },
        floating_point: FloatingPoint {
            q: [0; 32],
            control: [0; 2],
        },
        handler: 0,
        budget: UNBOUNDED,
        timer: SecureTimer::STOPPED,
        private: Private::NONE,
        open: false,
    };
}
