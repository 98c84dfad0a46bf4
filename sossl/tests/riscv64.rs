//! What is generated for services on riscv64, held by snapshots, and compiled where a compiler of the host can.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cofferdam_system::{System, load};

fn sample() -> System {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = folder.join("tests/sample/riscv64.yaml");
    load(&file, &folder.join("..")).expect("the sample")
}

#[test]
fn the_calls_in_the_firmware() {
    let firmware = cofferdam_sossl::firmware(&sample(), "").expect("Rust");
    let start = firmware.rust.find("use cofferdam_core::service");
    let start = start.expect("services");
    insta::assert_snapshot!(&firmware.rust[start..]);
    let service = "cofferdam_call=cofferdam_call_service".to_owned();
    assert_eq!(firmware.symbols, [service]);
}

/// Its trap handler is the one that there was before.
#[test]
fn a_system_without_services_has_nothing_of_them() {
    let mut system = sample();
    system.services.clear();
    let firmware = cofferdam_sossl::firmware(&system, "").expect("Rust");
    assert!(!firmware.rust.contains("service"), "{}", firmware.rust);
    let general = "cofferdam_call=cofferdam_call_general".to_owned();
    assert_eq!(firmware.symbols, [general]);
}

#[test]
fn the_clients() {
    let client = cofferdam_sossl::client(&sample(), "rich").expect("a client");
    insta::assert_snapshot!("the_client_on_riscv64_in_rust", client.rust);
    insta::assert_snapshot!("the_client_on_riscv64_in_c", client.header);
    let linux = cofferdam_sossl::linux_client(&sample(), "rich").expect("a client");
    insta::assert_snapshot!("the_client_on_riscv64_of_drivers", linux.kernel);
    let docs = cofferdam_sossl::docs::docs(&sample(), Path::new("nowhere")).expect("texts");
    insta::assert_snapshot!("the_reference_on_riscv64", docs[0].1);
}

/// Without a warning; not without the cross compiler.
fn compiles(name: &str, files: &[(&str, &str)], text: &str) {
    let compiler = "riscv64-linux-gnu-gcc";
    if Command::new(compiler).arg("--version").output().is_err() {
        eprintln!("NOT RUN: no {compiler}");
        return;
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(folder.join("linux")).expect("a folder");
    for (file, text) in files {
        fs::write(folder.join(file), text).expect("a file");
    }
    let user = folder.join("user.c");
    fs::write(&user, text).expect("a file");
    let output = Command::new(compiler)
        .args(["-Wall", "-Wextra", "-Werror", "-O2", "-std=gnu11", "-c"])
        .arg("-I")
        .args([&folder, Path::new("-o"), &folder.join("user.o"), &user])
        .output()
        .expect("a compiler");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

#[test]
fn the_headers_compile() {
    let client = cofferdam_sossl::client(&sample(), "rich").expect("a client");
    let calls = "#include \"services.h\"\n\
        int64_t use(const void *in, void *out) {\n\
        uint64_t a; int64_t b; bool c; uint32_t d;\n\
        return service_convert(-5, true, &a, &b, &c) + service_digest(in, 9, out, &d);\n}\n";
    compiles("riscv64", &[("services.h", &client.header)], calls);

    let linux = cofferdam_sossl::linux_client(&sample(), "rich").expect("a client");
    let types = "#include <stdbool.h>\n#include <stdint.h>\n\
        typedef uint32_t u32; typedef uint64_t u64; typedef int64_t s64; typedef int32_t s32;\n\
        typedef uint64_t phys_addr_t;\n";
    let calls = "#include \"services_kernel.h\"\n\
        s64 use(phys_addr_t in, phys_addr_t out) {\n\
        u64 a; s64 b; bool c; u32 d;\n\
        return cofferdam_convert(-5, true, &a, &b, &c) + cofferdam_digest(in, 9, out, &d);\n}\n";
    let files = [
        ("services_kernel.h", linux.kernel.as_str()),
        ("linux/types.h", types),
    ];
    compiles("riscv64-kernel", &files, calls);
}
