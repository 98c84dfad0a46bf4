//! The cockpit's critical partition: the instrument cluster's 1 kHz control task at Secure EL1.
//!
//! The secure timer releases a job every millisecond. The job runs in the main loop; what is left
//! of the period goes to the report, a small step at a time, and then to Linux.
#![cfg_attr(target_os = "none", no_std)]
#![cfg_attr(target_os = "none", no_main)]

#[cfg(target_os = "none")]
mod background;
#[cfg(target_os = "none")]
mod fault;
#[cfg(target_os = "none")]
mod fp;
#[cfg(target_os = "none")]
mod hardware;
#[cfg(all(target_os = "none", channel, feature = "intruder"))]
#[path = "../../../../../tests/payloads/intruder.rs"]
mod intruder;
#[cfg(target_os = "none")]
mod service;
#[cfg(target_os = "none")]
mod signing;
#[cfg(all(target_os = "none", channel))]
mod station;
#[cfg(all(target_os = "none", not(channel)))]
#[path = "no_station.rs"]
mod station;
#[cfg(target_os = "none")]
mod task;

#[cfg(target_os = "none")]
cofferdam_partition::entry!(task::main, hardware::HARDWARE, slack);

/// On the host there is nothing to run: the library holds all that can be tested there.
#[cfg(not(target_os = "none"))]
fn main() {
    eprintln!("cluster: a partition, to be built for aarch64-unknown-none-softfloat");
    std::process::exit(1);
}
