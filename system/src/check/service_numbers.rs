//! The numbers of services: in their range, each one service's for good.

use super::scene::Scene;
use crate::code::Code;
use crate::fields::{At, is_name};
use crate::frozen::{NUMBERS, Number};
use crate::mistake::{Draft, Mistakes};
use crate::raw::service::Service;
use crate::source::Place;

pub(super) fn check(scene: &Scene<'_>, out: &mut Mistakes) {
    for given in scene.frozen.numbers.iter().map(|it| it.number) {
        check_size(given, out);
    }
    check_frozen_once(scene, out);
    for (n, service) in scene.raw.services.iter().enumerate() {
        match service.number() {
            Some(number) => {
                check_size(number, out);
                check_given(scene, service, number, out);
                let earlier = scene.raw.services.iter().take(n);
                check_given_once(service, number, earlier, out);
            }
            None => check_frozen(scene, service, out),
        }
    }
}

/// The number of a service that has one. Both kinds were checked.
pub(super) fn number(scene: &Scene<'_>, service: &Service) -> Option<u8> {
    let frozen = || scene.frozen.of(service.range(), &service.name.value);
    let number = service.number().or_else(|| Some(frozen()?.number))?;
    u8::try_from(number.value).ok()
}

fn check_size(number: At<u32>, out: &mut Mistakes) {
    if number.value >= NUMBERS {
        out.push(
            Draft::new(
                Code::ServiceNumberTooLarge,
                format!("{:#x} is no number of a service", number.value),
                number.place,
                "beyond the last one",
            )
            .help(format!("give a number from 0 to {:#x}", NUMBERS - 1)),
        );
    }
}

fn twice(name: &str, place: Place, other: &str, taken: Place) -> Draft {
    Draft::new(
        Code::ServiceNumberTwice,
        format!("`{name}` has the number of `{other}`"),
        place,
        "this number",
    )
    .and(taken, format!("is `{other}`'s"))
}

fn check_frozen_once(scene: &Scene<'_>, out: &mut Mistakes) {
    let numbers = &scene.frozen.numbers;
    for (n, later) in numbers.iter().enumerate() {
        let same = |it: &&Number| it.range == later.range && it.number.value == later.number.value;
        if let Some(first) = numbers.iter().take(n).find(same) {
            let (name, other) = (&later.name.value, &first.name.value);
            out.push(
                twice(name, later.number.place, other, first.number.place).help(
                    "delete the line of the service that came later, and run `cofferdam gen`",
                ),
            );
        }
    }
}

/// A given number agrees with what was frozen, for this service and for all others.
fn check_given(scene: &Scene<'_>, service: &Service, number: At<u32>, out: &mut Mistakes) {
    let (range, name) = (service.range(), &service.name.value);
    if let Some(frozen) = scene.frozen.of(range, name) {
        if frozen.number.value != number.value {
            out.push(
                Draft::new(
                    Code::ServiceRenumbered,
                    format!("callers know `{name}` by another number"),
                    number.place,
                    "a new number",
                )
                .and(frozen.number.place, "the number that was given for good")
                .help(format!(
                    "write {:#x}, or give what is a new service a new name",
                    frozen.number.value
                )),
            );
        }
        return;
    }
    let mut others = scene.frozen.in_range(range);
    if let Some(other) = others.find(|it| it.number.value == number.value) {
        out.push(
            twice(name, number.place, &other.name.value, other.number.place)
                .help("give a number that no service ever had, or none: `cofferdam gen` finds one"),
        );
    }
}

fn check_given_once<'a>(
    service: &Service,
    number: At<u32>,
    mut earlier: impl Iterator<Item = &'a Service>,
    out: &mut Mistakes,
) {
    let taken = earlier.find_map(|other| {
        let taken = other.number()?;
        (other.range() == service.range() && taken.value == number.value).then_some((other, taken))
    });
    if let Some((other, taken)) = taken {
        let (name, other) = (&service.name.value, &other.name.value);
        out.push(
            twice(name, number.place, other, taken.place)
                .help("give one of them another number, or none: `cofferdam gen` finds one"),
        );
    }
}

fn check_frozen(scene: &Scene<'_>, service: &Service, out: &mut Mistakes) {
    let name = &service.name;
    // What cannot be a name gets no number before it is one.
    if is_name(&name.value) && scene.frozen.of(service.range(), &name.value).is_none() {
        out.push(
            Draft::new(
                Code::ServiceNotFrozen,
                format!("`{}` has no number yet", name.value),
                name.place,
                "not in services.lock",
            )
            .help("run `cofferdam gen` on this file and commit services.lock, or give a number"),
        );
    }
}
