//! Calls: PSCI and SMCCC, the monitor's own, the watchdog's. Each is decoded and checked completely before
//! anything changes.

use super::Event;
use crate::context::call;
use crate::platform::Platform;
use crate::psci::{self, status};
use crate::{register, watchdog};
use arm_sysregs::el3::accessors as el3;
use cofferdam_abi::call as abi;
use cofferdam_core::ids::{PartitionId, Slot};
use cofferdam_core::life::{Power, PowerError, Start};
use cofferdam_core::record::What;
use cofferdam_core::route::{self, Answer, Handler, Taken, UnderWay};
use cofferdam_core::service::{self, Caller, Place};
use cofferdam_core::table::Partition;

/// Lifts the limit of a watchdog in a positive control; else nothing.
const UNLIMITED: u64 = (cfg!(feature = "weaken-decode") as u64) << 62;

impl<P: Platform> Event<'_, P> {
    pub(super) fn call(&mut self) {
        let slot = self.slot;
        let narrow = P::AARCH32 && self.context(slot).spsr & register::SPSR_AARCH32 != 0;
        let gpr = &self.context(slot).gpr;
        let [id, _] = split(gpr[0]);
        let arguments = match narrow {
            false => [gpr[1], gpr[2], gpr[3]],
            true => [gpr[1], gpr[2], gpr[3]].map(low),
        };
        let Some(partition) = self.partition(slot) else {
            return self.answer(status::NOT_SUPPORTED);
        };
        let Some(table) = self.monitor.system().partition(partition) else {
            return self.answer(status::NOT_SUPPORTED);
        };
        #[cfg(feature = "inject-faults")]
        if id == super::inject::FUNCTION {
            return self.inject(arguments[0]);
        }
        // AArch32 has the 32-bit convention only (DEN0028, SMC32 and SMC64).
        if narrow && id & abi::WIDE != 0 {
            return self.answer(status::NOT_SUPPORTED);
        }
        let call = match narrow {
            false => abi::Call::from_function_id(id),
            true => abi::Call::from_narrow_id(id),
        };
        if let Some(call) = call {
            let arguments = match narrow {
                false => arguments,
                true => [arguments[0], arguments[1] | arguments[2] << 32, 0],
            };
            self.monitor_call(call, arguments, partition, table);
        } else if narrow && service::is_in_range(id) && self.service_call() {
            // The vectors answer those from AArch64 by themselves.
        } else if let (Slot::Rich, Some(taken)) = (slot, route::call(id, self.handler())) {
            self.answer(match taken {
                Taken::Unknown => abi::Error::NotSupported as i64,
                // A handler that is ready the vectors enter themselves, but not for a caller in AArch32.
                Taken::Busy | Taken::Entered => abi::Error::Busy as i64,
            });
        } else if slot == Slot::Rich && id == watchdog::FUNCTION {
            self.watchdog_call(arguments, partition, table);
        } else if let Some(call) = psci::decode(id, arguments) {
            self.power_call(call, partition, table);
        } else {
            self.answer(status::NOT_SUPPORTED);
        }
    }

    fn service_call(&mut self) -> bool {
        let (slot, core) = (self.slot, self.core());
        let registers = self.context(slot).gpr.first_chunk_mut();
        registers.is_some_and(|registers| P::answer_service(registers, Place::new(slot, core)))
    }

    fn handler(&self) -> Handler {
        Handler::of(self.block.state.handler, self.block.call_handler)
    }

    pub(super) fn answer(&mut self, value: i64) {
        let slot = self.slot;
        self.context(slot).gpr[0] = value.cast_unsigned();
    }

    fn power_call(&mut self, call: psci::Call, partition: PartitionId, table: &Partition) {
        if let psci::Call::Answer(value) = call {
            return self.answer(value);
        }
        let (slot, core) = (self.slot, self.core());
        // A critical partition turns its other cores on and off, and no more: the monitor alone starts it, and it has calls of its
        // own for its end.
        if slot == Slot::Critical && !call.is_of_cores() {
            return self.answer(status::NOT_SUPPORTED);
        }
        let by_affinity = |target| {
            psci::affinity(target).and_then(|id| self.monitor.system().core_by_hardware_id(id))
        };
        match call {
            psci::Call::Answer(_) => {}
            psci::Call::Standby => self.stand_by(),
            // The state is left as a standby is, behind the call: a power-down may be downgraded to one
            // (DEN0022, CPU_SUSPEND), and the redistributor keeps the caller's interrupts that way.
            psci::Call::PowerDown { entry } if entry & 3 == 0 && table.owns(entry, 4) => {
                self.stand_by();
            }
            psci::Call::PowerDown { .. } => self.answer(status::INVALID_ADDRESS),
            psci::Call::CpuOff if slot == Slot::Critical && core == table.boot => {
                self.answer(status::DENIED);
            }
            // One that moves has one core at a time.
            psci::Call::CpuOff | psci::Call::CpuOn { .. }
                if slot == Slot::Critical && P::migration().is_some() =>
            {
                self.answer(status::DENIED);
            }
            psci::Call::CpuOff => {
                if let Some(migration) = P::migration() {
                    self.move_from_power_down(migration);
                }
                self.monitor.record(What::CoreOff, core, Some(partition), 0);
                let outcome = self.monitor.life(|life| life.power_off(partition, core));
                self.carry_out(slot, outcome);
                // 0, but in a positive control.
                self.block.rich.spsr |= register::THREAD_MASK;
            }
            psci::Call::CpuOn {
                target,
                entry,
                context,
            } => {
                let Some(target) = by_affinity(target) else {
                    return self.answer(status::INVALID_PARAMETERS);
                };
                let start = Start {
                    #[cfg(feature = "weaken-entry")]
                    entry: [entry, table.memory[0].start().get()]
                        [usize::from(!table.owns(entry, 4))],
                    #[cfg(not(feature = "weaken-entry"))]
                    entry,
                    argument: context,
                };
                match self
                    .monitor
                    .life(|life| life.power_on(partition, target, start))
                {
                    Ok(outcome) => {
                        self.answer(status::SUCCESS);
                        self.carry_out(slot, outcome);
                    }
                    Err(error) => self.answer(power_status(error)),
                }
            }
            psci::Call::AffinityInfo { target } => {
                let state = by_affinity(target)
                    .and_then(|core| self.monitor.life(|life| life.power(partition, core)));
                self.answer(match state {
                    Some(Power::On) => 0,
                    Some(Power::Off) => 1,
                    Some(Power::Starting(_)) => 2,
                    None => status::INVALID_PARAMETERS,
                });
            }
            psci::Call::SystemOff => self.end(self.slot, What::PowerOff, 0, table.on_power_off),
            psci::Call::SystemReset => self.end(self.slot, What::Reset, 0, table.on_reset),
        }
    }

    fn monitor_call(
        &mut self,
        call: abi::Call,
        arguments: [u64; 3],
        partition: PartitionId,
        table: &Partition,
    ) {
        let slot = self.slot;
        let critical = slot == Slot::Critical;
        let [first, second, _] = arguments;
        match call {
            abi::Call::Version => {
                self.answer_with([u64::from(cofferdam_abi::VERSION), 0, 0, 0, 0, 0, 0])
            }
            abi::Call::Stats => match self.monitor.stats(arguments) {
                Ok(values) => self.answer_with(values),
                Err(error) => self.answer(error as i64),
            },
            abi::Call::Event => self.answer_with(self.monitor.record_words(first)),
            abi::Call::Hook => match self.monitor.hook_page(first) {
                Ok(values) => self.answer_with(values),
                Err(error) => self.answer(error as i64),
            },
            abi::Call::JobDone if critical && !table.caches && register::caches_are_on() => {
                self.end(slot, What::Crashed, 0, table.on_crash);
            }
            abi::Call::JobDone if critical => {
                let done = self.monitor.job_done(partition, first, second);
                if let Some(migration) = P::migration().filter(|_| done.is_ok()) {
                    migration.mover.with(|mover| mover.job_done(partition));
                }
                self.answer(done.map_or_else(|error| error as i64, |()| abi::SUCCESS));
                self.monitor.watch(self.core());
            }
            abi::Call::RegisterHandler if critical => {
                if first != 0 && (first & 3 != 0 || !table.owns(first, 4)) {
                    return self.answer(abi::Error::InvalidParameter as i64);
                }
                self.block.state.handler = first;
                self.block.call_handler = first;
                self.answer(abi::SUCCESS);
            }
            abi::Call::HandlerDone if critical => {
                match route::done(UnderWay::of(self.block.in_call)) {
                    Answer::Dropped => self.end_orphaned_call(),
                    // The vectors deliver.
                    Answer::Delivered | Answer::Refused => {
                        self.answer(abi::Error::NotSupported as i64);
                    }
                }
            }
            abi::Call::SetTimer if P::AARCH32 && critical && first <= 1 => {
                register::set_secure_timer(second, first == 1);
                self.answer(abi::SUCCESS);
            }
            abi::Call::Migrate if critical => {
                let asked = P::migration().map_or(Err(abi::Error::NotSupported), |migration| {
                    self.ask_to_move(migration, partition, first)
                });
                self.answer(asked.map_or_else(|error| error as i64, |()| abi::SUCCESS));
            }
            abi::Call::Crash if critical => self.end(slot, What::Crashed, first, table.on_crash),
            abi::Call::PowerOff if critical => {
                self.end(slot, What::PowerOff, 0, table.on_power_off)
            }
            abi::Call::Reset if critical => self.end(slot, What::Reset, 0, table.on_reset),
            // From AArch32: from AArch64 the vectors answer it.
            abi::Call::ChannelRing if !P::channels().is_empty() => {
                let (monitor, core) = (self.monitor, self.core());
                if let Some(registers) = self.context(slot).gpr.first_chunk_mut() {
                    monitor.answer_ring(registers, Caller { partition, core });
                }
            }
            abi::Call::ChannelBegin | abi::Call::ChannelAcknowledge => {
                match self.monitor.channel_call(call, first, partition) {
                    Ok(values) => self.answer_with(values),
                    Err(error) => self.answer(error as i64),
                }
            }
            abi::Call::ServiceTake | abi::Call::ServiceComplete | abi::Call::ServicePoll
                if !P::requests().is_empty() =>
            {
                self.request_call(call, partition);
            }
            _ => self.answer(abi::Error::NotSupported as i64),
        }
    }

    fn request_call(&mut self, call: abi::Call, partition: PartitionId) {
        let monitor = self.monitor;
        if let Some(registers) = self.context(self.slot).gpr.first_chunk_mut() {
            let done = monitor.request_call(call, partition, registers);
            self.answer(done.map_or_else(|error| error as i64, |()| abi::SUCCESS));
        }
    }

    fn answer_with(&mut self, values: [u64; 7]) {
        let slot = self.slot;
        let gpr = &mut self.context(slot).gpr;
        gpr[0] = 0;
        gpr[1..8].copy_from_slice(&values);
    }

    fn watchdog_call(&mut self, arguments: [u64; 3], partition: PartitionId, table: &Partition) {
        let answer = match (watchdog::decode(arguments), table.on_hang) {
            (_, None) => Err(status::NOT_SUPPORTED),
            (None, _) => Err(status::INVALID_PARAMETERS),
            (Some(request), Some(hang)) => self
                .monitor
                .watchdog(partition, request, hang.after | UNLIMITED)
                .map_err(|_| status::INVALID_PARAMETERS),
        };
        match answer {
            Ok([first, second]) => self.answer_with([first, second, 0, 0, 0, 0, 0]),
            Err(code) => self.answer(code),
        }
    }

    /// The caller of a cross call went away meanwhile: the WFI goes on, the answer goes nowhere.
    fn end_orphaned_call(&mut self) {
        let kept = self.block.call_kept;
        let context = &mut self.block.critical;
        context.gpr[..8].copy_from_slice(&kept[..8]);
        context.elr = kept[8];
        context.spsr = kept[9];
        self.block.in_call = call::NONE;
        self.block.call_handler = self.block.state.handler;
        self.leave = super::Leave::Other;
    }

    /// WFI of the critical slot, which goes on behind it: inside a cross call at once, for the caller waits.
    pub(super) fn wait(&mut self) {
        // Thumb has a WFI of two bytes (Arm ARM, ESR_ELx.IL).
        let long = el3::read_esr_el3().bits() & 1 << 25 != 0;
        self.block.critical.elr += if long { 4 } else { 2 };
        if route::yields(UnderWay::of(self.block.in_call)) {
            self.leave = super::Leave::Other;
        }
    }
}

/// The function identifier is in bits 31:0 (DEN0028, function identifiers: W0); the rest is ignored.
fn split(x0: u64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = x0.to_le_bytes();
    [
        u32::from_le_bytes([a, b, c, d]),
        u32::from_le_bytes([e, f, g, h]),
    ]
}

/// What a register of AArch32 holds; the rest of it is in no certain state (Arm ARM, Mapping of the general-purpose
/// registers between the Execution states).
fn low(register: u64) -> u64 {
    let [low, _] = split(register);
    u64::from(low)
}

fn power_status(error: PowerError) -> i64 {
    match error {
        PowerError::NoSuchCore => status::INVALID_PARAMETERS,
        PowerError::AlreadyOn => status::ALREADY_ON,
        PowerError::OnPending => status::ON_PENDING,
        PowerError::BadEntry => status::INVALID_ADDRESS,
        PowerError::Stopping => status::DENIED,
    }
}
