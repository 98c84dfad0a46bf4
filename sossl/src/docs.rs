//! The reference of a user's service layer, in Markdown and HTML, by templates that the user may replace.

use std::path::Path;

use crate::{Error, header, source_name};
use cofferdam_system::model::{
    Access, Convention, Hook, Hooked, Kind, Parameter, RegionSize, Scalar, Service,
};
use cofferdam_system::{Arch, System};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};

/// Names of the templates, and of what is made by them with one ending less; each with the one that is used where the
/// user has none.
const TEMPLATES: [(&str, &str); 2] = [
    (
        "services.md.jinja",
        include_str!("../templates/services.md.jinja"),
    ),
    (
        "services.html.jinja",
        include_str!("../templates/services.html.jinja"),
    ),
];

/// The reference of a system's services: names of files and their texts. A template of the same name in the folder
/// `templates` takes the place of this crate's.
pub fn docs(system: &System, templates: &Path) -> Result<Vec<(String, String)>, Error> {
    let services: Vec<_> = system
        .services
        .iter()
        .map(|it| service(system, it))
        .collect();
    let hooks: Vec<_> = system.hooks.iter().map(|it| hook(system, it)).collect();
    let (source, board) = (source_name(system), &system.board.name);
    let arch = match system.board.arch {
        Arch::Arm64 => "arm64",
        Arch::Riscv64 => "riscv64",
    };
    let values = context! { source, board, arch, services, hooks };
    let made = TEMPLATES.into_iter().map(|(name, own)| {
        let template = crate::templates::text(templates, name, own)?;
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // By the name of what is made: what a user writes is text in HTML, never a tag.
        environment.set_auto_escape_callback(|name| match name.contains(".html") {
            true => AutoEscape::Html,
            false => AutoEscape::None,
        });
        let text = environment.render_named_str(name, &template, &values)?;
        Ok((name.trim_end_matches(".jinja").to_owned(), text + "\n"))
    });
    made.collect()
}

/// What the templates say of a service.
fn service(system: &System, service: &Service) -> Value {
    let handler = service.partition().and_then(|id| {
        let mut partitions = system.partitions.iter();
        partitions.find(|it| it.id == id)
    });
    let callers = service.callers.iter().filter_map(|id| {
        let mut partitions = system.partitions.iter();
        partitions.find(|it| it.id == *id).map(|it| it.name.clone())
    });
    // A call of the SBI has its first argument where it has the status later.
    let (letter, first) = match (system.board.arch, service.convention) {
        (Arch::Arm64, Convention::Smc32) => ('w', 1),
        (Arch::Arm64, Convention::Smc64) => ('x', 1),
        (Arch::Riscv64, _) => ('a', 0),
    };
    let mut register = first;
    let arguments: Vec<_> = service
        .arguments
        .iter()
        .map(|it| {
            let own = register;
            register += it.kind.registers();
            parameter(letter, it, own)
        })
        .collect();
    let results = service
        .results
        .iter()
        .zip(1..)
        .map(|(it, n)| parameter(letter, it, n));
    context! {
        name => &service.name,
        doc => service.doc.as_deref().unwrap_or_default().trim(),
        line => service.line,
        id => format!("{:#010x}", service.function_id()),
        range => service.range.as_str(),
        convention => match service.convention { Convention::Smc32 => 32, Convention::Smc64 => 64 },
        callers => callers.collect::<Vec<_>>(),
        handler => handler.map_or("monitor", |it| &it.name),
        instructions => service.instructions(),
        arguments,
        results => results.collect::<Vec<_>>(),
        limit => service.limit.map(|it| context! {
            interval => format!("{:?}", it.interval),
            burst => it.burst,
        }),
        c => format!("int64_t service_{}({})", service.name, header::parameters(service)),
    }
}

/// What they say of a hook.
fn hook(system: &System, hook: &Hook) -> Value {
    let when = match hook.at {
        Hooked::BeforeSwitch => "before a core leaves a world for the other".to_owned(),
        Hooked::AfterSwitch => "after a core came to a world from the other".to_owned(),
        Hooked::Interrupt {
            device,
            core,
            limit,
        } => format!(
            "at the interrupt of {} on core {}, one in {:?}, {} at once",
            system
                .board
                .device(device)
                .map_or("a device", |it| it.name.as_str()),
            core.index(),
            limit.interval,
            limit.burst
        ),
    };
    context! {
        name => &hook.name,
        doc => hook.doc.as_deref().unwrap_or_default().trim(),
        line => hook.line,
        instructions => hook.instructions,
        when,
    }
}

fn parameter(letter: char, parameter: &Parameter, first: usize) -> Value {
    let registers = match parameter.kind.registers() {
        2 => format!("{letter}{first}, {letter}{}", first + 1),
        _ => format!("{letter}{first}"),
    };
    let (of, range) = meaning(parameter.kind);
    context! { name => &parameter.name, registers, type => of, range }
}

fn meaning(kind: Kind) -> (String, String) {
    match kind {
        Kind::Scalar {
            scalar: Scalar::Bool,
            ..
        } => ("bool".to_owned(), "0 or 1".to_owned()),
        Kind::Scalar { scalar, min, max } => {
            let range = if (min, max) == scalar.range() {
                "any".to_owned()
            } else {
                format!("{min} to {max}")
            };
            (scalar.as_str().to_owned(), range)
        }
        Kind::Region {
            access,
            size,
            align,
        } => {
            let verb = match access {
                Access::Read => "read",
                Access::Write => "written",
            };
            let size = match size {
                RegionSize::AtMost(most) => format!("at most {most} bytes"),
                RegionSize::Exactly(size) => format!("{size} bytes"),
            };
            (
                format!("memory that is {verb}"),
                format!("{size}, aligned to {align}"),
            )
        }
    }
}
