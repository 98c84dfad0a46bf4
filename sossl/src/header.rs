//! Services on the callers' side in C: a header with one inline function each.

use crate::client::{calls, of_caller};
use crate::services::origin;
use crate::{Error, source_name, templates};
use cofferdam_system::model::{
    Access, Convention, Kind, Parameter, Partition, RegionSize, Scalar, Service,
};
use cofferdam_system::{State, System};
use minijinja::{Value, context};
use std::ops::RangeInclusive;

const TEMPLATE: &str = include_str!("../templates/services.h.jinja");

/// The header of what a partition may call.
pub(crate) fn header(system: &System, caller: &Partition) -> Result<String, Error> {
    let calls = of_caller(system, caller).flat_map(calls);
    let registers = Registers::of(caller.entry.state);
    let services = calls.map(|(it, id)| function(system, &it, id, &registers));
    let values = context! {
        caller => &caller.name,
        source => source_name(system),
        word => registers.word,
        register => registers.letter,
        call => registers.call,
        services => services.collect::<Vec<_>>(),
    };
    templates::c(system, "services.h.jinja", TEMPLATE, values)
}

/// What a caller's execution state calls with (DEN0028, register use in AArch64 and AArch32 calls).
struct Registers {
    word: &'static str,
    letter: &'static str,
    /// Of those that hold nothing, the call may change these.
    changed: RangeInclusive<usize>,
    call: &'static str,
}

impl Registers {
    const fn of(state: State) -> Self {
        match state {
            State::Aarch64 => Self {
                word: "uint64_t",
                letter: "x",
                changed: 1..=17,
                call: "smc #0",
            },
            State::Aarch32 => Self {
                word: "uint32_t",
                letter: "r",
                changed: 1..=3,
                call: ".arch_extension sec\\n\\tsmc #0",
            },
        }
    }
}

/// What the template says of a service.
fn function(system: &System, service: &Service, id: u32, of: &Registers) -> Value {
    let arguments = service.arguments.iter();
    let values: Vec<_> = arguments.flat_map(|it| values(it, of.word)).collect();
    let used = values.len().max(service.results.len());
    let letter = of.letter;
    let registers = (1..=used).map(|n| {
        let value = values.get(n - 1).map_or("0", String::as_str);
        context! { name => format!("x{n}"), place => format!("{letter}{n}"), value }
    });
    let results = service
        .results
        .iter()
        .zip(1..)
        .map(|(it, n)| match it.kind {
            Kind::Scalar {
                scalar: Scalar::Bool,
                ..
            } => format!("*{} = x{n} != 0", it.name),
            _ => format!("*{} = ({})x{n}", it.name, c_type(it.kind)),
        });
    context! {
        name => &service.name,
        doc => commented(service),
        origin => origin(system, service),
        parameters => parameters(service),
        id => format!("{id:#x}"),
        registers => registers.collect::<Vec<_>>(),
        clobbered => of.changed.clone().skip(used).map(|n| format!("{letter}{n}")).collect::<Vec<_>>(),
        results => results.collect::<Vec<_>>(),
        status => match service.convention {
            Convention::Smc64 => "(int64_t)x0",
            Convention::Smc32 => "(int32_t)x0",
        },
    }
}

/// What a service is for. What ends a comment in C must not come from a user.
pub(crate) fn commented(service: &Service) -> String {
    let doc = service.doc.as_deref().unwrap_or_default();
    doc.replace("*/", "* /").replace('\n', " ")
}

pub(crate) fn c_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Scalar { scalar, .. } => match scalar {
            Scalar::Bool => "bool",
            Scalar::U32 => "uint32_t",
            Scalar::U64 => "uint64_t",
            Scalar::I64 => "int64_t",
        },
        Kind::Region {
            access: Access::Read,
            ..
        } => "const void *",
        Kind::Region {
            access: Access::Write,
            ..
        } => "void *",
    }
}

pub(crate) fn parameters(service: &Service) -> String {
    let arguments = service.arguments.iter().flat_map(|it| {
        let (of, name) = (c_type(it.kind), &it.name);
        let space = if of.ends_with('*') { "" } else { " " };
        let own = format!("{of}{space}{name}");
        let of = match service.convention {
            Convention::Smc64 => "uint64_t",
            Convention::Smc32 => "uint32_t",
        };
        let length = is_sized(it).then(|| format!("{of} {name}_len"));
        [Some(own), length].into_iter().flatten()
    });
    // A result may have the name of an argument.
    let results = service
        .results
        .iter()
        .map(|it| format!("{} *{}", c_type(it.kind), it.name));
    let all: Vec<_> = arguments.chain(results).collect();
    match all.as_slice() {
        [] => "void".to_owned(),
        all => all.join(", "),
    }
}

/// Whether the caller says how long it is.
pub(crate) fn is_sized(parameter: &Parameter) -> bool {
    let size = match parameter.kind {
        Kind::Region { size, .. } => size,
        Kind::Scalar { .. } => return false,
    };
    matches!(size, RegionSize::AtMost(_))
}

fn values(parameter: &Parameter, word: &str) -> Vec<String> {
    let name = &parameter.name;
    let first = match parameter.kind {
        Kind::Scalar { .. } => format!("({word}){name}"),
        Kind::Region { .. } => format!("({word})(uintptr_t){name}"),
    };
    let length = is_sized(parameter).then(|| format!("{name}_len"));
    [Some(first), length].into_iter().flatten().collect()
}
