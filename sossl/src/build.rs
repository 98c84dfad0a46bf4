//! For the build scripts of firmware and partitions: reads the system, generates into `OUT_DIR`, and
//! tells cargo what to link and when to come back.

use crate::skeleton::skeleton;
use crate::{Error, c, client, firmware, handlers, partition, templates};
pub use cofferdam_system::model::Controller;
use cofferdam_system::{Arch, System};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Names another system file than the one beside the crate.
pub const SYSTEM_VARIABLE: &str = "COFFERDAM_SYSTEM";

/// The source tree that this crate belongs to, for crates outside it.
pub const SDK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// In the crate of the handlers: those in C.
pub const C_FOLDER: &str = "c";

/// The compiler of C, unless `CC` or one of its forms for a target names another.
const COMPILER: &str = "aarch64-linux-gnu-gcc";
/// Its librarian.
const ARCHIVER: &str = "aarch64-linux-gnu-ar";

/// Cortex-A53 erratum 843419 (a load or store near the end of a page after ADRP): the linker steers around it.
const ERRATUM_843419: &str = "--fix-cortex-a53-843419";

/// Generates the monitor: `system.rs` for `include!`, and the linker script. `system_file` is relative to
/// the crate; `sdk` is where the boards are, relative too. The crate is compiled with `cfg(board = "...")`.
pub fn firmware_script(system_file: &str, sdk: &str) -> Result<(), Error> {
    let (system, out) = begin(system_file, sdk)?;
    let template = system.board.file.with_file_name("link.ld.jinja");
    println!("cargo::rerun-if-changed={}", template.display());
    let files = firmware(&system, &read(&template)?)?;
    write(&out.join("system.rs"), &files.rust)?;
    println!("cargo::rustc-check-cfg=cfg(board, values(any()))");
    println!("cargo::rustc-cfg=board=\"{}\"", system.board.name);
    let script = out.join("link.ld");
    write(&script, &files.linker)?;
    println!("cargo::rustc-link-arg-bins=-T{}", script.display());
    around_errata(&system);
    for symbol in &files.symbols {
        println!("cargo::rustc-link-arg-bins=--defsym={symbol}");
    }
    Ok(())
}

/// Generates the numbers of a partition: `partition.rs` for `include!`, and `memory.x` where the linker
/// looks for it. `extra` is added to `memory.x`.
pub fn partition_script(
    system_file: &str,
    sdk: &str,
    name: &str,
    extra: &str,
) -> Result<(), Error> {
    let (system, out) = begin(system_file, sdk)?;
    let files = partition(&system, name)?;
    write(&out.join("partition.rs"), &files.rust)?;
    write(&out.join("memory.x"), &format!("{}{extra}", files.memory))?;
    if is_for_target() {
        // For the binaries of this package alone: a partition that uses its library has a memory.x of
        // its own.
        println!("cargo::rustc-link-arg-bins=-L{}", out.display());
        println!("cargo::rustc-link-arg-bins=-Tpartition.ld");
        around_errata(&system);
    }
    Ok(())
}

fn around_errata(system: &System) {
    if system.board.arch == Arch::Arm64 {
        println!("cargo::rustc-link-arg-bins={ERRATUM_843419}");
    }
}

/// Generates the trait of the user's handlers: `services.rs` for `include!`. It is always that of the system beside
/// the crate, whichever system a firmware with these handlers is built for. Where handlers are in C, compiles all of the
/// crate's folder `c`.
pub fn services_script(system_file: &str, sdk: &str) -> Result<(), Error> {
    let (folder, out) = (variable("CARGO_MANIFEST_DIR")?, variable("OUT_DIR")?);
    let system = load(&folder.join(system_file), &folder.join(sdk))?;
    write(&out.join("services.rs"), &handlers(&system)?)?;
    write(&out.join("handlers.h"), &c::handlers_header(&system)?)?;
    name_missing(&system, &folder.join("src/lib.rs"));
    if is_for_target() && c::of(&system).next().is_some() {
        compile_handlers(&system, folder.join(C_FOLDER), &out)?;
    }
    Ok(())
}

/// The compiler says what is missing, but not what begins it.
fn name_missing(system: &System, source: &Path) {
    println!("cargo::rerun-if-changed={}", source.display());
    let source = fs::read_to_string(source).unwrap_or_default();
    let added = skeleton(system, &source).map_or_else(Vec::new, |it| it.added);
    for name in added {
        println!(
            "cargo::warning=`{name}` has no method in `impl Services`: `cofferdam gen` begins it"
        );
    }
}

fn is_for_target() -> bool {
    env::var_os("CARGO_CFG_TARGET_OS").is_some_and(|os| os == "none")
}

