//! How a partition is entered: level, state and byte order.

use super::words::{Endianness, Level, State, World};
use crate::check::scene::View;
use crate::code::Code;
use crate::mistake::{Draft, Mistakes};
use crate::raw::partition::{Entry, Image};
use crate::source::Place;

pub(super) fn check_level(view: &View<'_>, out: &mut Mistakes) {
    let level = view.raw.entry.as_ref().and_then(|entry| entry.level);
    if let (Some(level), Some(in_world)) = (level, view.raw.world)
        && level.value == Level::El2
        && in_world.value == World::Secure
    {
        out.push(
            Draft::new(
                Code::EntryLevelWorld,
                "there is no EL2 in the Secure world",
                level.place,
                "this level",
            )
            .and(in_world.place, "in this world")
            .help("write `level: el1`"),
        );
    }
}

/// Whether what is in the image is what the monitor enters.
pub(super) fn check(view: &View<'_>, out: &mut Mistakes) {
    let Some(entry) = &view.raw.entry else {
        return;
    };
    if let Some(level) = entry.level.filter(|it| it.value == Level::Supervisor) {
        out.push(
            Draft::new(
                Code::OtherArchitecture,
                "arm64 has no supervisor mode",
                level.place,
                "of another architecture",
            )
            .help("write `level: el1`, or `level: el2` for Linux"),
        );
    }
    check_state(view, entry, out);
    check_byte_order(view, entry, out);
}

/// AArch32 is what the image must be built for.
fn check_state(view: &View<'_>, entry: &Entry, out: &mut Mistakes) {
    let Some(state) = entry.state.filter(|it| it.value == State::Aarch32) else {
        return;
    };
    if let Some(hang) = view.raw.on_hang.as_ref().filter(|_| is_kernel(view)) {
        out.push(
            Draft::new(
                Code::StateUnsupported,
                "the module that asks the monitor to watch is built for AArch64",
                state.place,
                "another state",
            )
            .and(hang.place, "asks for it")
            .help("take `on_hang:` out"),
        );
    }
    if let Some((what, image)) = ours(view).filter(|_| !is_kernel(view)) {
        out.push(
            Draft::new(
                Code::StateUnsupported,
                format!("{what} is built for AArch64"),
                state.place,
                "another state",
            )
            .and(image, "this image")
            .help("write `state: aarch64`, or build the image by `make:`"),
        );
    }
}

/// A kernel is that of Debian's architecture for the state.
fn is_kernel(view: &View<'_>) -> bool {
    matches!(view.raw.image, Some(Image::Debian { .. }))
}

/// The byte order too. A big-endian AArch32 has not been tried: it would have to be `--be8`, which no file's header says for sure.
fn check_byte_order(view: &View<'_>, entry: &Entry, out: &mut Mistakes) {
    let Some(order) = entry.endianness.filter(|it| it.value == Endianness::Big) else {
        return;
    };
    let draft = |message: String| {
        Draft::new(
            Code::ByteOrderUnsupported,
            message,
            order.place,
            "another byte order",
        )
        .help("write `endianness: little`")
    };
    let narrow = entry.state.filter(|it| it.value == State::Aarch32);
    if let Some(state) = narrow {
        let message = "an AArch32 partition starts little-endian; SETEND changes that";
        out.push(draft(message.to_owned()).and(state.place, "for this state"));
    } else if let Some((what, image)) = ours(view) {
        out.push(draft(format!("{what} is little-endian")).and(image, "this image"));
    }
}

/// What is not the user's own build: its kind, and its place.
fn ours(view: &View<'_>) -> Option<(&'static str, Place)> {
    match view.raw.image.as_ref()? {
        Image::Cargo(folder) => Some(("a Cargo package", folder.place)),
        Image::Debian { package, .. } => Some(("a Debian kernel", package.place)),
        Image::Loader { package, .. } => Some(("a boot loader of this board", package.place)),
        Image::Make(_) | Image::Elf(_) | Image::Bin(_) => None,
    }
}
