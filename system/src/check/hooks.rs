//! Where the user's code takes part in the monitor: for how long, and at whose interrupts.

use std::time::Duration;

use super::scene::Scene;
use super::services::check_name;
use crate::code::Code;
use crate::fields::At;
use crate::mistake::{Draft, Mistakes};
use crate::model::{CoreId, Hook, HookPoint, Hooked, Limit};
use crate::raw;

/// Instructions that all hooks of one stretch with FIQ masked may take together: with the longest path that has hooks, they
/// stay below the 2 000 that a critical interrupt waits at most.
const LONGEST: u32 = 1_000;
/// Of an interrupt, where the description says none.
const LIMIT: Limit = Limit {
    interval: Duration::from_millis(1),
    burst: 8,
};

pub(super) fn check(scene: &Scene<'_>, out: &mut Mistakes) {
    for (n, hook) in scene.raw.hooks.iter().enumerate() {
        check_name(&hook.name, out);
        check_distinct(scene, n, hook, out);
        check_device(scene, hook, out);
    }
    check_budgets(scene, out);
}

/// Hooks and services are methods of one trait.
fn check_distinct(scene: &Scene<'_>, n: usize, hook: &raw::hook::Hook, out: &mut Mistakes) {
    let earlier = scene.raw.hooks.iter().take(n).map(|it| &it.name);
    let mut others = earlier.chain(scene.raw.services.iter().map(|it| &it.name));
    if let Some(other) = others.find(|other| other.value == hook.name.value) {
        out.push(
            Draft::new(
                Code::HookNameTwice,
                format!("`{}` is the name of two handlers", hook.name.value),
                hook.name.place,
                "this hook",
            )
            .and(other.place, "and this one")
            .help("rename one of them"),
        );
    }
}

/// Each alone, and those of a switch together: they run in one go.
fn check_budgets(scene: &Scene<'_>, out: &mut Mistakes) {
    let mut switch = 0;
    for hook in &scene.raw.hooks {
        let (Some(at), Some(instructions)) = (hook.at, hook.instructions) else {
            continue;
        };
        let of_switch = at.value != HookPoint::Interrupt;
        let together = instructions.value.saturating_add(switch);
        let stretch = if of_switch {
            together
        } else {
            instructions.value
        };
        if instructions.value == 0 || stretch > LONGEST {
            out.push(too_long(instructions, stretch));
        } else if of_switch {
            switch = together;
        }
    }
}

fn too_long(instructions: At<u32>, stretch: u32) -> Draft {
    let message = if stretch == 0 {
        "a hook that may do nothing".to_owned()
    } else {
        format!(
            "hooks of {stretch} instructions in one go: the longest stretch with interrupts masked would pass 2000"
        )
    };
    Draft::new(
        Code::HookInstructions,
        message,
        instructions.place,
        "with every interrupt masked",
    )
    .help(format!(
        "give 1 to {LONGEST}: to each hook of an interrupt, and to all of a switch together"
    ))
}

fn check_device(scene: &Scene<'_>, hook: &raw::hook::Hook, out: &mut Mistakes) {
    let Some(at) = hook.at else {
        return;
    };
    match (&hook.device, at.value) {
        (None, HookPoint::Interrupt) => out.push(
            Draft::new(
                Code::HookDevice,
                "an interrupt of no device",
                at.place,
                "whose?",
            )
            .help("add `device:`, one of the board's that no partition has"),
        ),
        (Some(name), HookPoint::BeforeSwitch | HookPoint::AfterSwitch) => out.push(
            Draft::new(
                Code::HookDevice,
                "a switch has no device",
                name.place,
                "for interrupts only",
            )
            .help("take it out, or write `at: interrupt`"),
        ),
        (Some(name), HookPoint::Interrupt) => check_interrupt(scene, name, out),
        (None, HookPoint::BeforeSwitch | HookPoint::AfterSwitch) => {}
    }
    check_burst(hook, out);
    let count = scene.board.cores.len();
    if let Some(core) = hook.core.filter(|core| core.value as usize >= count) {
        out.push(
            Draft::new(
                Code::CoreAbsent,
                format!("the board has no core {}", core.value),
                core.place,
                "no such core",
            )
            .help(format!("give a core from 0 to {}", count.saturating_sub(1))),
        );
    }
}

fn check_interrupt(scene: &Scene<'_>, name: &At<String>, out: &mut Mistakes) {
    let Some((id, device)) = scene.device(name, out) else {
        return;
    };
    let suited =
        device.region.is_some() && matches!(device.interrupts.as_slice(), [one] if one.is_shared());
    if !suited || device.count != 1 {
        out.push(
            Draft::new(
                Code::HookDevice,
                format!(
                    "`{}` has not one shared interrupt and registers",
                    device.name
                ),
                name.place,
                "nothing to hook",
            )
            .and(device.place, "declared here")
            .help("name a device with registers and one `spi`"),
        );
    }
    for (view, place) in scene.owners(id) {
        out.push(
            Draft::new(
                Code::HookInterruptOwned,
                format!("the interrupt of `{}` is a partition's", device.name),
                name.place,
                "hooked here",
            )
            .and(place, format!("`{}` has the device", view.name()))
            .help("take the device from the partition, or hook another one"),
        );
    }
}

fn check_burst(hook: &raw::hook::Hook, out: &mut Mistakes) {
    let burst = hook.limit.as_ref().and_then(|limit| limit.burst);
    if let Some(burst) = burst.filter(|burst| burst.value == 0) {
        out.push(
            Draft::new(
                Code::HookBurstZero,
                "a limit that lets no interrupt through",
                burst.place,
                "none at all",
            )
            .help("give a burst of 1 or more, or leave it out"),
        );
    }
}

/// The one that is asked for; else the first one without a critical partition, which it would delay; else the first.
fn core(scene: &Scene<'_>, raw: &raw::hook::Hook) -> CoreId {
    let critical = || {
        scene
            .partitions
            .iter()
            .filter(|view| view.raw.is_critical())
    };
    let is_taken = |core: usize| {
        let mut cores = critical().filter_map(|view| view.raw.cores.as_ref());
        cores.any(|cores| cores.all().any(|it| it.value as usize == core))
    };
    let free = (0..scene.board.cores.len()).find(|core| !is_taken(*core));
    CoreId::new(
        raw.core
            .map_or(free.unwrap_or(0), |core| core.value as usize),
    )
}

pub(super) fn finish(scene: &Scene<'_>) -> Option<Vec<Hook>> {
    let hook = |raw: &raw::hook::Hook| {
        let at = match raw.at?.value {
            HookPoint::BeforeSwitch => Hooked::BeforeSwitch,
            HookPoint::AfterSwitch => Hooked::AfterSwitch,
            HookPoint::Interrupt => Hooked::Interrupt {
                device: scene.board.device_named(&raw.device.as_ref()?.value)?.0,
                core: core(scene, raw),
                limit: match &raw.limit {
                    None => LIMIT,
                    Some(limit) => Limit {
                        interval: limit.calls?.0,
                        burst: limit.burst.map_or(LIMIT.burst, |burst| burst.value),
                    },
                },
            },
        };
        Some(Hook {
            name: raw.name.value.clone(),
            doc: raw.doc.clone(),
            line: scene.line(raw.name.place),
            instructions: raw.instructions?.value,
            at,
        })
    };
    scene.raw.hooks.iter().map(hook).collect()
}
