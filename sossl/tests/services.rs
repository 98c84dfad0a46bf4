//! What is generated for services, held by snapshots, and compiled where a compiler of the host can.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cofferdam_system::model::{Handler, Language};
use cofferdam_system::{System, load};

/// One service of every kind.
fn sample() -> System {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    load(&folder.join("tests/sample/system.yaml"), &folder.join("..")).expect("the sample")
}

#[test]
fn the_trait_of_the_handlers() {
    insta::assert_snapshot!(cofferdam_sossl::handlers(&sample()).expect("Rust"));
}

#[test]
fn the_calls_in_the_firmware() {
    let firmware = cofferdam_sossl::firmware(&sample(), "").expect("Rust");
    let start = firmware
        .rust
        .find("use cofferdam_core::service")
        .expect("services");
    insta::assert_snapshot!(&firmware.rust[start..]);
}

#[test]
fn the_client_in_rust() {
    insta::assert_snapshot!(
        cofferdam_sossl::client(&sample(), "rich")
            .expect("a client")
            .rust
    );
}

#[test]
fn the_client_in_c() {
    insta::assert_snapshot!(
        cofferdam_sossl::client(&sample(), "rich")
            .expect("a client")
            .header
    );
}

#[test]
fn a_partition_that_handles() {
    let handler = cofferdam_sossl::handler(&sample(), "rtos").expect("a handler");
    insta::assert_snapshot!("the_trait_of_a_partition_that_handles", handler.rust);
    insta::assert_snapshot!("the_header_of_a_partition_that_handles", handler.header);
}

/// Where a partition in C includes it.
#[test]
fn the_header_of_a_partition_that_handles_compiles() {
    let folder = folder("handler");
    let handler = cofferdam_sossl::handler(&sample(), "rtos").expect("a handler");
    fs::write(folder.join("requests.h"), handler.header).expect("a file");
    let handlers = "#include \"requests.h\"\n\
        int64_t handle_hash(uint64_t caller, struct service_memory message, struct service_memory sum,\n\
        uint32_t rounds, int64_t offset, uint32_t *length, bool *exact) {\n\
        uint8_t copy[32] = { (uint8_t)(caller + rounds) };\n\
        *exact = offset == 0; *length = (uint32_t)message.length;\n\
        return service_copy_from(message, copy, 32) && service_copy_to(sum, copy, 32) ? SERVICE_DONE : SERVICE_BUSY;\n\
        }\n\
        bool serve(void) { return service_serve(); }\n";
    let options = ["-std=c11", "-ffreestanding", "-mgeneral-regs-only"];
    compiles(&folder, &options, handlers);
}

#[test]
fn the_clients_of_linux() {
    let client = cofferdam_sossl::linux_client(&sample(), "rich").expect("a client");
    insta::assert_snapshot!("the_client_of_programs_in_c", client.user);
    insta::assert_snapshot!("the_client_of_drivers", client.kernel);
    insta::assert_snapshot!("the_client_of_programs_in_rust", client.rust);
}

/// What a partition handles is not the monitor's, and the slots of its callers are numbered through.
#[test]
fn what_a_partition_handles_has_slots() {
    let system = sample();
    let handlers = cofferdam_sossl::handlers(&system).expect("Rust");
    assert!(!handlers.contains("fn hash"), "{handlers}");
    let firmware = cofferdam_sossl::firmware(&system, "").expect("Rust").rust;
    assert!(firmware.contains("static REQUESTS: [Request; 1]"));
    let others = cofferdam_sossl::partition(&system, "rich")
        .expect("Rust")
        .rust;
    let shared = cofferdam_sossl::partition(&system, "rtos")
        .expect("Rust")
        .rust;
    assert!(others.contains("SHARED: [(usize, usize); 0]"), "{others}");
    assert!(shared.contains("SHARED: [(usize, usize); 1]"), "{shared}");
}

