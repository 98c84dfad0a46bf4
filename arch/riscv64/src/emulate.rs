//! Does a partition's loads and stores of the interrupt controller's words, which trap: PMP has no entry for them.
//!
//! The monitor is a deputy here that could be confused: it has the right to what the partition has not. So what the access is, it finds out by
//! itself and as the processor would, not by mtval: the instruction at mepc, read once; the address, by a walk of its
//! own of the partition's tables (`translate.rs`; MPRV would walk them with M-mode's rights to what the entries name). Tables and
//! instruction count only in the partition's own memory. Another hart may change all of it meanwhile: then this is some other
//! access of that partition, which is filtered as any.
//!
//! Bounded by two walks for an instruction of four bytes and one for the address, of five entries at most.

use crate::aplic::Register;
use crate::controller::Controller;
use crate::csr;
use crate::decode::{self, Access, Direction};
use crate::hart::Hart;
use crate::monitor::{Here, Monitor};
use crate::platform::Platform;
use crate::translate::{Purpose, Space};
use cofferdam_core::table::Partition;

impl<P: Platform> Monitor<P> {
    /// A load or store that PMP did not permit: of the interrupt controller, or the partition's own fault.
    pub(crate) fn access_fault(&self, hart: &mut Hart, cause: u64) {
        let value = csr::trap_value();
        if self.access_controller(hart).is_none() {
            hart.current().reflect(cause, value);
        }
    }

    /// Nothing where it is no access of a word of the controller, and nothing was done.
    fn access_controller(&self, hart: &mut Hart) -> Option<()> {
        let here = self.here(hart)?;
        let context = hart.current();
        if csr::is_from_guest(context.status) {
            return None;
        }
        let space = Space {
            translation: csr::translation(),
            status: context.status,
        };
        let access = fetch(here.partition, space, context.pc)?;
        let address = context
            .register(access.base)
            .wrapping_add_signed(access.offset);
        let purpose = match access.direction {
            Direction::Load { .. } => Purpose::Load,
            Direction::Store(_) => Purpose::Store,
        };
        let physical = space.translate(address, purpose, |at| entry(here.partition, at))?;
        match access.direction {
            Direction::Load { to, signed } => {
                let word = self.load(here, physical)?;
                let extended = if signed {
                    i64::from(word.cast_signed()).cast_unsigned()
                } else {
                    u64::from(word)
                };
                context.set_register(to, extended);
            }
            Direction::Store(from) => {
                let [a, b, c, d, ..] = context.register(from).to_le_bytes();
                self.store(here, physical, u32::from_le_bytes([a, b, c, d]))?;
            }
        }
        context.pc = context.pc.wrapping_add(access.length);
        Some(())
    }

    /// What the partition that runs loads from the controller's word at an address, if there is one.
    fn load(&self, here: Here, at: u64) -> Option<u32> {
        match P::controller() {
            Controller::Plic(plic) => {
                let found = self.view(*plic, here).load(plic.register(at)?);
                Some(found.map_or(0, |(register, mask)| {
                    let word = plic.read(register) & mask;
                    self.load_doorbells(here, register, word)
                }))
            }
            Controller::Aplic(aplic) => {
                let register = Register::at(aplic.word(at)?);
                let view = self.domain(here);
                let word = register.and_then(|it| Some(aplic.read(it) & view.load(it)?));
                Some(word.unwrap_or(0))
            }
        }
    }

    /// Stores likewise.
    fn store(&self, here: Here, at: u64, value: u32) -> Option<()> {
        match P::controller() {
            Controller::Plic(plic) => {
                let found = self.view(*plic, here).store(plic.register(at)?, value);
                if let Some((register, value)) = found {
                    plic.write(register, value);
                    self.store_doorbells(here, register, value);
                }
            }
            Controller::Aplic(aplic) => {
                let register = Register::at(aplic.word(at)?);
                let view = self.domain(here);
                let found = register.and_then(|it| Some((it, view.store(it, value)?)));
                if let Some((register, value)) = found {
                    self.domain.with(|()| {
                        // A lock orders memory, not devices.
                        csr::fence_devices();
                        aplic.store(&view, register, value);
                        csr::fence_devices();
                    });
                    self.ring_again(*aplic, here, register);
                }
            }
        }
        Some(())
    }
}

/// The instruction at an address, if it is one that is done here.
fn fetch(partition: &Partition, space: Space, pc: u64) -> Option<Access> {
    let half = |address| {
        let read = |at| entry(partition, at);
        let at = space.translate(address, Purpose::Fetch, read)?;
        is_own(partition, at, 2).then(|| {
            // SAFETY: in the partition's memory. It may change at any time: each half is read once.
            unsafe { (at as *const u16).read_volatile() }
        })
    };
    let first = half(pc)?;
    if decode::is_compressed(first) {
        return decode::compressed(first);
    }
    let second = half(pc.wrapping_add(2))?;
    decode::whole(u32::from(second) << 16 | u32::from(first))
}

/// An entry of a partition's page tables.
fn entry(partition: &Partition, at: u64) -> Option<u64> {
    is_own(partition, at, 8).then(|| {
        // SAFETY: in the partition's memory, as above.
        unsafe { (at as *const u64).read_volatile() }
    })
}

fn is_own(partition: &Partition, at: u64, bytes: u64) -> bool {
    cfg!(feature = "weaken-owner") || partition.owns(at, bytes)
}
