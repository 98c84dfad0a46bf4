//! Compiles the C parts of the tests: the header as a C compiler reads it, and the netif where lwIP's headers are
//! installed (Debian's `liblwip-dev`). Nothing of it goes into the library.

use std::env;
use std::path::Path;

/// Where Debian puts lwIP's headers.
const LWIP: &str = "/usr/include/lwip";

fn main() {
    println!("cargo::rustc-check-cfg=cfg(lwip)");
    for file in ["include", "lwip", "tests"] {
        println!("cargo::rerun-if-changed={file}");
    }
    println!("cargo::rerun-if-changed={LWIP}");
    // Only where the tests run.
    if env::var("HOST") != env::var("TARGET") {
        return;
    }
    link("agree", compiler().file("tests/agree.c"));
    if Path::new(LWIP).exists() {
        let files = ["lwip/cofferdam_netif.c", "tests/stack.c"];
        let mut netif = compiler();
        // lwIP looks for names of POSIX in the C library's headers.
        netif.define("_DEFAULT_SOURCE", None);
        link("netif", netif.include("lwip").include(LWIP).files(files));
        println!("cargo::rustc-link-arg-tests=-llwip");
        println!("cargo::rustc-cfg=lwip");
    }
}

fn compiler() -> cc::Build {
    let mut build = cc::Build::new();
    build
        .include("include")
        .std("c11")
        .warnings_into_errors(true);
    build.cargo_metadata(false);
    build
}

/// For the tests alone: a library that is named here ends in no other artefact.
fn link(name: &str, build: &mut cc::Build) {
    build.compile(name);
    let out = env::var("OUT_DIR").unwrap_or_default();
    println!("cargo::rustc-link-arg-tests={out}/lib{name}.a");
}
