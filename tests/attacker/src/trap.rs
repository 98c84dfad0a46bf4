//! Exceptions of the attacker itself: recorded, and stepped over.

use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What one core took. Only that core writes it: loads and stores are enough, which also work on memory
/// without caches.
struct Record {
    /// Synchronous exceptions since [`forget`].
    synchronous: AtomicU64,
    /// Syndrome of the last.
    syndrome: AtomicU64,
    /// Where to go on instead of behind the instruction; 0: behind it.
    resume: AtomicU64,
    /// Interrupts in all.
    interrupts: AtomicU64,
}

impl Record {
    const fn new() -> Self {
        Self {
            synchronous: AtomicU64::new(0),
            syndrome: AtomicU64::new(0),
            resume: AtomicU64::new(0),
            interrupts: AtomicU64::new(0),
        }
    }
}

static RECORDS: [Record; 2] = [Record::new(), Record::new()];

// Without the record that the macros in `register` keep: the handler must not change what it records.
macro_rules! get {
    ($name:literal) => {{
        let value: u64;
        // SAFETY: a read of a register that this level has.
        unsafe { core::arch::asm!(concat!("mrs {}, ", $name), out(reg) value, options(nostack)) };
        value
    }};
}

macro_rules! set {
    ($name:literal, $value:expr) => {{
        let value: u64 = $value;
        // SAFETY: a register of the exception that is being handled.
        unsafe { core::arch::asm!(concat!("msr ", $name, ", {}"), in(reg) value, options(nostack)) };
    }};
}

fn record() -> &'static Record {
    let [zero, one] = &RECORDS;
    if get!("mpidr_el1") & 0xff == 0 {
        zero
    } else {
        one
    }
}

/// Forgets what this core took.
pub fn forget() {
    record().synchronous.store(0, Relaxed);
}

/// Whether this core took an exception since it forgot.
pub fn taken() -> bool {
    record().synchronous.load(Relaxed) != 0
}

/// Exception class of the last (Arm ARM, ESR_EL1, EC).
pub fn class() -> u64 {
    record().syndrome.load(Relaxed) >> 26 & 0x3f
}

/// Holds where the next exceptions of this core go on; 0: behind the instruction.
pub fn resume_at() -> *mut u64 {
    record().resume.as_ptr()
}

fn count(counter: &AtomicU64) {
    counter.store(counter.load(Relaxed) + 1, Relaxed);
}

/// From the vectors. `vector`: its number, 0 to 15.
#[unsafe(no_mangle)]
extern "C" fn attacker_trap(vector: u64) {
    let record = record();
    let at_el2 = get!("CurrentEL") == 2 << 2;
    match (vector & 3, at_el2) {
        (0, _) => synchronous(record, at_el2),
        (1, _) => {
            count(&record.interrupts);
            crate::gic::take();
        }
        // FIQ and SError are nothing of the attacker's: masked, or they would come for ever.
        (_, true) => set!("spsr_el2", get!("spsr_el2") | 0b101 << 6),
        (_, false) => set!("spsr_el1", get!("spsr_el1") | 0b101 << 6),
    }
}

fn synchronous(record: &Record, at_el2: bool) {
    let (elr, syndrome) = if at_el2 {
        (get!("elr_el2"), get!("esr_el2"))
    } else {
        (get!("elr_el1"), get!("esr_el1"))
    };
    count(&record.synchronous);
    record.syndrome.store(syndrome, Relaxed);
    let next = match record.resume.load(Relaxed) {
        0 => elr + 4,
        address => address,
    };
    if at_el2 {
        set!("elr_el2", next);
    } else {
        set!("elr_el1", next);
    }
}
