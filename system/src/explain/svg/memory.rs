//! The memory map.

use super::canvas::{Anchor, Area, Canvas, FAINT, Style};
use super::{frame, heading, owned_box, paint};
use crate::arch::World;
use crate::explain::map::{Owner, Stretch, stretches};
use crate::explain::words::{address, size};
use crate::model::{Bank, BankId, System};

/// Room for the addresses, left of the columns.
const RULER: u32 = 96;
const COLUMN: u32 = 256;
const BETWEEN: u32 = 8;
const LEAST: u32 = 26;

/// Above the stretches of a bank: its name.
const HEAD: u32 = 24;
const BELOW: u32 = 18;

pub(super) fn draw(canvas: &mut Canvas, system: &System, x: u32, y: u32) -> u32 {
    let note = "in the columns of the worlds that reach it; height: logarithm of the size";
    let mut y = heading(canvas, x, y, "Memory", note) + 14;
    let mut banks: Vec<_> = system.board.banks.iter().enumerate().collect();
    banks.sort_by_key(|(_, bank)| bank.region);
    let ids = || banks.iter().map(|(index, _)| BankId::new(*index));
    let height: u32 = ids().map(|id| bank_height(system, id) + BELOW).sum();
    lanes(canvas, x + RULER, y, height);
    y += 12;
    for (id, (_, bank)) in ids().zip(&banks) {
        draw_bank(canvas, system, (id, bank), x, y);
        y += bank_height(system, id) + BELOW;
    }
    y
}

/// The two columns, behind everything.
fn lanes(canvas: &mut Canvas, left: u32, y: u32, height: u32) {
    let title = Style::new(13).bold().anchor(Anchor::Middle);
    let columns = [("Secure", left), ("Non-secure", left + COLUMN + BETWEEN)];
    for (name, x) in columns {
        let (y_lane, height) = (y + 8, height.saturating_sub(10));
        let lane = Area {
            x,
            y: y_lane,
            width: COLUMN,
            height,
        };
        canvas.rect(lane, "#f1f5f9", "none");
        canvas.text(x + COLUMN / 2, y, title, name);
    }
}

fn bank_height(system: &System, bank: BankId) -> u32 {
    let stretches: u32 = stretches(system, bank).iter().map(height).sum();
    HEAD + stretches + 4
}

/// Where a bank stands: left edge and width.
fn columns(bank: &Bank, x: u32) -> (u32, u32) {
    let reached = |world| bank.worlds.contains(&world);
    let left = x + RULER;
    match (reached(World::Secure), reached(World::NonSecure)) {
        _ if bank.worlds.is_empty() => (left, 2 * COLUMN + BETWEEN),
        (true, true) => (left, 2 * COLUMN + BETWEEN),
        (false, true) => (left + COLUMN + BETWEEN, COLUMN),
        (_, false) => (left, COLUMN),
    }
}

/// 4 KiB and less: one line; each doubling adds a little.
fn height(stretch: &Stretch) -> u32 {
    let doublings = stretch.region.len().get().ilog2().saturating_sub(12);
    let each = match stretch.owner {
        // What is free needs no room.
        Owner::Nobody => 1,
        Owner::Monitor | Owner::Partition(_) | Owner::Channel(_) => 3,
    };
    LEAST + each * doublings
}

fn draw_bank(canvas: &mut Canvas, system: &System, (id, bank): (BankId, &Bank), x: u32, y: u32) {
    let (left, width) = columns(bank, x);
    let height_of_bank = bank_height(system, id);
    frame(
        canvas,
        Area {
            x: left,
            y,
            width,
            height: height_of_bank,
        },
    );
    canvas.text(left + 8, y + 16, Style::new(12).bold(), &bank.name);
    let right = Style::new(11).colour(FAINT).anchor(Anchor::End);
    let length = size(bank.region.len().get());
    canvas.text(left + width - 8, y + 16, right, &length);
    let mut at = y + HEAD;
    for stretch in stretches(system, id) {
        let area = Area {
            x: left + 4,
            y: at,
            width: width - 8,
            height: height(&stretch),
        };
        draw_stretch(canvas, system, &stretch, x, area);
        at += area.height;
    }
    let end = address(bank.region.end().get());
    canvas.text(x + RULER - 8, at + 8, right.mono(), &end);
}

fn draw_stretch(canvas: &mut Canvas, system: &System, stretch: &Stretch, x: u32, area: Area) {
    let paint = paint(system, stretch.owner);
    owned_box(canvas, area, paint);
    let label = match stretch.owner {
        Owner::Nobody => "free".to_owned(),
        owner => format!("{}: {}", owner.name(system), stretch.what),
    };
    let base = area.y + area.height / 2 + 4;
    let style = Style::new(12).colour(paint.text);
    canvas.text_within(area.x + 8, base, area.width - 76, style, &label);
    let right = Style::new(11).colour(paint.text).anchor(Anchor::End);
    canvas.text(
        area.x + area.width - 8,
        base,
        right,
        &size(stretch.region.len().get()),
    );
    let ruler = Style::new(11).colour(FAINT).mono().anchor(Anchor::End);
    canvas.text(
        x + RULER - 8,
        area.y + 8,
        ruler,
        &address(stretch.region.start().get()),
    );
}
