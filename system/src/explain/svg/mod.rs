//! The picture of a design review, on one page: what is where, who runs where, who owns what.
//!
//! Left, memory in the order of addresses, in the column of the worlds that reach it: what both
//! reach spans both columns. Heights grow with the logarithm of the size, so that 4 KiB and 1 GiB
//! are both readable. Right, partitions, cores, and devices with their interrupts, by owner.

mod canvas;
mod cores;
mod devices;
mod memory;
mod partitions;

use super::map::Owner;
use crate::model::System;
use canvas::{Area, Canvas, FAINT, RULE, Style};

const MARGIN: u32 = 32;
const LEFT: u32 = 620;
const RIGHT: u32 = 760;
const GAP: u32 = 40;
const WIDTH: u32 = MARGIN + LEFT + GAP + RIGHT + MARGIN;

/// Border, fill and text colour of what belongs to somebody.
#[derive(Clone, Copy)]
struct Paint {
    fill: &'static str,
    stroke: &'static str,
    text: &'static str,
}

/// Warm for critical, cold for rich, grey for the monitor, violet for what two share.
const CRITICAL: [Paint; 3] = [
    Paint {
        fill: "#ffedd5",
        stroke: "#c2410c",
        text: "#7c2d12",
    },
    Paint {
        fill: "#fce7f3",
        stroke: "#be185d",
        text: "#831843",
    },
    Paint {
        fill: "#fef9c3",
        stroke: "#a16207",
        text: "#713f12",
    },
];
const RICH: [Paint; 3] = [
    Paint {
        fill: "#dbeafe",
        stroke: "#1d4ed8",
        text: "#1e3a8a",
    },
    Paint {
        fill: "#ccfbf1",
        stroke: "#0f766e",
        text: "#134e4a",
    },
    Paint {
        fill: "#e0e7ff",
        stroke: "#4338ca",
        text: "#312e81",
    },
];
const MONITOR: Paint = Paint {
    fill: "#e2e8f0",
    stroke: "#334155",
    text: "#0f172a",
};
const SHARED: Paint = Paint {
    fill: "#f3e8ff",
    stroke: "#7e22ce",
    text: "#581c87",
};
const FREE: Paint = Paint {
    fill: "url(#free)",
    stroke: "#cbd5e1",
    text: "#64748b",
};

fn paint(system: &System, owner: Owner) -> Paint {
    let Some(partition) = owner.partition(system) else {
        return match owner {
            Owner::Monitor => MONITOR,
            Owner::Channel(_) => SHARED,
            Owner::Partition(_) | Owner::Nobody => FREE,
        };
    };
    let critical = partition.is_critical();
    let alike = system
        .partitions
        .iter()
        .filter(|p| p.is_critical() == critical);
    let number = alike.take_while(|p| p.id != partition.id).count();
    let paints = if critical { CRITICAL } else { RICH };
    paints.iter().copied().cycle().nth(number).unwrap_or(FREE)
}

pub(super) fn draw(system: &System) -> String {
    let mut canvas = Canvas::default();
    let top = title(&mut canvas, system);
    let left = memory::draw(&mut canvas, system, MARGIN, top);
    let x = MARGIN + LEFT + GAP;
    let mut y = partitions::draw(&mut canvas, system, x, top);
    y = cores::draw(&mut canvas, system, x, y + GAP);
    y = devices::draw(&mut canvas, system, x, y + GAP);
    let height = left.max(y) + MARGIN;
    let name = system.file.display().to_string();
    canvas.finish(WIDTH, height, &format!("{name} on {}", system.board.name))
}

/// Draws the head of the page; answers where the rest begins.
fn title(canvas: &mut Canvas, system: &System) -> u32 {
    let folder = system.file.parent().and_then(|p| p.file_name());
    let name = folder.map_or("system".into(), |name| name.to_string_lossy());
    let board = format!(
        "on {} ({} x {})",
        system.board.name,
        system.board.cores.len(),
        system.board.core_model
    );
    let y = MARGIN + 22;
    canvas.text(MARGIN, y, Style::new(26).bold(), &name);
    canvas.text(MARGIN, y + 24, Style::new(14).colour(FAINT), &board);
    let mut x = WIDTH - MARGIN;
    for owner in Owner::all(system).into_iter().rev() {
        let label = match owner {
            Owner::Nobody => "free",
            owner => owner.name(system),
        };
        let width = 30 + 8 * u32::try_from(label.chars().count()).unwrap_or(0);
        x = x.saturating_sub(width + 8);
        let paint = paint(system, owner);
        let swatch = Area {
            x,
            y: y - 4,
            width: 16,
            height: 16,
        };
        canvas.rect(swatch, paint.fill, paint.stroke);
        canvas.text(x + 22, y + 9, Style::new(13), label);
    }
    let below = y + 40;
    canvas.line((MARGIN, below), (WIDTH - MARGIN, below));
    below + 34
}

/// The title of a section; answers where its body begins.
fn heading(canvas: &mut Canvas, x: u32, y: u32, title: &str, note: &str) -> u32 {
    canvas.text(x, y, Style::new(17).bold(), title);
    canvas.text(x, y + 18, Style::new(12).colour(FAINT), note);
    y + 32
}

/// A box in somebody's colours.
fn owned_box(canvas: &mut Canvas, area: Area, paint: Paint) {
    canvas.rect(area, paint.fill, paint.stroke);
}

/// A box that groups others.
fn frame(canvas: &mut Canvas, area: Area) {
    canvas.rect(area, "#ffffff", RULE);
}
