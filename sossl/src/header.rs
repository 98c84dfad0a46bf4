//! Services on the callers' side in C: a header with one inline function each.

use crate::client::{SBI_ARGUMENTS, calls, of_caller};
use crate::services::origin;
use crate::{Error, source_name, templates};
use cofferdam_system::model::{
    Access, Convention, Kind, Parameter, Partition, RegionSize, Scalar, Service,
};
use cofferdam_system::{Arch, State, System};
use minijinja::{Value, context};

const TEMPLATE: &str = include_str!("../templates/services.h.jinja");

/// The header of what a partition may call.
pub(crate) fn header(system: &System, caller: &Partition) -> Result<String, Error> {
    let calls = of_caller(system, caller).flat_map(calls);
    let registers = Registers::of(system.board.arch, caller.entry.state);
    let services = calls.map(|(it, id)| function(system, &it, id, &registers));
    let values = context! {
        caller => &caller.name,
        source => source_name(system),
        word => registers.word,
        call => registers.call,
        services => services.collect::<Vec<_>>(),
    };
    templates::c(system, "services.h.jinja", TEMPLATE, values)
}

/// What a caller calls with: SMCCC from AArch64 or AArch32 (DEN0028, register use), or the SBI (chapter 3).
struct Registers {
    word: &'static str,
    /// In the order of [`Registers::values`]: the first answers the status, the next ones the results.
    places: &'static [&'static str],
    call: &'static str,
    /// Of those that hold nothing, the call may change these up to this one.
    changed: usize,
}

impl Registers {
    const fn of(arch: Arch, state: State) -> Self {
        match (arch, state) {
            (Arch::Riscv64, _) => Self {
                word: "uint64_t",
                places: &["a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7"],
                call: "ecall",
                changed: 7,
            },
            (Arch::Arm64, State::Aarch64) => Self {
                word: "uint64_t",
                places: &[
                    "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",
                    "x12", "x13", "x14", "x15", "x16", "x17",
                ],
                call: "smc #0",
                changed: 17,
            },
            (Arch::Arm64, State::Aarch32) => Self {
                word: "uint32_t",
                places: &["r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7"],
                call: ".arch_extension sec\\n\\tsmc #0",
                changed: 3,
            },
        }
    }

    /// What the registers hold before the call, by their places.
    fn values(&self, arch: Arch, id: u32, arguments: &[String]) -> Vec<String> {
        let first = |it: &String| it.clone();
        match arch {
            Arch::Arm64 => {
                let id = format!("{id:#x}u");
                [id].iter().chain(arguments).map(first).collect()
            }
            Arch::Riscv64 => {
                let unused = SBI_ARGUMENTS.saturating_sub(arguments.len());
                let zeros = vec!["0".to_owned(); unused];
                // With its sign.
                let id = format!("({})(int32_t){id:#x}u", self.word);
                let own = [id, format!("{:#x}u", cofferdam_abi::call::SBI_EXTENSION)];
                arguments
                    .iter()
                    .chain(&zeros)
                    .chain(&own)
                    .map(first)
                    .collect()
            }
        }
    }
}

/// What the template says of a service.
fn function(system: &System, service: &Service, id: u32, of: &Registers) -> Value {
    let arguments = service.arguments.iter();
    let arguments: Vec<_> = arguments.flat_map(|it| values(it, of.word)).collect();
    let values = of.values(system.board.arch, id, &arguments);
    let used = values.len().max(service.results.len() + 1);
    let registers = of.places.iter().zip(0..used).map(|(&place, n)| {
        let value = values.get(n).map_or("0", String::as_str);
        context! { name => format!("x{n}"), place, value }
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
    let changed = of.places.iter().copied();
    let changed = changed.take(of.changed + 1).skip(used);
    context! {
        name => &service.name,
        doc => commented(service),
        origin => origin(system, service),
        parameters => parameters(service),
        registers => registers.collect::<Vec<_>>(),
        clobbered => changed.collect::<Vec<_>>(),
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
