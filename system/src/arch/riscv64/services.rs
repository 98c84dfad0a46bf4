//! Services as calls of the SBI: their registers are a0 to a7 (chapter 3), all of them of 64 bits.

use super::not_yet;
use crate::check::scene::Scene;
use crate::check::services::MONITOR;
use crate::code::Code;
use crate::mistake::{Draft, Mistakes};
use crate::model::{Convention, Language};
use crate::raw::service::{Kind, Parameter, Service};

/// a0 to a5: a6 and a7 say what is called.
const ARGUMENTS: usize = 6;
/// a1 to a7, behind the status.
const RESULTS: usize = 7;

pub(super) fn check(scene: &Scene<'_>, out: &mut Mistakes) {
    for service in &scene.raw.services {
        check_convention(service, out);
        check_registers(&service.arguments, ARGUMENTS, "arguments", out);
        check_registers(&service.results, RESULTS, "results", out);
        let in_c = service.language.filter(|it| it.value == Language::C);
        if let Some(language) = in_c {
            not_yet("handlers in C", language.place, out);
        }
        let handler = service.handler.as_ref().filter(|it| it.value != MONITOR);
        let mut partitions = scene.partitions.iter();
        if let Some(handler) = handler.filter(|it| partitions.any(|view| view.name() == it.value)) {
            not_yet("services that a partition handles", handler.place, out);
        }
    }
}

fn check_convention(service: &Service, out: &mut Mistakes) {
    let narrow = service
        .convention
        .filter(|it| it.value == Convention::Smc32);
    if let Some(convention) = narrow {
        out.push(
            Draft::new(
                Code::ServiceOnRiscv,
                "a call of the SBI has registers of 64 bits",
                convention.place,
                "of 32 bits",
            )
            .help("leave `convention:` out"),
        );
    }
}

fn check_registers(list: &[Parameter], most: usize, what: &str, out: &mut Mistakes) {
    let mut used = 0_usize;
    for parameter in list {
        let before = used;
        used = used.saturating_add(registers(parameter));
        if used > most && before <= most {
            out.push(
                Draft::new(
                    Code::ServiceOnRiscv,
                    format!("the {what} of a call of the SBI fill {most} registers at most"),
                    parameter.name.place,
                    "no register is left for this",
                )
                .help("pass less, or pass a region (two registers, or one with `size:`)"),
            );
        }
    }
}

fn registers(parameter: &Parameter) -> usize {
    match parameter.kind {
        Some(Kind::Region { max: Some(_), .. }) => 2,
        _ => 1,
    }
}
