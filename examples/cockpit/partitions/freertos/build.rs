//! Takes the partition's numbers and its calls of services from the system description, and compiles the FreeRTOS kernel
//! and what is in C.
//!
//! The kernel's sources are those in the `freertos-next` package, whose build script says where they
//! are (`DEP_FREERTOS_KERNEL`). None is copied or changed; `kernel/` holds the configuration, and C that calls services.

use std::env;
use std::error::Error;
use std::path::Path;

use cofferdam_sossl::build::Controller;

/// Bytes of stack before the scheduler starts, and of interrupt handlers after.
const STACK_SIZE: u64 = 64 << 10;

/// The header of VirtualNet's library for C.
const CHANNEL: &str = "../../../../channel/c/include";

/// The compiler, unless `CC` or one of its forms for a target names another.
const COMPILER: &str = "aarch64-linux-gnu-gcc";
/// Its librarian.
const ARCHIVER: &str = "aarch64-linux-gnu-ar";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=kernel");
    let stack = format!("STACK_SIZE = {STACK_SIZE:#x};\n");
    let (system, sdk) = ("../../system.yaml", "../../../..");
    // Another image for the partition of that name, which handles less.
    cofferdam_sossl::build::partition_script(system, sdk, "cluster", &stack)
        .and_then(|()| cofferdam_sossl::build::client_script(system, sdk, "cluster"))
        .and_then(|()| {
            cofferdam_sossl::build::handler_script("../../freertos.yaml", sdk, "cluster")
        })?;
    println!("cargo::rustc-check-cfg=cfg(channel)");
    let channels = cofferdam_sossl::build::channels(system, sdk, "cluster")?;
    if channels.iter().any(|name| name == "net0") {
        println!("cargo::rustc-cfg=channel");
    }
    if variable("CARGO_CFG_TARGET_OS")? == "none" {
        let controller = cofferdam_sossl::build::controller(system, sdk)?;
        // Where `services.h` and `requests.h` are generated.
        let out = variable("OUT_DIR")?;
        let kernel = variable("DEP_FREERTOS_KERNEL")?;
        compile(Path::new(&kernel), Path::new(&out), controller);
    }
    Ok(())
}

fn compile(kernel: &Path, out: &Path, controller: Controller) {
    let mut build = cc::Build::new();
    let port = match controller {
        Controller::Plic { .. } => panic!("this port is arm64's"),
        Controller::GicV3 { .. } => "ARM_AARCH64_SRE",
        Controller::GicV2 {
            distributor,
            cpu_interface,
            ..
        } => {
            let [distributor, interface] =
                [distributor, cpu_interface].map(|region| region.start().get());
            let offset = interface - distributor;
            for (name, value) in [
                ("configINTERRUPT_CONTROLLER_BASE_ADDRESS", distributor),
                ("configINTERRUPT_CONTROLLER_CPU_INTERFACE_OFFSET", offset),
            ] {
                build.define(name, format!("{value:#x}UL").as_str());
            }
            // The port warns that it was little tested at EL1.
            build.flag("-Wno-cpp");
            "ARM_AARCH64"
        }
    };
    let port = kernel.join("portable/GCC").join(port);
    if env::var_os("CC").is_none() && env::var_os("CC_aarch64_unknown_none_softfloat").is_none() {
        build.compiler(COMPILER).archiver(ARCHIVER);
    }
    build
        .files(["tasks.c", "list.c", "queue.c"].map(|file| kernel.join(file)))
        .file(port.join("portASM.S"))
        .files(
            [
                "secure_port.c",
                "layout.c",
                "odometer.c",
                "checksum.c",
                "network.c",
            ]
            .map(|file| Path::new("kernel").join(file)),
        )
        // Before the compiler's own: two headers stand in for those of a C library.
        .includes(["kernel", "kernel/libc"])
        .includes([out, Path::new(CHANNEL)])
        .includes([&kernel.join("include"), &port, &kernel.to_owned()])
        // Runs at EL1, not at EL3 (portmacro.h).
        .define("GUEST", None)
        .flag("-ffreestanding")
        // FP/SIMD registers are not saved on an interrupt, and trap.
        .flag("-mgeneral-regs-only")
        .flag("-fno-stack-protector")
        .pic(false)
        // The image names the source of a failed assertion, but not where this machine keeps it.
        .flag(format!("-ffile-prefix-map={}/=", kernel.display()))
        .warnings(true)
        .extra_warnings(true)
        .compile("freertos");
}

fn variable(name: &str) -> Result<String, String> {
    println!("cargo::rerun-if-env-changed={name}");
    env::var(name).map_err(|error| format!("{name}: {error}"))
}
