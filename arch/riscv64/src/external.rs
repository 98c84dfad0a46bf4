//! External interrupts: who has which context of the interrupt controller ([`crate::plic`]), and how they reach a critical
//! partition that shares its hart. Where they are messages ([`crate::aplic`]), no hart is shared.
//!
//! A partition has the context of S-mode of each of its harts. A hart that two share has one such context, which is the rich one's. The critical
//! one has that of M-mode in its place, by the number of S-mode's: so its interrupts reach the monitor whatever runs,
//! and the monitor passes them on by the software bit of SEIP. That says what M-mode's line says (MEIP), looked at
//! on the way out of each trap that reaches Rust; the line interrupts by itself where it comes between. Claiming and completing are done by
//! the monitor, so it sees each change that the partition makes on this hart. Where another hart of the partition claims, the bit stays until then:
//! its handler finds nothing to claim.
//!
//! While the critical slot is loaded, the threshold of the rich one's context lets nothing through: S-mode's line is low, and what is
//! pending for the rich one is not seen.

use crate::aplic;
use crate::controller::Controller;
use crate::hart::Hart;
use crate::monitor::{Here, Monitor};
use crate::platform::Platform;
use crate::plic::{Plic, Seat, View};
use crate::sources::Sources;
use crate::{csr, imsic};
use cofferdam_core::ids::{CoreId, Slot};
use cofferdam_core::table::Partition;

impl<P: Platform> Monitor<P> {
    /// As a hart starts: the first one before the others.
    pub(crate) fn set_up_external(&self, core: CoreId) {
        let Some(aplic) = P::controller().aplic() else {
            return;
        };
        csr::set_virtual_interrupts(0);
        if core == CoreId(0) {
            let owners = self.configuration.sources;
            aplic.set_up(|source| owners.iter().any(|it| it.has(source)));
        }
    }

    /// Whether a partition has external interrupts. Its harts send each other some where they are messages.
    pub(crate) fn has_external(partition: &Partition) -> bool {
        P::controller().aplic().is_some() || !partition.interrupts.is_empty()
    }

    /// What the partition that runs has of S-mode's domain.
    pub(crate) fn domain(&self, here: Here) -> aplic::View<'_, impl Fn(u32) -> bool> {
        let has =
            move |hart| u8::try_from(hart).is_ok_and(|n| here.partition.cores.contains(CoreId(n)));
        aplic::View {
            sources: self.sources(here),
            has,
        }
    }

    /// What the partition that runs has of the controller.
    pub(crate) fn view(&self, plic: Plic, here: Here) -> View<'_, impl Fn(u64) -> Option<Seat>> {
        let seat = move |known| {
            let core = plic.supervised_by(known)?;
            let is_own = here.partition.cores.contains(core);
            is_own.then(|| Seat {
                core,
                context: self.context(plic, here, core),
            })
        };
        View {
            here: here.core,
            sources: self.sources(here),
            seat,
        }
    }

    /// The context by which the partition that runs has its interrupts on one of its harts.
    fn context(&self, plic: Plic, here: Here, core: CoreId) -> u64 {
        let it = self.configuration.system.cores.get(core.index());
        let is_shared = it.is_some_and(|it| it.critical.is_some() && it.rich.is_some());
        if is_shared && here.slot == Slot::Critical {
            plic.machine_context(core)
        } else {
            plic.supervisor_context(core)
        }
    }

    fn sources(&self, here: Here) -> &'static Sources {
        let sources = self.configuration.sources.get(here.id.index());
        sources.unwrap_or(const { &Sources::NONE })
    }

    /// The partition that runs gets no interrupts on this hart any more.
    pub(crate) fn silence_sources(&self, here: Here) {
        match P::controller() {
            Controller::Plic(_) if here.partition.interrupts.is_empty() => {}
            Controller::Plic(plic) => plic.silence(self.context(*plic, here, here.core)),
            Controller::Aplic(aplic) => imsic::clear(aplic.identities),
        }
    }

    /// It is to be loaded, and runs on no hart: its sources are as nobody's.
    pub(crate) fn release_sources(&self, here: Here) {
        if here.partition.interrupts.is_empty() {
            return;
        }
        let sources = self.sources(here);
        match P::controller() {
            Controller::Plic(plic) => {
                plic.release(self.context(*plic, here, here.core), sources);
                self.clear_doorbells(here.id);
            }
            Controller::Aplic(aplic) => aplic.release(sources),
        }
    }

    /// Before the hart goes on or sleeps: external interrupts that are the monitor's to make.
    pub(crate) fn make_external(&self, hart: &mut Hart) {
        if !hart.makes_external() {
            return;
        }
        if hart.has_doorbells() && hart.loaded() == Slot::Rich {
            self.assert_doorbells(hart);
        }
        if hart.passes_external_on() {
            pass_external_on(hart);
        }
    }
}

/// What M-mode's line says is the critical partition's external interrupt. The line interrupts only where that would change something.
fn pass_external_on(hart: &mut Hart) {
    let is_asserted = csr::pending() & csr::MEI != 0;
    let would_change = match hart.loaded() {
        Slot::Critical if is_asserted => {
            csr::set_pending(csr::SEI);
            false
        }
        Slot::Critical => {
            csr::clear_pending(csr::SEI);
            true
        }
        Slot::Rich => {
            let critical = hart.slot(Slot::Critical);
            let enabled = critical.supervisor.enabled() & csr::SEI != 0;
            enabled && critical.state.waits()
        }
    };
    if would_change {
        csr::enable(csr::MEI);
    } else {
        csr::disable(csr::MEI);
    }
}