/// What the user wrote stays byte for byte, whatever its shape; what there is no service for is named.
#[test]
fn a_handler_is_begun_where_there_is_none() {
    let system = sample();
    let own = "impl Services for H { /* \u{e9} } */ fn set(&self) {} fn gone(&self) {} }\n// end\n";
    let begun = cofferdam_sossl::skeleton::skeleton(&system, own).expect("an impl");
    let ours = system.services.iter().filter(|it| it.is_in(Language::Rust));
    let names: Vec<_> = ours.map(|it| it.name.clone()).collect();
    assert_eq!(begun.added, names[1..]);
    assert_eq!(begun.orphans, ["gone"]);
    let (before, after) = own.split_at(own.rfind("}\n// end").expect("its brace"));
    assert!(begun.text.starts_with(before) && begun.text.ends_with(after));
    insta::assert_snapshot!(begun.text);

    let again = cofferdam_sossl::skeleton::skeleton(&system, &begun.text).expect("an impl");
    assert_eq!((again.text, again.added), (begun.text, Vec::new()));
    assert_eq!(cofferdam_sossl::skeleton::skeleton(&system, "fn {"), None);
}

fn documents(templates: &Path) -> [String; 2] {
    let mut system = sample();
    system.services[0].doc = Some("<b> & `*/` of a user.".to_owned());
    let made = cofferdam_sossl::docs::docs(&system, templates).expect("texts");
    let [(markdown, first), (html, second)] = <[_; 2]>::try_from(made).expect("two");
    assert_eq!(
        (markdown.as_str(), html.as_str()),
        ("services.md", "services.html")
    );
    [first, second]
}

#[test]
fn the_reference() {
    let [markdown, html] = documents(Path::new("nowhere"));
    insta::assert_snapshot!("the_reference_in_markdown", markdown);
    insta::assert_snapshot!("the_reference_in_html", html);
    assert!(html.contains("&lt;b&gt;"), "no tag of a user's");
}

#[test]
fn a_template_of_the_users_takes_the_place() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("templates");
    fs::create_dir_all(&folder).expect("a folder");
    let template = "{% for it in services %}{{ it.name }};{% endfor %}";
    fs::write(folder.join("services.md.jinja"), template).expect("a file");
    let [markdown, html] = documents(&folder);
    assert_eq!(markdown, "set;convert;digest;narrow;hash;\n");
    assert!(html.starts_with("<!DOCTYPE html>"));

    fs::write(folder.join("services.md.jinja"), "{{ typo }}").expect("a file");
    let refused = cofferdam_sossl::docs::docs(&sample(), &folder).expect_err("refused");
    assert!(
        refused.to_string().contains("services.md.jinja:1"),
        "{refused}"
    );
    fs::remove_dir_all(&folder).expect("removed");
}

/// In C as well: each template by its name, and a mistake in it with its place.
#[test]
fn a_template_of_the_users_takes_the_place_in_c_too() {
    let beside = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("c-templates");
    let folder = beside.join("templates");
    fs::create_dir_all(&folder).expect("a folder");
    for name in [
        "services.h.jinja",
        "handlers.h.jinja",
        "handler.c.jinja",
        "requests.h.jinja",
    ] {
        fs::write(folder.join(name), format!("/* mine, {name} */")).expect("a file");
    }
    let mut system = sample_in_c();
    system.file = beside.join("system.yaml");
    let client = cofferdam_sossl::client(&system, "rich").expect("a client");
    assert_eq!(client.header, "/* mine, services.h.jinja */\n");
    let header = cofferdam_sossl::c::handlers_header(&system).expect("C");
    assert_eq!(header, "/* mine, handlers.h.jinja */\n");
    let handler = cofferdam_sossl::handler(&system, "rtos").expect("a handler");
    assert_eq!(handler.header, "/* mine, requests.h.jinja */\n");
    let forms = cofferdam_sossl::c::skeletons(&system).expect("C");
    assert!(
        forms
            .iter()
            .all(|(_, it)| it == "/* mine, handler.c.jinja */\n")
    );

    fs::write(folder.join("handlers.h.jinja"), "{{ typo }}").expect("a file");
    let refused = cofferdam_sossl::c::handlers_header(&system).expect_err("refused");
    assert!(
        refused.to_string().contains("handlers.h.jinja:1"),
        "{refused}"
    );
    fs::remove_dir_all(&beside).expect("removed");
}

