//! A critical partition moves to another core: asked for, left here, arrived there.
//!
//! It leaves from the rich slot: then the vectors have put all of it into its context, whether it asked for the move or waits. Until then, which
//! is the next thing that this core does, its interrupts are held back, so that nothing brings it back into its slot.

use super::Event;
use crate::context::call;
use crate::gic::{Controller as _, GicV3};
use crate::migration::Migration;
use crate::platform::Platform;
use crate::register;
use cofferdam_abi::call::Error;
use cofferdam_core::ids::{CoreId, CoreSet, PartitionId, Slot};
use cofferdam_core::migration::Stays;
use cofferdam_core::record::What;

impl<P: Platform> Event<'_, P> {
    /// The partition asks for it, by [`cofferdam_abi::call::Call::Migrate`].
    pub(super) fn ask_to_move(
        &mut self,
        migration: &Migration,
        partition: PartitionId,
        to: u64,
    ) -> Result<(), Error> {
        let to = u8::try_from(to).map_err(|_| Error::InvalidParameter)?;
        let gic = self.movable().ok_or(Error::Busy)?;
        let from = self.core();
        let asked = self.monitor.life(|life| {
            let mover = &migration.mover;
            mover.with(|mover| mover.ask(life, partition, from, CoreId(to)))
        });
        asked.map_err(|stays| match stays {
            Stays::NotAllowed => Error::Denied,
            Stays::NoSuchCore => Error::InvalidParameter,
            Stays::Underway => Error::Busy,
        })?;
        self.hold_back(migration, gic);
        self.leave = super::Leave::Other;
        Ok(())
    }

    /// The rich partition turns this core off: the critical one may have to go where the rich one runs.
    pub(super) fn move_from_power_down(&mut self, migration: &Migration) {
        let Some(gic) = self.movable() else {
            return;
        };
        let (from, system) = (self.core(), self.monitor.system());
        let moves = self.monitor.life(|life| {
            migration
                .mover
                .with(|mover| mover.power_down(life, system, from))
        });
        if moves {
            self.hold_back(migration, gic);
        }
    }

    /// Whether it can leave now: what answers a cross call belongs to the caller's core, an interrupt that is active must be
    /// ended where it was acknowledged (IHI 0069, ICC_EOIR1_EL1), and one that spent its budget has lent its timer.
    fn movable(&self) -> Option<&'static GicV3> {
        let gic = self.monitor.gic().watched()?;
        let waits = self.block.state.suspended.is_some() || self.block.in_call != call::NONE;
        (!waits && !gic.is_serving()).then_some(gic)
    }

    fn hold_back(&mut self, migration: &Migration, gic: &GicV3) {
        let open = gic.hold_back();
        migration.baggage.with(|baggage| baggage.open = open);
        self.block.call_handler = 0;
        self.monitor.call_cores(CoreSet::one(self.core()));
    }

    /// The partition leaves this core, if that was asked for. The rich slot runs.
    pub(super) fn leave_core(&mut self, migration: &Migration) {
        let core = self.core();
        let to = self.monitor.life(|life| {
            let mover = &migration.mover;
            mover.with(|mover| mover.destination(life, core))
        });
        let (Some(to), Some(gic)) = (to, self.monitor.gic().watched()) else {
            return;
        };
        let Some(partition) = self.partition(Slot::Critical) else {
            return;
        };
        let system = self.monitor.system();
        let table = system.partition(partition);
        self.pack(migration, gic);
        let shared = table.map_or(&[][..], |table| table.interrupts);
        let closed = gic.close_shared(shared);
        let outcome = self.monitor.life(|life| {
            let outcome = migration.mover.with(|mover| mover.leave(life, core));
            if outcome.is_some() {
                gic.route_shared(system, shared, to);
            }
            outcome
        });
        // Otherwise it is being ended, and this core is called for that.
        let Some(outcome) = outcome else {
            return;
        };
        gic.open_shared(shared, &closed);
        self.monitor
            .record(What::Migrated, core, Some(partition), to.0.into());
        self.carry_out(Slot::Critical, outcome);
    }

    /// A partition is loaded afresh: what it asked for before is over, and its interrupts go to its first core again.
    pub(super) fn forget_move(&self, migration: &Migration, slot: Slot, partition: PartitionId) {
        migration.mover.with(|mover| mover.forget(partition));
        let system = self.monitor.system();
        if let (Slot::Critical, Some(gic), Some(table)) = (
            slot,
            self.monitor.gic().watched(),
            system.partition(partition),
        ) {
            gic.route_shared(system, table.interrupts, table.boot);
        }
    }

    fn pack(&mut self, migration: &Migration, gic: &GicV3) {
        self.unload_floating_point();
        let core = self.core();
        migration.baggage.with(|baggage| {
            baggage.context = self.block.critical;
            baggage.floating_point = self.block.floating_point[0];
            baggage.handler = self.block.state.handler;
            baggage.budget = self.block.budget;
            baggage.timer = register::secure_timer();
            // Its interrupt is not pending any more then, and what else is, is read next.
            register::set_secure_timer(0, false);
            baggage.private = gic.take_private(core);
        });
    }

    /// The partition comes to this core, whose critical slot is empty, and goes on.
    pub(super) fn arrive(&mut self, migration: &Migration) {
        self.clear(Slot::Critical);
        self.unload_floating_point();
        let (core, gic) = (self.core(), self.monitor.gic().watched());
        migration.baggage.with(|baggage| {
            let (spare, cptr) = (self.block.critical.spare, self.block.critical.cptr);
            self.block.critical = baggage.context;
            self.block.critical.spare = spare;
            self.block.critical.cptr = cptr;
            self.block.floating_point[0] = baggage.floating_point;
            self.block.state.handler = baggage.handler;
            self.block.call_handler = baggage.handler;
            self.block.budget = baggage.budget;
            register::restore_secure_timer(baggage.timer);
            if let Some(gic) = gic {
                gic.give_private(core, &baggage.private, baggage.open);
            }
        });
        self.enter(Slot::Critical);
    }

    /// The critical slot's floating point is in memory, where it is copied from and to.
    fn unload_floating_point(&mut self) {
        if self.floating_point_loaded(Slot::Critical) {
            self.give_floating_point(Slot::Critical, Slot::Rich);
        }
    }
}
