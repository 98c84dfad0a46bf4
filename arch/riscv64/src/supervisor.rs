//! What S-mode can write, and what it is given, apart from the registers of a program: saved, loaded and begun afresh.

use crate::context::NEVER;
use crate::csr::{self, SSI, STI, SUPERVISOR};
use crate::hypervisor;
pub use crate::policy::Delegated;

/// What S-mode can write on some harts only.
#[derive(Clone, Copy, Debug)]
pub struct Optional {
    /// The D extension.
    pub floating_point: bool,
    /// senvcfg.
    pub environment: bool,
    /// stimecmp.
    pub timer: bool,
    /// The H extension.
    pub hypervisor: bool,
}

impl Optional {
    /// None of it.
    pub const NONE: Self = Self {
        floating_point: false,
        environment: false,
        timer: false,
        hypervisor: false,
    };

    /// What this hart has. Nothing, if it has state that is not exchanged (V; F without D), or does not say.
    pub fn of_this_hart() -> Option<Self> {
        let has = csr::extensions();
        let floating_point = has & bit(b'D') != 0;
        if has == 0 || has & bit(b'V') != 0 || !floating_point && has & bit(b'F') != 0 {
            return None;
        }
        Some(Self {
            floating_point,
            environment: csr::has_environment(),
            timer: csr::hand_timer_over(),
            hypervisor: has & bit(b'H') != 0,
        })
    }
}

/// Of misa.
const fn bit(letter: u8) -> u64 {
    1 << (letter - b'A')
}

/// S-mode's registers of a partition that is not loaded. `switch.S` exchanges them.
#[derive(Clone, Debug)]
#[repr(C)]
pub struct Supervisor {
    pub(crate) delegated: Delegated,
    /// Of mip, what no device holds: SSIP and STIP.
    pub(crate) pending: u64,
    /// All of mie, what is M-mode's too.
    pub(crate) enabled: u64,
    pub(crate) vector: u64,
    pub(crate) scratch: u64,
    pub(crate) pc: u64,
    pub(crate) cause: u64,
    pub(crate) value: u64,
    pub(crate) translation: u64,
    pub(crate) counters: u64,
    pub(crate) environment: u64,
    /// stimecmp. From here on what `switch.S` does not know.
    pub(crate) timer: u64,
    /// vstimecmp.
    guest_timer: u64,
    hypervisor: hypervisor::Registers,
}

impl Supervisor {
    /// As before the first instruction: nothing of S-mode's is enabled or pending.
    pub const fn new(delegated: Delegated) -> Self {
        Self {
            delegated,
            pending: 0,
            enabled: csr::MACHINE,
            vector: 0,
            scratch: 0,
            pc: 0,
            cause: 0,
            value: 0,
            translation: 0,
            // SBI leaves it open; a kernel expects U-mode to read `time`, as its vDSO does.
            counters: csr::TIME,
            environment: 0,
            timer: NEVER,
            guest_timer: NEVER,
            hypervisor: hypervisor::ZERO,
        }
    }

    /// What its partition takes itself.
    pub const fn delegated(&self) -> Delegated {
        self.delegated
    }

    /// What its partition enabled.
    pub const fn enabled(&self) -> u64 {
        self.enabled & SUPERVISOR
    }

    /// Puts aside what `switch.S` does not know.
    pub fn save_more(&mut self, has: Optional) {
        if has.timer {
            self.timer = csr::supervisor_timer();
        }
        if has.hypervisor {
            hypervisor::save(&mut self.hypervisor);
            if has.timer {
                self.guest_timer = csr::guest_timer();
            }
        }
    }

    /// Loads all of them, at first. What a device holds pending stays pending, for who has it delegated.
    pub fn load(&self, has: Optional) {
        csr::delegate_exceptions(self.delegated.exceptions);
        csr::delegate_interrupts(self.delegated.interrupts);
        csr::clear_pending(SSI | STI);
        csr::set_pending(self.pending);
        csr::set_enabled(self.enabled);
        csr::set_supervisor_vector(self.vector);
        csr::set_supervisor_scratch(self.scratch);
        csr::set_supervisor_pc(self.pc);
        csr::set_supervisor_cause(self.cause);
        csr::set_supervisor_value(self.value);
        csr::set_translation(self.translation);
        csr::set_supervisor_counters(self.counters);
        if has.environment {
            csr::set_supervisor_environment(self.environment);
        }
        self.load_more(has);
    }

    /// Loads what `switch.S` does not know.
    pub fn load_more(&self, has: Optional) {
        if has.timer {
            csr::set_supervisor_timer(self.timer);
        }
        if has.hypervisor && !cfg!(feature = "weaken-switch") {
            hypervisor::load(&self.hypervisor);
            if has.timer {
                csr::set_guest_timer(self.guest_timer);
            }
        }
    }
}
