//! Cores by partitions.

use super::canvas::{Anchor, Area, Canvas, FAINT, Style};
use super::{RIGHT, heading, owned_box, paint};
use crate::explain::map::Owner;
use crate::explain::words::{core_name, sharing};
use crate::model::{CoreId, Partition, System};

const NAME: u32 = 130;
const ROW: u32 = 30;

pub(super) fn draw(canvas: &mut Canvas, system: &System, x: u32, y: u32) -> u32 {
    let note = "a critical partition preempts a rich one on the core that they share";
    let mut y = heading(canvas, x, y, "Cores", note);
    let count = u32::try_from(system.board.cores.len())
        .unwrap_or(u32::MAX)
        .max(1);
    let width = (RIGHT - NAME) / count;
    let left = |core: CoreId| x + NAME + width * u32::try_from(core.index()).unwrap_or(0);
    let head = Style::new(12).bold().anchor(Anchor::Middle);
    for core in system.board.core_ids() {
        let name = format!(
            "core {} ({})",
            core.index(),
            core_name(&system.board, core.index())
        );
        canvas.text(left(core) + width / 2, y + 12, head, &name);
    }
    y += 20;
    for partition in &system.partitions {
        let paint = paint(system, Owner::Partition(partition.id));
        let name = Style::new(13).bold().colour(paint.text);
        canvas.text_within(x, y + 20, NAME - 8, name, &partition.name);
        for core in partition.cores.all() {
            let cell = Area {
                x: left(core) + 3,
                y: y + 2,
                width: width.saturating_sub(6),
                height: ROW - 4,
            };
            owned_box(canvas, cell, paint);
            let style = Style::new(12).colour(paint.text).anchor(Anchor::Middle);
            canvas.text(
                cell.x + cell.width / 2,
                y + 20,
                style,
                &role(partition, core),
            );
        }
        y += ROW;
    }
    let small = Style::new(11).colour(FAINT).anchor(Anchor::Middle);
    for core in system.board.core_ids() {
        let on_core: Vec<_> = system.on_core(core).collect();
        let text = match on_core.as_slice() {
            [] => "parked".to_owned(),
            [one] => format!("{} alone", one.name),
            some => sharing(some),
        };
        canvas.text(left(core) + width / 2, y + 14, small, &text);
    }
    y + 18
}

fn role(partition: &Partition, core: CoreId) -> String {
    let how = if partition.cores.own.contains(&core) {
        "own"
    } else {
        "shared"
    };
    if partition.cores.boot == core {
        return format!("{how}, starts here");
    }
    how.to_owned()
}