/// A partition's own services only.
#[test]
fn others_services_are_not_offered() {
    let client = cofferdam_sossl::client(&sample(), "rtos").expect("a client");
    assert!(client.rust.contains("fn set(") && client.header.contains("service_set("));
    assert!(!client.rust.contains("fn convert(") && !client.header.contains("service_convert("));
}

#[test]
fn a_system_without_services_has_nothing_of_them() {
    let mut system = sample();
    system.services.clear();
    let firmware = cofferdam_sossl::firmware(&system, "").expect("Rust");
    assert!(!firmware.rust.contains("service"), "{}", firmware.rust);
    let table = "cofferdam_table=vectors_rich_lazy".to_owned();
    assert!(firmware.symbols.contains(&table));
}

/// The sample, its handlers in C.
fn sample_in_c() -> System {
    let mut system = sample();
    for service in &mut system.services {
        if let Handler::Monitor { language, .. } = &mut service.handler {
            *language = Language::C;
        }
    }
    system
}

#[test]
fn handlers_in_c() {
    let system = sample_in_c();
    let firmware = cofferdam_sossl::firmware(&system, "").expect("Rust").rust;
    let start = firmware.find("/// `struct service_caller`").expect("C");
    insta::assert_snapshot!("the_calls_of_handlers_in_c", &firmware[start..]);
    let header = cofferdam_sossl::c::handlers_header(&system).expect("C");
    insta::assert_snapshot!("the_header_of_handlers_in_c", header);
    assert!(
        !cofferdam_sossl::handlers(&system)
            .expect("Rust")
            .contains("fn ")
    );
}

/// What `services_script` compiles with.
fn compile_handler(text: &str) -> Option<Result<(), cc::Error>> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("c{}", text.len()));
    fs::create_dir_all(&folder).expect("a folder");
    let header = cofferdam_sossl::c::handlers_header(&sample_in_c()).expect("C");
    fs::write(folder.join("handlers.h"), header).expect("a file");
    let file = folder.join("handler.c");
    fs::write(&file, text).expect("a file");
    let mut build = cofferdam_sossl::build::compiler();
    if Command::new(build.try_get_compiler().ok()?.path())
        .arg("--version")
        .output()
        .is_err()
    {
        eprintln!("NOT RUN: no compiler");
        return None;
    }
    let target = "aarch64-unknown-none-softfloat";
    build
        .cargo_metadata(false)
        .target(target)
        .host(target)
        .opt_level(2)
        .out_dir(&folder);
    Some(
        build
            .warnings_into_errors(true)
            .include(&folder)
            .file(file)
            .try_compile("handlers"),
    )
}

#[test]
fn first_forms_in_c_compile_and_floating_point_does_not() {
    let system = sample_in_c();
    let forms = cofferdam_sossl::c::skeletons(&system).expect("C");
    let all: String = forms.into_iter().map(|(_, text)| text).collect();
    insta::assert_snapshot!("the_first_forms_in_c", &all);
    let Some(compiled) = compile_handler(&all) else {
        return;
    };
    compiled.expect("it compiles");
    let float = all.replacen(
        "return SERVICE_NOT_SUPPORTED;",
        "volatile double x = 1; return (int64_t)(x * 2);",
        1,
    );
    assert!(compile_handler(&float).expect("a compiler").is_err());
}

