//! A critical partition that reads what the monitor says of itself, and holds it against its own count.
#![cfg_attr(target_os = "none", no_std)]
#![cfg_attr(target_os = "none", no_main)]

#[cfg(target_os = "none")]
mod floating_point;
#[cfg(target_os = "none")]
mod hooks;
#[cfg(target_os = "none")]
mod log;
#[cfg(target_os = "none")]
mod observer;
#[cfg(target_os = "none")]
mod profile;

#[cfg(target_os = "none")]
cofferdam_partition::entry!(observer::main, observer::HARDWARE);

/// On the host there is nothing to run.
#[cfg(not(target_os = "none"))]
fn main() {
    eprintln!("observer: a partition, to be built for aarch64-unknown-none-softfloat");
    std::process::exit(1);
}
