//! One card for each partition.

use super::canvas::{Anchor, Area, Canvas, FAINT, Style};
use super::{RIGHT, heading, owned_box, paint};
use crate::explain::map::Owner;
use crate::explain::words::{image, moves, time};
use crate::model::{Partition, System};

const LINE: u32 = 17;

pub(super) fn draw(canvas: &mut Canvas, system: &System, x: u32, y: u32) -> u32 {
    let note = "what runs, how it is judged, and what follows when it fails";
    let mut y = heading(canvas, x, y, "Partitions", note);
    for partition in &system.partitions {
        y = card(canvas, system, partition, x, y) + 10;
    }
    y.saturating_sub(10)
}

fn card(canvas: &mut Canvas, system: &System, partition: &Partition, x: u32, y: u32) -> u32 {
    let lines = lines(partition);
    let rows = u32::try_from(lines.len().div_ceil(2)).unwrap_or(0);
    let height = 34 + rows * LINE + 8;
    let paint = paint(system, Owner::Partition(partition.id));
    owned_box(
        canvas,
        Area {
            x,
            y,
            width: RIGHT,
            height,
        },
        paint,
    );
    let name = Style::new(15).bold().colour(paint.text);
    canvas.text_within(x + 12, y + 22, 340, name, &partition.name);
    let criticality = partition.criticality.as_str();
    let badge = match partition.world {
        Some(world) => format!("{criticality} \u{b7} {} world", world.as_str()),
        None => criticality.to_owned(),
    };
    let right = Style::new(13).bold().colour(paint.text).anchor(Anchor::End);
    canvas.text(x + RIGHT - 12, y + 22, right, &badge);
    for ((label, value), n) in lines.iter().zip(0u32..) {
        let column = x + 12 + (n % 2) * (RIGHT / 2);
        let base = y + 44 + (n / 2) * LINE;
        canvas.text(column, base, Style::new(11).colour(FAINT), label);
        canvas.text_within(column + 86, base, RIGHT / 2 - 104, Style::new(12), value);
    }
    y + height
}

/// Label and value, read across in two columns.
fn lines(partition: &Partition) -> Vec<(&'static str, String)> {
    let deadline = partition.deadline.map_or("none".to_owned(), |d| {
        format!("every {}, done within {}", time(d.period), time(d.within))
    });
    let budget = partition.budget.map_or("none".to_owned(), |b| {
        format!("at most {} in {}", time(b.time), time(b.period))
    });
    let hang = partition.on_hang.map_or("not detected".to_owned(), |h| {
        format!("{} after {}", h.then.as_str(), time(h.after))
    });
    let mut lines = vec![("image", image(&partition.image))];
    lines.push(("on crash", partition.on_crash.as_str().to_owned()));
    lines.push(("deadline", deadline));
    lines.push(("on hang", hang));
    lines.push(("budget", budget));
    lines.push(("on reset", partition.on_reset.as_str().to_owned()));
    lines.push(("entry", partition.entry.level.as_str().to_owned()));
    lines.push(("on power off", partition.on_power_off.as_str().to_owned()));
    if let Some(migration) = partition.migration {
        lines.push(("moves by", moves(migration)));
    }
    lines
}