fn compile_handlers(system: &System, folder: PathBuf, out: &Path) -> Result<(), Error> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let sources = c::sources(&folder)?;
    if let Some(service) = c::missing(system, &sources)?.first() {
        let function = c::function_name(service);
        return Err(Error::NoHandlerInC { function, folder });
    }
    let mut build = compiler();
    build.include(out).files(sources);
    build.try_compile("services_in_c")?;
    Ok(())
}

/// For C that runs beside Rust on the target: general registers only, and nothing of a C library.
pub fn compiler() -> cc::Build {
    let mut build = cc::Build::new();
    if env::var_os("CC").is_none() && env::var_os("CC_aarch64_unknown_none_softfloat").is_none() {
        build.compiler(COMPILER).archiver(ARCHIVER);
    }
    build
        .flag("-ffreestanding")
        // FP/SIMD registers are the partitions': in EL3 nobody saves them, and below they trap.
        .flag("-mgeneral-regs-only")
        .flag("-fno-stack-protector")
        .pic(false)
        .warnings(true)
        .extra_warnings(true);
    // What the monitor is compiled with: aligned accesses, and no frame that reaches past the page below its stack.
    build
        .flag("-mstrict-align")
        .flag("-mno-outline-atomics")
        .flag("-fstack-clash-protection")
        .flag("-fno-asynchronous-unwind-tables");
    build
}

/// Generates what calls services from the partition of this name: `client.rs` for `include!`, and `services.h`. Like
/// the handlers' trait, it is that of the system beside the crate: numbers of services are frozen.
pub fn client_script(system_file: &str, sdk: &str, name: &str) -> Result<(), Error> {
    let (folder, out) = (variable("CARGO_MANIFEST_DIR")?, variable("OUT_DIR")?);
    let system = load(&folder.join(system_file), &folder.join(sdk))?;
    let files = client(&system, name)?;
    write(&out.join("client.rs"), &files.rust)?;
    write(&out.join("services.h"), &files.header)
}

/// Generates what the partition of this name handles services with: `handler.rs` for `include!`, and `requests.h`. That of
/// the system beside the crate, too.
pub fn handler_script(system_file: &str, sdk: &str, name: &str) -> Result<(), Error> {
    let (folder, out) = (variable("CARGO_MANIFEST_DIR")?, variable("OUT_DIR")?);
    let system = load(&folder.join(system_file), &folder.join(sdk))?;
    let files = crate::handler(&system, name)?;
    write(&out.join("handler.rs"), &files.rust)?;
    write(&out.join("requests.h"), &files.header)
}

/// Generates what calls services from programs of the Linux in the partition of this name: `linux.rs` for `include!`, and
/// `services.h` for C, which includes the driver's `cofferdam_services.h`.
pub fn linux_script(system_file: &str, sdk: &str, name: &str) -> Result<(), Error> {
    let (folder, out) = (variable("CARGO_MANIFEST_DIR")?, variable("OUT_DIR")?);
    let system = load(&folder.join(system_file), &folder.join(sdk))?;
    let files = crate::linux_client(&system, name)?;
    write(&out.join("linux.rs"), &files.rust)?;
    write(&out.join("services.h"), &files.user)
}

/// Names of the channels that the partition of this name is an end of, for what is compiled with one or without.
pub fn channels(system_file: &str, sdk: &str, name: &str) -> Result<Vec<String>, Error> {
    let (system, _) = begin(system_file, sdk)?;
    let channels = system.channels(partition::named(&system, name)?);
    Ok(channels.map(|(it, _)| it.name.clone()).collect())
}

/// The interrupt controller of the system's board, for what is compiled for one or the other.
pub fn controller(system_file: &str, sdk: &str) -> Result<Controller, Error> {
    let (system, _) = begin(system_file, sdk)?;
    Ok(system.board.controller)
}

fn begin(system_file: &str, sdk: &str) -> Result<(System, PathBuf), Error> {
    let folder = variable("CARGO_MANIFEST_DIR")?;
    let out = variable("OUT_DIR")?;
    println!("cargo::rerun-if-env-changed={SYSTEM_VARIABLE}");
    let file = env::var_os(SYSTEM_VARIABLE).map_or_else(|| folder.join(system_file), PathBuf::from);
    Ok((load(&file, &folder.join(sdk))?, out))
}

fn load(file: &Path, sdk: &Path) -> Result<System, Error> {
    let system =
        cofferdam_system::load(file, sdk).map_err(|refused| Error::Refused(refused.to_string()))?;
    for file in &system.files {
        println!("cargo::rerun-if-changed={}", file.display());
    }
    let templates = templates::folder(file);
    // Cargo takes what is not there for changed, always.
    if templates.is_dir() {
        println!("cargo::rerun-if-changed={}", templates.display());
    }
    Ok(system)
}

fn variable(name: &'static str) -> Result<PathBuf, Error> {
    env::var_os(name)
        .map(PathBuf::from)
        .ok_or(Error::NotABuildScript(name))
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    fs::write(path, text).map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}
