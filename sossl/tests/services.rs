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

/// What the user wrote stays byte for byte, whatever its shape; what there is no service for is named.
#[test]
fn a_handler_is_begun_where_there_is_none() {
    let system = sample();
    let own = "impl Services for H { /* \u{e9} } */ fn set(&self) {} fn gone(&self) {} }\n// end\n";
    let begun = cofferdam_sossl::skeleton::skeleton(&system, own).expect("an impl");
    let names: Vec<_> = system.services.iter().map(|it| it.name.clone()).collect();
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
    assert_eq!(markdown, "set;convert;digest;narrow;\n");
    assert!(html.starts_with("<!DOCTYPE html>"));

    fs::write(folder.join("services.md.jinja"), "{{ typo }}").expect("a file");
    let refused = cofferdam_sossl::docs::docs(&sample(), &folder).expect_err("refused");
    assert!(
        refused.to_string().contains("services.md.jinja:1"),
        "{refused}"
    );
    fs::remove_dir_all(&folder).expect("removed");
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
    let rust = cofferdam_sossl::firmware(&system, "").expect("Rust").rust;
    assert!(!rust.contains("service"), "{rust}");
    assert!(rust.contains("InterruptController::LAZY,"));
}

/// The sample, its handlers in C.
fn sample_in_c() -> System {
    let mut system = sample();
    for service in &mut system.services {
        let Handler::Monitor { language, .. } = &mut service.handler;
        *language = Language::C;
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

/// The header is C: the cross compiler takes it without a warning, where it is installed.
#[test]
fn the_header_compiles() {
    let compiler = "aarch64-linux-gnu-gcc";
    if Command::new(compiler).arg("--version").output().is_err() {
        eprintln!("NOT RUN: no {compiler}");
        return;
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let client = cofferdam_sossl::client(&sample(), "rich").expect("a client");
    fs::write(folder.join("services.h"), client.header).expect("a file");
    let user = folder.join("user.c");
    let calls = "#include \"services.h\"\n\
        int64_t use(const void *in, void *out) {\n\
        uint64_t a; int64_t b; bool c; uint32_t d, e;\n\
        return service_convert(-5, true, &a, &b, &c) + service_digest(in, 9, out, &e) + service_narrow(7, &d);\n}\n";
    fs::write(&user, calls).expect("a file");
    let output = Command::new(compiler)
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-O2", "-c", "-o"])
        .args([&folder.join("user.o"), &user])
        .output()
        .expect("a compiler");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
