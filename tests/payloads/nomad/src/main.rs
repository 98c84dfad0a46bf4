//! A critical partition that moves between two cores, with its timer, an interrupt to itself and a shared one on their
//! way, and counts what arrives.
#![cfg_attr(target_os = "none", no_std)]
#![cfg_attr(target_os = "none", no_main)]

#[cfg(target_os = "none")]
mod interrupts;
#[cfg(target_os = "none")]
mod nomad;

#[cfg(target_os = "none")]
cofferdam_partition::entry!(nomad::main, nomad::HARDWARE);

/// On the host there is nothing to run.
#[cfg(not(target_os = "none"))]
fn main() {
    eprintln!("nomad: a partition, to be built for aarch64-unknown-none-softfloat");
    std::process::exit(1);
}
