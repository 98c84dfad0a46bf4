//! Calls to the monitor (SMCCC, PSCI): every one that it knows, well and badly used, so that a run passes
//! through all of its paths.

use core::arch::asm;

use cofferdam_abi::call::Call;

mod psci {
    pub const CPU_SUSPEND: u64 = 0xc400_0001;
    pub const CPU_OFF: u64 = 0x8400_0002;
    pub const CPU_ON: u64 = 0xc400_0003;
    pub const AFFINITY_INFO: u64 = 0xc400_0004;
    pub const MIGRATE_INFO_TYPE: u64 = 0x8400_0006;
    pub const SYSTEM_OFF: u64 = 0x8400_0008;
    pub const SYSTEM_RESET: u64 = 0x8400_0009;
    pub const FEATURES: u64 = 0x8400_000a;
}

/// `empty` of `benches/systems/services.yaml`.
const EMPTY_SERVICE: u64 = 0xc200_0000;
/// Type bit of CPU_SUSPEND's power state: power-down (DEN0022, CPU_SUSPEND).
const POWER_DOWN: u64 = 1 << 16;
/// The other core.
const OTHER: u64 = 1;

unsafe extern "C" {
    fn start_core();
}

fn entry() -> u64 {
    start_core as *const () as u64
}

/// One call: x0 to x3 in, x0 to x7 out.
pub fn call([x0, x1, x2, x3]: [u64; 4]) -> [u64; 8] {
    let mut out = [0; 8];
    let [a, b, c, d, e, f, g, h] = &mut out;
    // SAFETY: the callee keeps all but these and x8 to x17 (DEN0028, SMC64 register use), which are named.
    unsafe {
        asm!(
            "smc #0",
            inlateout("x0") x0 => *a, inlateout("x1") x1 => *b,
            inlateout("x2") x2 => *c, inlateout("x3") x3 => *d,
            out("x4") *e, out("x5") *f, out("x6") *g, out("x7") *h,
            out("x8") _, out("x9") _, out("x10") _, out("x11") _, out("x12") _,
            out("x13") _, out("x14") _, out("x15") _, out("x16") _, out("x17") _,
        );
    }
    out
}

/// How often this partition was started, by the monitor's count.
pub fn starts(partition: u64) -> u64 {
    let function = u64::from(Call::Stats.function_id());
    call([function, partition, 0, 0])[5]
}

/// Whether this system has the service that does nothing.
pub fn has_services() -> bool {
    call([EMPTY_SERVICE, 0, 0, 0])[0] == 0
}

/// Acknowledges the doorbell of channel 0, where there is one.
pub fn acknowledge() {
    call([u64::from(Call::ChannelAcknowledge.function_id()), 0, 0, 0]);
}

/// Every call that comes back at once, and calls that are refused.
pub fn all_that_answer() {
    for known in 0..0x40 {
        call([psci::FEATURES, 0x8400_0000 + known, 0, 0]);
    }
    for wrong in [
        0,
        0xffff_ffff,
        0x8400_0040,
        0xc400_0000,
        0x8000_0001,
        u64::MAX,
    ] {
        call([wrong, u64::MAX, u64::MAX, u64::MAX]);
    }
    for number in [
        Call::Version,
        Call::Stats,
        Call::JobDone,
        Call::Crash,
        Call::Event,
        Call::ChannelBegin,
        Call::ChannelRing,
        Call::ChannelAcknowledge,
    ] {
        let function = u64::from(number.function_id());
        call([function, 0, 0, 1]);
        call([function, u64::MAX, u64::MAX, u64::MAX]);
    }
    call([psci::MIGRATE_INFO_TYPE, 0, 0, 0]);
    call([psci::AFFINITY_INFO, 0, 0, 0]);
    call([psci::AFFINITY_INFO, u64::MAX, 7, 0]);
    call([psci::CPU_ON, 0, entry(), 0]);
    call([psci::CPU_ON, OTHER, 0x0e00_0000, 0]);
    call([psci::CPU_ON, 0x100, entry(), 0]);
    call([psci::CPU_SUSPEND, u64::MAX, 0, 0]);
    call([psci::CPU_SUSPEND, POWER_DOWN, 1, 0]);
}

/// Starts the other core, waits until it is off again, and starts it once more, for good.
pub fn other_core() {
    call([psci::CPU_ON, OTHER, entry(), 1]);
    while call([psci::AFFINITY_INFO, OTHER, 0, 0])[0] != 1 {
        // The emulator runs one core at a time, and changes to the next one here.
        // SAFETY: a hint.
        unsafe { asm!("yield", options(nomem, nostack, preserves_flags)) };
    }
    call([psci::CPU_ON, OTHER, entry(), 1]);
    call([psci::CPU_ON, OTHER, entry(), 1]);
}

/// Gives up this core.
pub fn off() {
    call([psci::CPU_OFF, 0, 0, 0]);
}

/// Waits in the monitor for the timer.
pub fn stand_by() {
    call([psci::CPU_SUSPEND, 0, 0, 0]);
}

/// Comes back at the payload's second entry, with this as the number of the core.
pub fn power_down(core: u64) {
    call([psci::CPU_SUSPEND, POWER_DOWN, entry(), core]);
}

/// The partition is loaded afresh.
pub fn reset() {
    call([psci::SYSTEM_RESET, 0, 0, 0]);
}

/// The partition stops.
pub fn power_off() {
    call([psci::SYSTEM_OFF, 0, 0, 0]);
}
