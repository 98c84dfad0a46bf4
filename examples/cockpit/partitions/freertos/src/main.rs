//! The cockpit's critical partition under FreeRTOS V11: the same control task as the cluster's, and
//! two slower ones, each a task of an unmodified kernel at Secure EL1.
//!
//! | task | period | work | kernel priority |
//! |---|---|---|---|
//! | `t1` | 1 ms | control loop, checksum of 4 KiB, report of the job to the monitor | 5 |
//! | `t5` | 5 ms | checksum of 4 KiB | 4 |
//! | `t20` | 20 ms | checksum of 4 KiB, twice | 3 |
//! | report | once a second, no deadline | digest of the image, one line on the console | 2 |
//! | services | 5 ms, no deadline | what Linux asks for, in C ([`services`]) | 1 |
//! | network | 2 ms, no deadline, where there is a channel | answers pings and shows a page, by lwIP ([`network`]) | 1 |
//! | idle | | WFI: the monitor gives the core to Linux | 0 |
//!
//! The run-time (`cofferdam_partition`) starts the partition and maps its memory; then the kernel
//! takes over with vectors of its own ([`vectors`]). The kernel's sources come with the package
//! `freertos-next` and are compiled as they are; what is ours is its configuration (`kernel/`), the
//! functions that it calls ([`hooks`]) and those of it that we call ([`kernel`]).
//!
//! # Interrupt priorities
//!
//! Every interrupt of a critical partition must have a priority below 0x80: Non-secure software
//! reaches 0x80 to 0xFF, and an interrupt there can be delayed by it. The port (`ARM_AARCH64_SRE`; with
//! a GICv2 `ARM_AARCH64`, whose registers are GICC_PMR and GICC_RPR) expects the opposite. It runs the tick at the lowest usable priority of the whole controller,
//! `portLOWEST_USABLE_INTERRUPT_PRIORITY << portPRIORITY_SHIFT`, and `FreeRTOS_Tick_Handler` asserts
//! that ICC_RPR_EL1 says so; it masks by ICC_PMR_EL1 up to
//! `configMAX_API_CALL_INTERRUPT_PRIORITY << portPRIORITY_SHIFT`, and refuses to compile unless that
//! is in the lower half of `configUNIQUE_INTERRUPT_PRIORITIES`. With 32 priorities this makes 0xF0
//! for the tick and at least 0x88 for the mask.
//!
//! So the port is told of the Secure half alone: `configUNIQUE_INTERRUPT_PRIORITIES` is 16, and
//! `portPRIORITY_SHIFT` is 3 where the port would take 4 (`kernel/secure_port.c`). All its checks
//! then hold as they are written, none is switched off:
//!
//! | priority | what |
//! |---|---|
//! | 0x10 | the monitor's own (Group 0): the partition cannot mask it |
//! | 0x18 to 0x40 | never masked by the kernel, must not call it (the port asserts that); 0x40 is what the monitor gives to an interrupt that chooses none |
//! | 0x48 | `configMAX_API_CALL_INTERRUPT_PRIORITY` (9): what the kernel writes to ICC_PMR_EL1 in a critical section, and the most urgent interrupt that may call it |
//! | 0x70 | `portLOWEST_USABLE_INTERRUPT_PRIORITY` (14): the tick, set in [`hardware`] |
//! | 0x78 | `portLOWEST_INTERRUPT_PRIORITY` (15): unused, as the port wants it |
//! | 0x80 to 0xFF | the Non-secure world |
//!
//! # What ends the partition
//!
//! A failed assertion of the kernel, a task that is found beyond its stack when it is switched, an
//! exception that is neither an interrupt nor a task's SVC, and a use of FP/SIMD registers, which no
//! task has: each is reported to the monitor, which does what the system description says of a
//! crash. Stacks of tasks lie in one region without unmapped pages between them: an overflow is
//! found by what it breaks at the latest, not at once.
#![cfg_attr(target_os = "none", no_std)]
#![cfg_attr(target_os = "none", no_main)]
#![deny(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::cast_possible_truncation
)]

#[cfg(target_os = "none")]
mod hardware;
#[cfg(target_os = "none")]
mod hooks;
#[cfg(target_os = "none")]
mod kernel;
#[cfg(target_os = "none")]
mod mailbox;
#[cfg(all(target_os = "none", channel))]
mod network;
#[cfg(target_os = "none")]
mod periodic;
#[cfg(target_os = "none")]
mod reporter;
#[cfg(target_os = "none")]
mod services;
#[cfg(target_os = "none")]
mod tasks;
#[cfg(target_os = "none")]
mod tick;
#[cfg(target_os = "none")]
mod vectors;

#[cfg(target_os = "none")]
cofferdam_partition::entry!(tasks::main, hardware::HARDWARE);

/// On the host there is nothing to run.
#[cfg(not(target_os = "none"))]
fn main() {
    eprintln!("freertos: a partition, to be built for aarch64-unknown-none-softfloat");
    std::process::exit(1);
}
