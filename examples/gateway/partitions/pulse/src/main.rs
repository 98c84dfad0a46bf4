//! The gateway's critical partition: a job every millisecond, a report every second, and the same by network.
//!
//! Nothing in it is of one architecture: which one it is compiled for, the system description says.
#![cfg_attr(target_os = "none", no_std)]
#![cfg_attr(target_os = "none", no_main)]

#[cfg(target_os = "none")]
mod account;
#[cfg(target_os = "none")]
mod digest;
#[cfg(all(target_os = "none", channel))]
mod station;
#[cfg(all(target_os = "none", not(channel)))]
#[path = "no_station.rs"]
mod station;
#[cfg(target_os = "none")]
mod task;

#[cfg(target_os = "none")]
cofferdam_partition::entry!(task::main, task::HARDWARE, slack);

/// On the host there is nothing to run.
#[cfg(not(target_os = "none"))]
fn main() {
    eprintln!("pulse: a partition, to be built for riscv64imac-unknown-none-elf");
    std::process::exit(1);
}
