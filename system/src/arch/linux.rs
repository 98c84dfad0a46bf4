//! What Linux asks for on every architecture.

use crate::check::scene::{Scene, View};
use crate::code::Code;
use crate::mistake::{Draft, Mistakes};
use crate::raw::partition::Image;

/// Where a Linux image may start (Documentation/arch/arm64/booting.rst, Documentation/arch/riscv/boot.rst).
const ALIGNMENT: u64 = 2 << 20;

/// Linux, or what is to start it.
pub(super) fn is_linux(view: &View<'_>) -> bool {
    matches!(
        view.raw.image,
        Some(Image::Debian { .. } | Image::Loader { .. })
    )
}

/// Checks the partitions that run it.
pub(super) fn check(scene: &Scene<'_>, out: &mut Mistakes) {
    for view in &scene.partitions {
        check_view(view, out);
    }
}

fn check_view(view: &View<'_>, out: &mut Mistakes) {
    if !is_linux(view) {
        return;
    }
    let ram = view.memory.iter().find(|p| p.raw.name.value == "ram");
    let Some((piece, region)) = ram.and_then(|piece| Some((piece, piece.region?))) else {
        return;
    };
    // What is no page has been told so.
    if region.start().is_aligned(4 << 10) && !region.start().is_aligned(ALIGNMENT) {
        let down = region.start().get() & !(ALIGNMENT - 1);
        out.push(
            Draft::new(
                Code::LinuxMisaligned,
                "memory of Linux must start at a multiple of 2 MiB",
                piece.place(),
                "not a multiple of 2 MiB",
            )
            .help(format!("write `at: {down:#x}`, or leave `at:` out")),
        );
    }
}
