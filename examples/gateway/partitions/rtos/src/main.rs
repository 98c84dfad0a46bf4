//! The gateway's second critical partition: FreeRTOS V11 in S-mode, alone on its hart.
//!
//! The tasks are in C (`kernel/tasks.c`), as most users of that kernel have theirs; here is what starts them, and what they ask
//! of the monitor. The kernel is unmodified; its port is `partition/freertos/riscv64`.
//!
//! A failed assertion of the kernel, a task that is found beyond its stack and an exception end the partition: the monitor
//! does what the system description says of a crash.
#![cfg_attr(target_os = "none", no_std)]
#![cfg_attr(target_os = "none", no_main)]

#[cfg(target_os = "none")]
mod tasks;

#[cfg(target_os = "none")]
cofferdam_partition::entry!(tasks::main, tasks::HARDWARE);

/// On the host there is nothing to run.
#[cfg(not(target_os = "none"))]
fn main() {
    eprintln!("rtos: a partition, to be built for riscv64imac-unknown-none-elf");
    std::process::exit(1);
}
