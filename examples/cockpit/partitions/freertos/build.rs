//! Takes the partition's numbers and its calls of services from the system description, and compiles the FreeRTOS kernel
//! and what is in C.
//!
//! The kernel's sources are those in the `freertos-next` package, whose build script says where they
//! are (`DEP_FREERTOS_KERNEL`); lwIP's are Debian's, which `cofferdam build` fetches (`COFFERDAM_SOURCE_LWIP`). None is copied or changed;
//! `kernel/` holds the configuration of both, and C that calls services and lwIP.

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};

use cofferdam_sossl::build::Controller;

/// Bytes of stack before the scheduler starts, and of interrupt handlers after.
const STACK_SIZE: u64 = 64 << 10;

/// VirtualNet's library for C: its header, and its netif of lwIP.
const CHANNEL: &str = "../../../../channel/c";

/// Where lwIP's sources are. Without them this is checked, but not built for release, which is what runs.
const LWIP: &str = "COFFERDAM_SOURCE_LWIP";
/// Those of IPv4, ICMP and TCP, called by one task.
const LWIP_FILES: [&str; 17] = [
    "core/def.c",
    "core/inet_chksum.c",
    "core/init.c",
    "core/ip.c",
    "core/ipv4/etharp.c",
    "core/ipv4/icmp.c",
    "core/ipv4/ip4.c",
    "core/ipv4/ip4_addr.c",
    "core/mem.c",
    "core/memp.c",
    "core/netif.c",
    "core/pbuf.c",
    "core/tcp.c",
    "core/tcp_in.c",
    "core/tcp_out.c",
    "core/timeouts.c",
    "netif/ethernet.c",
];

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
        let (kernel, out) = (Path::new(&kernel), Path::new(&out));
        compile(kernel, out, controller);
        if channels.iter().any(|name| name == "net0") {
            network(kernel, controller)?;
        }
    }
    Ok(())
}

/// The partition's end of the channel `net0`.
fn network(kernel: &Path, controller: Controller) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed={LWIP}");
    let Some(lwip) = env::var_os(LWIP) else {
        if variable("PROFILE")? == "release" {
            return Err(
                format!("{LWIP} does not say where lwIP is: `cofferdam build` does").into(),
            );
        }
        return Ok(());
    };
    let lwip = Path::new(&lwip).join("src");
    let mut stack = compiler(kernel, controller);
    stack
        .files(LWIP_FILES.map(|file| lwip.join(file)))
        .warnings(false)
        .flag(format!("-ffile-prefix-map={}/=", lwip.display()));
    let mut ours = compiler(kernel, controller);
    ours.file("kernel/network.c")
        .file(format!("{CHANNEL}/lwip/cofferdam_netif.c"))
        .warnings(true)
        .extra_warnings(true);
    for (name, mut build) in [("network", ours), ("lwip", stack)] {
        build
            .include("kernel/lwip")
            .includes(["include", "lwip"].map(|folder| Path::new(CHANNEL).join(folder)))
            // Its warnings are not ours.
            .flag("-isystem")
            .flag(lwip.join("include"))
            .compile(name);
    }
    Ok(())
}

fn compile(kernel: &Path, out: &Path, controller: Controller) {
    let port = port(kernel, controller);
    compiler(kernel, controller)
        .files(["tasks.c", "list.c", "queue.c"].map(|file| kernel.join(file)))
        .file(port.join("portASM.S"))
        .files(
            ["secure_port.c", "layout.c", "odometer.c", "checksum.c"]
                .map(|file| Path::new("kernel").join(file)),
        )
        .include(out)
        .include(Path::new(CHANNEL).join("include"))
        // The image names the source of a failed assertion, but not where this machine keeps it.
        .flag(format!("-ffile-prefix-map={}/=", kernel.display()))
        .warnings(true)
        .extra_warnings(true)
        .compile("freertos");
}

fn port(kernel: &Path, controller: Controller) -> PathBuf {
    let port = match controller {
        Controller::Plic { .. } | Controller::Aplic { .. } => panic!("this port is arm64's"),
        Controller::GicV3 { .. } => "ARM_AARCH64_SRE",
        Controller::GicV2 { .. } => "ARM_AARCH64",
    };
    kernel.join("portable/GCC").join(port)
}

/// A C compiler for the partition, that finds the kernel's headers.
fn compiler(kernel: &Path, controller: Controller) -> cc::Build {
    let mut build = cc::Build::new();
    if let Controller::GicV2 {
        distributor,
        cpu_interface,
        ..
    } = controller
    {
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
    }
    if env::var_os("CC").is_none() && env::var_os("CC_aarch64_unknown_none_softfloat").is_none() {
        build.compiler(COMPILER).archiver(ARCHIVER);
    }
    build
        // Before the compiler's own: two headers stand in for those of a C library.
        .includes(["kernel", "kernel/libc"])
        .includes([&kernel.join("include"), &port(kernel, controller), kernel])
        // Runs at EL1, not at EL3 (portmacro.h).
        .define("GUEST", None)
        .flag("-ffreestanding")
        // FP/SIMD registers are not saved on an interrupt, and trap.
        .flag("-mgeneral-regs-only")
        .flag("-fno-stack-protector")
        .pic(false);
    build
}

fn variable(name: &str) -> Result<String, String> {
    println!("cargo::rerun-if-env-changed={name}");
    env::var(name).map_err(|error| format!("{name}: {error}"))
}
