//! The clock and its alarm (Goldfish RTC: the emulator's `docs/goldfish`, TIME to CLEAR_INTERRUPT).

use crate::rtc::REGISTERS;

const TIME_LOW: usize = 0x00;
const TIME_HIGH: usize = 0x04;
const ALARM_LOW: usize = 0x08;
const ALARM_HIGH: usize = 0x0c;
const INTERRUPT_ENABLED: usize = 0x10;
const CLEAR_INTERRUPT: usize = 0x1c;

fn register(offset: usize) -> *mut u32 {
    core::ptr::with_exposed_provenance_mut(REGISTERS.0 + offset)
}

fn read(offset: usize) -> u64 {
    // SAFETY: a register of this partition's device.
    u64::from(unsafe { register(offset).read_volatile() })
}

fn write(offset: usize, value: u64) {
    let [a, b, c, d, ..] = value.to_le_bytes();
    // SAFETY: as above.
    unsafe { register(offset).write_volatile(u32::from_le_bytes([a, b, c, d])) };
}

/// Nanoseconds. The lower half fixes the upper one.
pub fn now() -> u64 {
    let low = read(TIME_LOW);
    read(TIME_HIGH) << 32 | low
}

/// Interrupts at this time, or at once; the lower half sets it.
pub fn alarm_at(time: u64) {
    write(INTERRUPT_ENABLED, 1);
    write(ALARM_HIGH, time >> 32);
    write(ALARM_LOW, time);
}

/// Takes the interrupt back.
pub fn acknowledge() {
    write(CLEAR_INTERRUPT, 1);
}
