//! Arguments and results of a service: they fit in a call, and their bounds leave something.

use super::services::{MONITOR, check_name};
use crate::code::Code;
use crate::fields::{At, Signed, Size};
use crate::mistake::{Draft, Mistakes};
use crate::model::{self, Convention, RegionSize, Scalar};
use crate::raw::service::{Kind, Parameter, Service};
use crate::source::Place;

/// A region starts where words do.
const WORD: u64 = 8;

pub(super) fn check(service: &Service, out: &mut Mistakes) {
    for (list, what) in [
        (&service.arguments, "arguments"),
        (&service.results, "results"),
    ] {
        for parameter in list {
            check_name(&parameter.name, out);
            check_kind(service, parameter, out);
        }
        check_registers(service, list, what, out);
    }
    check_names(service, out);
    for result in &service.results {
        check_unbounded(result, out);
        if matches!(result.kind, Some(Kind::Region { .. })) {
            out.push(
                Draft::new(
                    Code::ServiceRegionResult,
                    "a result is a value, not memory",
                    result.name.place,
                    "a region",
                )
                .help("take a region to write to as an argument: `{ region: write, size: 64B }`"),
            );
        }
    }
}

/// The parameters of the C function: arguments, lengths of regions, results.
fn check_names(service: &Service, out: &mut Mistakes) {
    let mut taken: Vec<(String, Place)> = Vec::new();
    for parameter in service.arguments.iter().chain(&service.results) {
        let (name, place) = (&parameter.name.value, parameter.name.place);
        let sized = matches!(parameter.kind, Some(Kind::Region { max: Some(_), .. }));
        let length = sized.then(|| format!("{name}_len"));
        for own in [Some(name.clone()), length].into_iter().flatten() {
            if let Some((_, first)) = taken.iter().find(|(other, _)| *other == own) {
                out.push(
                    Draft::new(
                        Code::ServiceNameTwice,
                        format!("two parameters are named `{own}`"),
                        place,
                        "named again here",
                    )
                    .and(*first, "first named here")
                    .help("give one of them another name"),
                );
            }
            taken.push((own, place));
        }
    }
}

/// Nothing would hold a handler to the bounds of a result.
fn check_unbounded(result: &Parameter, out: &mut Mistakes) {
    let Some(Kind::Scalar { min, max, .. }) = &result.kind else {
        return;
    };
    if let Some(bound) = min.or(*max) {
        out.push(
            Draft::new(
                Code::ServiceRangeOfResult,
                "bounds are for arguments",
                bound.place,
                "a bound of a result",
            )
            .help("leave it out: what the handler gives is given"),
        );
    }
}

/// What was read, in the model's form. `None` if it is wrong.
pub(super) fn kind(raw: &Kind) -> Option<model::Kind> {
    match raw {
        Kind::Scalar { scalar, min, max } => {
            let (least, most) = scalar.value.range();
            let given = |at: &Option<At<Signed>>| at.map(|at| at.value.0);
            Some(model::Kind::Scalar {
                scalar: scalar.value,
                min: given(min).unwrap_or(least),
                max: given(max).unwrap_or(most),
            })
        }
        Kind::Region {
            access,
            max,
            size,
            align,
            ..
        } => Some(model::Kind::Region {
            access: *access,
            size: match (max, size) {
                (Some(max), None) => RegionSize::AtMost(max.value.0),
                (None, Some(size)) => RegionSize::Exactly(size.value.0),
                _ => return None,
            },
            align: align.map_or(WORD, |align| align.value.0),
        }),
    }
}

fn check_kind(service: &Service, parameter: &Parameter, out: &mut Mistakes) {
    match &parameter.kind {
        Some(Kind::Scalar { scalar, min, max }) => {
            check_width(service, *scalar, out);
            check_range(*scalar, *min, *max, out);
        }
        Some(Kind::Region {
            place,
            max,
            size,
            align,
            ..
        }) => {
            if max.is_some() == size.is_some() {
                out.push(region_size(*place));
            }
            check_alignment(*align, out);
        }
        None => {}
    }
}

fn check_width(service: &Service, scalar: At<Scalar>, out: &mut Mistakes) {
    let wide = matches!(scalar.value, Scalar::U64 | Scalar::I64);
    let narrow = service
        .convention
        .filter(|it| it.value == Convention::Smc32);
    if let (true, Some(convention)) = (wide, narrow) {
        out.push(
            Draft::new(
                Code::ServiceTypeTooWide,
                format!(
                    "a register of this call holds 32 bits, not a {}",
                    scalar.value.as_str()
                ),
                scalar.place,
                "64 bits",
            )
            .and(convention.place, "the 32-bit convention")
            .help("write `u32`, or `convention: 64`"),
        );
    }
}

fn check_range(
    scalar: At<Scalar>,
    min: Option<At<Signed>>,
    max: Option<At<Signed>>,
    out: &mut Mistakes,
) {
    let (least, most) = scalar.value.range();
    let outside = |at: &At<Signed>| at.value.0 < least || at.value.0 > most;
    for bound in [min, max].into_iter().flatten().filter(outside) {
        let name = scalar.value.as_str();
        out.push(
            Draft::new(
                Code::ServiceRangeOutside,
                format!("a {name} is never {}", bound.value.0),
                bound.place,
                "beyond the type",
            )
            .and(scalar.place, "this type")
            .help(format!("give a bound from {least} to {most}")),
        );
    }
    let (Some(min), Some(max)) = (min, max) else {
        return;
    };
    if min.value.0 > max.value.0 {
        out.push(
            Draft::new(
                Code::ServiceRangeEmpty,
                "no value is in this range",
                max.place,
                "at most this",
            )
            .and(min.place, "and at least this")
            .help("give `min` at most `max`"),
        );
    }
}

fn region_size(place: Place) -> Draft {
    Draft::new(
        Code::ServiceRegionSize,
        "how long this region is must be said once",
        place,
        "this region",
    )
    .help("give `max:` where the caller says the length, or `size:` where it is always the same")
}

fn check_alignment(align: Option<At<Size>>, out: &mut Mistakes) {
    let wrong = |align: &At<Size>| !align.value.0.is_power_of_two() || align.value.0 < WORD;
    if let Some(align) = align.filter(wrong) {
        out.push(
            Draft::new(
                Code::ServiceRegionAlignment,
                "a region starts at a multiple of a power of two, 8 bytes at least",
                align.place,
                "this alignment",
            )
            .help(format!(
                "write a power of two from {WORD}B on, or leave it out"
            )),
        );
    }
}

fn most_registers(service: &Service) -> usize {
    let handler = service.handler.as_ref();
    if handler.is_some_and(|it| it.value != MONITOR) {
        return model::SUBMITTED;
    }
    let convention = service.convention.map_or(Convention::Smc64, |it| it.value);
    convention.registers()
}

fn check_registers(service: &Service, list: &[Parameter], what: &str, out: &mut Mistakes) {
    let most = most_registers(service);
    let registers = |parameter: &Parameter| {
        let kind = parameter.kind.as_ref().and_then(kind);
        kind.map_or(1, |kind| kind.registers())
    };
    let mut used = 0_usize;
    for parameter in list {
        let before = used;
        used = used.saturating_add(registers(parameter));
        if used > most && before <= most {
            out.push(
                Draft::new(
                    Code::ServiceRegisters,
                    format!("the {what} of a call fill {most} registers at most"),
                    parameter.name.place,
                    "no register is left for this",
                )
                .help("pass less, or pass a region (two registers, or one with `size:`)"),
            );
        }
    }
}
