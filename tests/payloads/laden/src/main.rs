//! A critical partition with so much to load that its watchdog has run out each time before it is back. It crashes
//! and hangs in turn as soon as it runs: with all interrupts masked, before it gave the core up once;
//! at its last start it stops for good.
#![cfg_attr(target_os = "none", no_std)]
#![cfg_attr(target_os = "none", no_main)]

#[cfg(target_os = "none")]
mod laden;

#[cfg(target_os = "none")]
cofferdam_partition::entry!(laden::main, laden::HARDWARE);

/// On the host there is nothing to run.
#[cfg(not(target_os = "none"))]
fn main() {
    eprintln!("laden: a partition, to be built for aarch64-unknown-none-softfloat");
    std::process::exit(1);
}
