//! Takes the partition's numbers from the system description and compiles the FreeRTOS kernel, its port and the tasks.
//!
//! The kernel's sources are those in the `freertos-next` package, whose build script says where they are
//! (`DEP_FREERTOS_KERNEL`). None is copied or changed.

use std::env;
use std::error::Error;
use std::path::Path;

/// Bytes of stack before the scheduler starts, and of handlers after.
const STACK_SIZE: u64 = 16 << 10;

/// The port layer.
const PORT: &str = "../../../../partition/freertos/riscv64";
/// Two headers in place of those of a C library: the kernel asks for no more.
const LIBC: &str = "../../../cockpit/partitions/freertos/kernel/libc";

/// The compiler, unless `CC` or one of its forms for a target names another.
const COMPILER: &str = "riscv64-linux-gnu-gcc";
/// Its librarian.
const ARCHIVER: &str = "riscv64-linux-gnu-ar";

fn main() -> Result<(), Box<dyn Error>> {
    for path in ["build.rs", "kernel", PORT, LIBC] {
        println!("cargo::rerun-if-changed={path}");
    }
    let stack = format!("STACK_SIZE = {STACK_SIZE:#x};\n");
    cofferdam_sossl::build::partition_script("../../system.yaml", "../../../..", "rtos", &stack)
        .map_err(|error| error.to_string())?;
    if variable("CARGO_CFG_TARGET_OS")? == "none" {
        compile(Path::new(&variable("DEP_FREERTOS_KERNEL")?));
    }
    Ok(())
}

fn compile(kernel: &Path) {
    let mut build = cc::Build::new();
    if env::var_os("CC").is_none() && env::var_os("CC_riscv64imac_unknown_none_elf").is_none() {
        build.compiler(COMPILER).archiver(ARCHIVER);
    }
    let port = Path::new(PORT);
    build
        .files(["tasks.c", "list.c"].map(|file| kernel.join(file)))
        .files(["port.c", "portASM.S"].map(|file| port.join(file)))
        .file("kernel/tasks.c")
        .includes([Path::new("kernel"), Path::new(LIBC), port])
        .include(kernel.join("include"))
        // In place of what is taken from the target's name: CSR instructions are an extension of their own since version 2.1.
        .flag("-march=rv64imac_zicsr")
        // RAM is beyond the first 2 GiB.
        .flag("-mcmodel=medany")
        .flag("-ffreestanding")
        .flag("-fno-stack-protector")
        .pic(false)
        // The image names the source of a failed assertion, but not where this machine keeps it.
        .flag(format!("-ffile-prefix-map={}/=", kernel.display()))
        .warnings(true)
        .extra_warnings(true)
        .compile("rtos");
}

fn variable(name: &str) -> Result<String, String> {
    println!("cargo::rerun-if-env-changed={name}");
    env::var(name).map_err(|error| format!("{name}: {error}"))
}
