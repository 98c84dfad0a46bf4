//! Devices and interrupts, by owner.

use super::canvas::{Anchor, Area, Canvas, FAINT, Style};
use super::{RIGHT, heading, owned_box, paint};
use crate::explain::map::Owner;
use crate::explain::words::{interrupts, registers, worlds};
use crate::model::{Device, DeviceId, System};

const ROW: u32 = 22;
/// Left edge of what the monitor does with it.
const NOTE: u32 = 488;
/// Left edges of name, type, registers, interrupt, INTID, within the panel.
const AT: [u32; 5] = [12, 128, 248, 340, 426];

pub(super) fn draw(canvas: &mut Canvas, system: &System, x: u32, y: u32) -> u32 {
    let note =
        "by owner; numbers of interrupts as in device trees, and as in the controller (INTID)";
    let mut y = heading(canvas, x, y, "Devices and interrupts", note);
    let columns = ["device", "type", "registers", "interrupt", "INTID"];
    for (column, at) in columns.iter().zip(AT) {
        canvas.text(x + at, y + 8, Style::new(11).colour(FAINT), column);
    }
    let right = Style::new(11).colour(FAINT).anchor(Anchor::End);
    canvas.text(x + RIGHT - 12, y + 8, right, "in reach of");
    y += 16;
    for owner in Owner::all(system) {
        let devices: Vec<_> = system
            .board
            .devices
            .iter()
            .enumerate()
            .filter(|(index, _)| Owner::of_device(system, DeviceId::new(*index)) == owner)
            .collect();
        if !devices.is_empty() {
            y = group(canvas, system, owner, &devices, x, y) + 8;
        }
    }
    y
}

fn group(
    canvas: &mut Canvas,
    system: &System,
    owner: Owner,
    devices: &[(usize, &Device)],
    x: u32,
    y: u32,
) -> u32 {
    let paint = paint(system, owner);
    let rows = u32::try_from(devices.len()).unwrap_or(0);
    let height = 24 + rows * ROW + 6;
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
    let name = Style::new(13).bold().colour(paint.text);
    canvas.text_within(x + 12, y + 18, 300, name, owner.name(system));
    if let Some(route) = owner.route(system) {
        let right = Style::new(12).colour(paint.text).anchor(Anchor::End);
        let text = format!("interrupts: {route}");
        canvas.text(x + RIGHT - 12, y + 18, right, &text);
    }
    let mut base = y + 38;
    for (index, device) in devices {
        row(canvas, device, x, base);
        let note = note(system, DeviceId::new(*index));
        canvas.text(x + NOTE, base, Style::new(11).colour(FAINT), &note);
        base += ROW;
    }
    y + height
}

/// What the monitor does with the device.
fn note(system: &System, device: DeviceId) -> String {
    let log = (system.features.log.device == Some(device)).then(|| "monitor's log".to_owned());
    let pins = system
        .board
        .safe_state
        .iter()
        .filter(|pin| pin.device == device);
    let pins = pins.map(|pin| format!("safe state: pin {} = {}", pin.pin, u8::from(pin.high)));
    let notes: Vec<_> = log.into_iter().chain(pins).collect();
    notes.join(", ")
}

fn row(canvas: &mut Canvas, device: &Device, x: u32, base: u32) {
    let plain = Style::new(12);
    let kind = match device.count {
        1 => device.kind.as_str().to_owned(),
        count => format!("{} x {count}", device.kind.as_str()),
    };
    let (number, intid) = interrupts(device).unwrap_or_default();
    let cells = [device.name.clone(), kind, registers(device), number, intid];
    for ((text, at), next) in cells.iter().zip(AT).zip(AT.iter().skip(1).chain(&[NOTE])) {
        canvas.text_within(x + at, base, next - at - 4, plain, text);
    }
    let reach = match device.reaches {
        None => worlds(&device.worlds),
        Some(_) => format!("{} \u{b7} DMA", worlds(&device.worlds)),
    };
    let right = Style::new(11).colour(FAINT).anchor(Anchor::End);
    canvas.text(x + RIGHT - 12, base, right, &reach);
}