/// Compiles C against what is in the folder, without a warning; not without the cross compiler.
fn compiles(folder: &Path, options: &[&str], text: &str) {
    let compiler = "aarch64-linux-gnu-gcc";
    if Command::new(compiler).arg("--version").output().is_err() {
        eprintln!("NOT RUN: no {compiler}");
        return;
    }
    let user = folder.join("user.c");
    fs::write(&user, text).expect("a file");
    let output = Command::new(compiler)
        .args(["-Wall", "-Wextra", "-Werror", "-O2", "-c", "-o"])
        .args([&folder.join("user.o"), &user])
        .args(options)
        .output()
        .expect("a compiler");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(folder.join("linux")).expect("a folder");
    folder
}

#[test]
fn the_header_compiles() {
    let folder = folder("rtos");
    let client = cofferdam_sossl::client(&sample(), "rich").expect("a client");
    fs::write(folder.join("services.h"), client.header).expect("a file");
    let calls = "#include \"services.h\"\n\
        int64_t use(const void *in, void *out) {\n\
        uint64_t a = 0; int64_t b; bool c; uint32_t d, e;\n\
        return service_convert(-5, true, &a, &b, &c) + service_digest(in, 9, out, &e) + service_narrow(7, &d)\n\
        + service_hash(in, 9, out, 1, -1, &a) + service_hash_poll(a, &d, &c);\n}\n";
    compiles(&folder, &["-std=c11"], calls);
}

/// Where a program of Linux includes it, and the driver's own header.
#[test]
fn the_header_of_programs_compiles() {
    let folder = folder("programs");
    let client = cofferdam_sossl::linux_client(&sample(), "rich").expect("a client");
    fs::write(folder.join("services.h"), client.user).expect("a file");
    let driver = concat!(
        "-I",
        env!("CARGO_MANIFEST_DIR"),
        "/../linux/cofferdam_services"
    );
    let calls = "#include \"services.h\"\n\
        int64_t use(int device, const void *in, void *out) {\n\
        uint64_t a = 0; int64_t b; bool c; uint32_t d, e;\n\
        return cofferdam_convert(device, -5, true, &a, &b, &c) + cofferdam_digest(device, in, 9, out, &e)\n\
        + cofferdam_narrow(device, 7, &d) + cofferdam_hash(device, in, 9, out, 1, -1, &d, &c);\n}\n";
    compiles(&folder, &["-std=gnu11", driver], calls);
}

/// With stand-ins for the two headers of the kernel that it includes.
#[test]
fn the_header_of_drivers_compiles() {
    let folder = folder("drivers");
    let client = cofferdam_sossl::linux_client(&sample(), "rich").expect("a client");
    fs::write(folder.join("services.h"), client.kernel).expect("a file");
    let types = "#include <stdbool.h>\n#include <stdint.h>\n\
        typedef uint32_t u32; typedef uint64_t u64; typedef int32_t s32; typedef int64_t s64;\n\
        typedef uint64_t phys_addr_t;\n";
    let registers: String = (0..18).map(|n| format!("unsigned long a{n};")).collect();
    let smccc = format!(
        "struct arm_smccc_1_2_regs {{ {registers} }};\n\
         void arm_smccc_1_2_smc(const struct arm_smccc_1_2_regs *, struct arm_smccc_1_2_regs *);\n"
    );
    fs::write(folder.join("linux/types.h"), types).expect("a file");
    fs::write(folder.join("linux/arm-smccc.h"), smccc).expect("a file");
    let calls = "#include <linux/types.h>\n#include \"services.h\"\n\
        s64 use(phys_addr_t in, phys_addr_t out) {\n\
        u64 a = 0; s64 b; bool c; u32 d;\n\
        return cofferdam_convert(-5, true, &a, &b, &c) + cofferdam_narrow(7, &d)\n\
        + cofferdam_hash(in, 9, out, 1, -1, &a) + cofferdam_hash_poll(a, &d, &c);\n}\n";
    let include = format!("-I{}", folder.display());
    compiles(&folder, &["-std=gnu11", &include], calls);
}
