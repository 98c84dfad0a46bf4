//! A critical partition that makes the monitor's calls that the rich one asks it for, by cross calls: so one program holds
//! both ends of a channel. When that one begins a play of packets, this is the other end of it.
#![cfg_attr(target_os = "none", no_std)]
#![cfg_attr(target_os = "none", no_main)]

#[cfg(target_os = "none")]
mod end;
#[cfg(target_os = "none")]
#[path = "../../post.rs"]
#[expect(dead_code, reason = "it is the other end that begins a round")]
mod post;
#[cfg(target_os = "none")]
mod relay;

#[cfg(target_os = "none")]
cofferdam_partition::entry!(relay::main, relay::HARDWARE);

/// On the host there is nothing to run.
#[cfg(not(target_os = "none"))]
fn main() {
    eprintln!("relay: a partition, to be built for aarch64-unknown-none-softfloat");
    std::process::exit(1);
}
