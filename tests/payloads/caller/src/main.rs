//! A rich partition that calls the cockpit's services, at Non-secure EL2 with the MMU off. First as it may, by the
//! generated functions; then as it may not (`attack`): each attack says whether it was held. At the end it restarts
//! itself, and looks whether the odometer went on.
#![no_std]
#![no_main]

mod attack;
mod completion;
#[path = "../../console.rs"]
mod console;
mod flipper;
mod signing;

use core::arch::{asm, global_asm};
use core::sync::atomic::{AtomicU64, Ordering};

use cofferdam_abi::call::Error;

mod services {
    //! The services of `system.yaml` that Linux may call.

    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}

global_asm!(
    ".section .text.start, \"ax\"",
    ".global caller_start",
    "caller_start:",
    "ldr x1, =__stack",
    "mov sp, x1",
    "b caller_main",
    ".ltorg",
);

unsafe extern "C" {
    /// Metres at the end of the last life, behind the image; RAM is zero at power-on.
    static __remembered: AtomicU64;
}

/// SYSTEM_RESET (Arm DEN 0022).
const RESET: u32 = 0x8400_0009;

#[unsafe(no_mangle)]
extern "C" fn caller_main() -> ! {
    // SAFETY: the linker script reserves eight aligned bytes for it.
    let remembered = unsafe { &__remembered };
    let before = remembered.load(Ordering::Relaxed);
    if before != 0 {
        let metres = drive(before);
        console::line(format_args!("caller: kept {before} metres, now {metres}"));
        wait()
    }
    as_it_may();
    let metres = drive(0);
    console::line(format_args!("caller: every service answers"));
    signing::as_it_may();
    signing::changing();
    attack::all();
    remembered.store(metres, Ordering::Relaxed);
    smccc::smc32(RESET, [0; 7]);
    panic!("a reset came back")
}

/// Waits until the critical partition has driven on.
fn drive(from: u64) -> u64 {
    loop {
        match services::odometer_read() {
            Ok(metres) if metres > from => return metres,
            Ok(metres) => assert!(metres == from, "the odometer went back to {metres}"),
            Err(error) => panic!("odometer_read: {error:?}"),
        }
        give_way();
        doze();
    }
}

/// A buffer for regions.
#[repr(align(8))]
struct Buffer([u8; 24]);

/// What [`as_it_may`] asks for in the end.
const CLIMATE_LEFT: services::ClimateResults = services::ClimateResults {
    tenths_before: 300,
    recirculated: false,
};

fn climate() {
    let first = services::climate(-200, true, 1).unwrap();
    assert_eq!((first.tenths_before, first.recirculated), (200, false));
    let second = services::climate(300, false, 600).unwrap();
    assert_eq!((second.tenths_before, second.recirculated), (-200, true));
}

fn as_it_may() {
    assert!(services::odometer_read().is_ok());
    let mut number = Buffer([0xff; 24]);
    assert_eq!(services::vehicle_number(&mut number.0), Ok(()));
    assert!(number.0.starts_with(b"WCF0000") && number.0.ends_with(&[0; 7]));
    assert_eq!(services::trip_label(&number.0), Ok(24));
    assert_eq!(services::warning_speed(100), Ok(130));
    assert_eq!(services::warning_speed(130), Ok(100));
    climate();
    // Of the 32-bit convention's registers, the upper halves mean nothing (DEN0028, SMC32 arguments).
    assert_eq!(
        attack::call(attack::WARNING_SPEED, &[1 << 32 | 130]),
        Ok(())
    );
    // SiP's range and OEM's.
    for range in [0x8200_0000, 0x8300_0000] {
        let [uid, ..] = smccc::smc32(range | 0xff01, [0; 7]);
        assert_eq!(uid, cofferdam_abi::service::UID[0]);
        assert_eq!(smccc::smc32(range | 0xff03, [0; 7])[..2], [1, 0]);
    }
    // Not a service's, and not the watchdog's either.
    let [status, ..] = smccc::smc64(0xc200_00ff, [0; 17]);
    assert_eq!(cofferdam_abi::call::check(status), Err(Error::NotSupported));
}

/// For loops that wait for the other slot of this core or for the counter.
pub fn give_way() {
    // SAFETY: a hint.
    unsafe { asm!("yield", options(nomem, nostack)) }
}

/// Until the critical partition had its next job: a second takes the emulator no time where nobody counts it.
fn doze() {
    // SAFETY: only waits.
    unsafe { asm!("wfi", options(nomem, nostack)) }
}

fn wait() -> ! {
    loop {
        doze();
    }
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    console::line(format_args!("caller: WRONG, {info}"));
    wait()
}
