//! What the model of the specification does with these numbers in its registers.

use super::*;
use proptest::prelude::*;
use softcore_rv64::raw::{ExceptionType, Privilege, ast};
use softcore_rv64::registers::{T0, X0};
use softcore_rv64::{Core, config, new_core};

const MSTATUS: u64 = 0x300;
const MEDELEG: u64 = 0x302;
const MIDELEG: u64 = 0x303;
const MCOUNTEREN: u64 = 0x306;
const MEPC: u64 = 0x341;
const MCAUSE: u64 = 0x342;
const MTVAL: u64 = 0x343;
const STVEC: u64 = 0x105;
const SEPC: u64 = 0x141;
const SCAUSE: u64 = 0x142;
const STVAL: u64 = 0x143;
/// `csrrs t0, mstatus, x0`, which only M-mode may.
const ILLEGAL_BELOW: u32 = 0x3000_22f3;
/// mstatus: what is M-mode's own.
const OF_MACHINE: u64 = MIE | 1 << 7 | FROM_MACHINE;

fn set(core: &mut Core, csr: u64, value: u64) {
    core.set_csr(csr, value).expect("a register of the model");
}

fn get(core: &mut Core, csr: u64) -> u64 {
    core.get_csr(csr).expect("a register of the model")
}

/// A core in M-mode, with the policy's registers.
fn core(delegated: Delegated, counters: u64) -> Core {
    let mut core = new_core(config::U74);
    core.reset();
    set(&mut core, MEDELEG, delegated.exceptions);
    set(&mut core, MIDELEG, delegated.interrupts);
    set(&mut core, MCOUNTEREN, counters);
    core
}

/// Leaves M-mode by MRET, as `cofferdam_resume` does.
fn leave(core: &mut Core, status: u64, pc: u64) {
    set(core, MSTATUS, status);
    set(core, MEPC, pc);
    core.execute(ast::MRET(()));
    core.PC = core.nextPC;
}

/// What S-mode sees of an exception that it took, and where it goes on.
#[derive(Debug, PartialEq)]
struct Taken {
    mode: Privilege,
    status: u64,
    registers: [u64; 3],
}

fn taken(core: &mut Core) -> Taken {
    let mode = core.mode();
    core.set_mode(Privilege::Machine);
    Taken {
        mode,
        status: get(core, MSTATUS) & !OF_MACHINE,
        registers: [SEPC, SCAUSE, STVAL].map(|csr| get(core, csr)),
    }
}

/// Has S-mode take what M-mode took, as `csr::reflect` and `Context::reflect` do.
fn reflect(core: &mut Core) {
    for (from, to) in [(MEPC, SEPC), (MCAUSE, SCAUSE), (MTVAL, STVAL)] {
        let value = get(core, from);
        set(core, to, value);
    }
    let (status, vector) = (get(core, MSTATUS), get(core, STVEC));
    leave(core, reflected(status), handler(vector));
}

/// mstatus that S-mode may have made, with the mode that M-mode returns to.
fn status() -> impl Strategy<Value = u64> {
    let sum_and_more = 1 << 18 | 1 << 19 | 3 << 13 | MIE | 1 << 7 | TRAP_WAIT;
    (any::<u64>(), any::<bool>()).prop_map(move |(bits, supervisor)| {
        let mode = if supervisor { TO_SUPERVISOR } else { 0 };
        bits & (SIE | SPIE | SPP | sum_and_more) | mode
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    /// An instruction that is illegal below M-mode, delegated and not.
    #[test]
    fn what_is_reflected_is_as_the_model_delegates_it(
        status in status(),
        pc in any::<u64>(),
        vector in any::<u64>(),
    ) {
        let [mut asked, mut watched] = [false, true].map(|watched| {
            let mut core = core(Delegated::new(false, watched), COUNTERS);
            set(&mut core, STVEC, vector & !2);
            leave(&mut core, status, pc & !1);
            let instruction = core.decode_instr(ILLEGAL_BELOW);
            core.execute(instruction);
            core
        });
        prop_assert_eq!((asked.mode(), watched.mode()), (Privilege::Supervisor, Privilege::Machine));
        reflect(&mut watched);
        prop_assert_eq!(watched.nextPC, asked.nextPC);
        prop_assert_eq!(taken(&mut watched), taken(&mut asked));
    }

    /// Access faults, which are the monitor's to see where it does them in a partition's place.
    #[test]
    fn a_fault_that_is_reflected_too(status in status(), pc in any::<u64>(), at in any::<u64>(), store in any::<bool>()) {
        let [mut asked, mut seen] = [false, true].map(|external| {
            let mut core = core(Delegated::new(external, false), COUNTERS);
            leave(&mut core, status, pc & !1);
            core.inject_exception(
                if store {
                    ExceptionType::E_SAMO_Access_Fault(())
                } else {
                    ExceptionType::E_Load_Access_Fault(())
                },
                at,
            );
            core
        });
        prop_assert_eq!((asked.mode(), seen.mode()), (Privilege::Supervisor, Privilege::Machine));
        reflect(&mut seen);
        prop_assert_eq!(taken(&mut seen), taken(&mut asked));
    }
}

/// The CSRs that a mode reads, of all that there can be.
fn readable(mode: Privilege, counters: u64) -> Vec<u64> {
    (0..1 << 12)
        .filter(|csr| {
            let mut core = core(Delegated::new(true, true), counters);
            // Floating point on.
            set(&mut core, MSTATUS, FLOATING_POINT);
            core.set_mode(mode);
            core.csrrs(T0, *csr, X0).is_ok()
        })
        .collect()
}

/// fflags, frm and fcsr; sstatus, sie, stvec, scounteren, senvcfg; sscratch, sepc, scause, stval, sip; satp.
const FLOATS: [u64; 3] = [0x001, 0x002, 0x003];
const OF_SUPERVISOR: [u64; 11] = [
    0x100, 0x104, STVEC, 0x106, 0x10a, 0x140, SEPC, SCAUSE, STVAL, 0x144, 0x180,
];
/// `time`.
const COUNTER: u64 = 0xc01;

#[test]
fn s_mode_reads_what_is_exchanged_and_the_time_alone() {
    let own = || FLOATS.into_iter().chain(OF_SUPERVISOR);
    let expected: Vec<_> = own().chain([COUNTER]).collect();
    assert_eq!(readable(Privilege::Supervisor, COUNTERS), expected);
    assert_eq!(readable(Privilege::User, COUNTERS), FLOATS);
    // Without the policy there are cycles, instructions and more.
    let more = readable(Privilege::Supervisor, u64::MAX);
    assert!(more.contains(&0xc00) && more.contains(&0xc02));
}
