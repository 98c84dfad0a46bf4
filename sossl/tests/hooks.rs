//! What becomes of `hooks:`.

use std::path::Path;
use std::time::Duration;

use cofferdam_sossl::skeleton::skeleton;
use cofferdam_system::model::{Hook, Hooked, Limit};
use cofferdam_system::{System, load};

/// The sample, with a hook of each kind.
fn sample() -> System {
    let mut system = without();
    let device = system
        .board
        .devices
        .iter()
        .find(|it| it.region.is_some() && it.interrupts.len() == 1);
    let name = device.expect("a device with an interrupt").name.clone();
    let (device, _) = system.board.device_named(&name).expect("the device");
    let core = system.board.core_ids().next().expect("a core");
    let limit = Limit {
        interval: Duration::from_millis(2),
        burst: 3,
    };
    let interrupt = Hooked::Interrupt {
        device,
        core,
        limit,
    };
    for (name, at) in [
        ("leave", Hooked::BeforeSwitch),
        ("come", Hooked::AfterSwitch),
        ("ring", interrupt),
    ] {
        system.hooks.push(Hook {
            name: name.to_owned(),
            doc: Some("Does it.".to_owned()),
            line: 7,
            instructions: 20,
            at,
        });
    }
    system
}

fn without() -> System {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    load(&folder.join("tests/sample/system.yaml"), &folder.join("..")).expect("the sample")
}

/// So a hook without a handler does not compile.
#[test]
fn each_is_a_method_of_the_trait() {
    let rust = cofferdam_sossl::handlers(&sample()).expect("Rust");
    for method in [
        "fn leave(&self, switch: Switch);",
        "fn come(&self, switch: Switch);",
        "fn ring(&self, device: &mut dyn Device);",
        "At most 20 instructions.",
    ] {
        assert!(rust.contains(method), "{method}: {rust}");
    }
    let rust = cofferdam_sossl::handlers(&without()).expect("Rust");
    assert!(!rust.contains("Switch") && !rust.contains("Device"));
}

#[test]
fn the_firmware_calls_them_by_the_vectors_that_do() {
    let firmware = cofferdam_sossl::firmware(&sample(), "").expect("Rust");
    for call in [
        "services::HANDLERS.leave(switch)",
        "services::HANDLERS.come(switch)",
        "services::HANDLERS.ring(&mut device)",
        "cofferdam_arm64::observed!()",
    ] {
        assert!(firmware.rust.contains(call), "{call}: {}", firmware.rust);
    }
    let observed = "cofferdam_table=vectors_rich_lazy_services_observed".to_owned();
    assert!(
        firmware.symbols.contains(&observed),
        "{:?}",
        firmware.symbols
    );
    let firmware = cofferdam_sossl::firmware(&without(), "").expect("Rust");
    assert!(!firmware.rust.contains("observed!") && !firmware.rust.contains("HOOKS"));
    assert!(!firmware.symbols.contains(&observed));
}

#[test]
fn a_first_form_of_each_is_begun() {
    let source = "impl Services for Handlers {\n}\n";
    let begun = skeleton(&sample(), source).expect("a source");
    for name in ["leave", "come", "ring"] {
        assert!(begun.added.iter().any(|it| it == name));
    }
    assert!(
        begun
            .text
            .contains("fn ring(&self, _device: &mut dyn Device) {}"),
        "{}",
        begun.text
    );
    let again = skeleton(&sample(), &begun.text).expect("a source");
    assert_eq!(
        (again.text, again.orphans),
        (begun.text.clone(), Vec::new())
    );
    let gone = skeleton(&without(), &begun.text).expect("a source").orphans;
    assert_eq!(gone, ["leave", "come", "ring"]);
}

#[test]
fn the_reference_has_them() {
    let docs = cofferdam_sossl::docs::docs(&sample(), Path::new("none")).expect("a reference");
    for (name, text) in docs {
        assert!(
            text.contains("before a core leaves a world") && text.contains("one in 2ms, 3 at once"),
            "{name}: {text}"
        );
    }
}
