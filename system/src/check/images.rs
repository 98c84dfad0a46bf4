//! What runs in a partition, as far as it can be judged before it is built.

use std::path::Path;

use cofferdam_core::region::Region;

use super::scene::{Scene, View};
use crate::code::Code;
use crate::fields::At;
use crate::mistake::{Draft, Mistakes};
use crate::raw::partition::Image;

/// A distribution kernel (30 MB), its initial file system and what it needs to reach userland; a boot loader starts one.
pub(crate) const LEAST_FOR_LINUX: u64 = 128 << 20;

pub(super) fn check(scene: &Scene<'_>, out: &mut Mistakes) {
    let mut sizes: Vec<(&At<String>, u64)> = Vec::new();
    for view in &scene.partitions {
        let Some(image) = &view.raw.image else {
            continue;
        };
        check_entry(view, image, out);
        match image {
            Image::Cargo(folder) => {
                let manifest = scene.path(&folder.value).join("Cargo.toml");
                check_there(
                    folder,
                    manifest.is_file(),
                    "a folder with a Cargo.toml",
                    out,
                );
            }
            Image::Make(folder) => {
                let makefile = scene.path(&folder.value).join("Makefile");
                check_there(folder, makefile.is_file(), "a folder with a Makefile", out);
            }
            Image::Elf(file) | Image::Bin(file) => match size_of(&scene.path(&file.value)) {
                Some(size) => {
                    check_fits(view, file, size, out);
                    sizes.push((file, size));
                }
                None => check_there(file, false, "a file that can be read", out),
            },
            Image::Debian { initramfs, .. } => {
                if let Some(folder) = initramfs {
                    let there = scene.path(&folder.value).is_dir();
                    check_there(folder, there, "a folder", out);
                }
                check_room_for_linux(view, out);
            }
            Image::Loader { .. } => check_room_for_linux(view, out),
        }
    }
    check_flash(scene, &sizes, out);
}

/// A multiple of this, on every architecture here.
const INSTRUCTION: u64 = 4;

/// An entry of the user's lies in the memory that the image goes to.
fn check_entry(view: &View<'_>, image: &Image, out: &mut Mistakes) {
    let Some(at) = view.raw.entry.as_ref().and_then(|entry| entry.at) else {
        return;
    };
    if let Image::Debian { package, .. } | Image::Loader { package, .. } = image {
        out.push(
            Draft::new(
                Code::EntryOfLinux,
                "where a Debian package is entered follows from where it is put",
                at.place,
                "not this package's",
            )
            .and(package.place, "this package")
            .help("take `at:` out"),
        );
    }
    let ram = view
        .memory
        .iter()
        .find(|piece| piece.raw.name.value == "ram");
    let Some((ram, region)) = ram.and_then(|ram| Some((ram, ram.region?))) else {
        return;
    };
    let inside = Region::from_raw(at.value, INSTRUCTION).is_ok_and(|it| region.contains(it));
    if !inside || !at.value.is_multiple_of(INSTRUCTION) {
        let (first, end) = (region.start().get(), region.end().get());
        out.push(
            Draft::new(
                Code::EntryOutside,
                "no instruction of the image can be there",
                at.place,
                "entered here",
            )
            .and(ram.place(), "its memory")
            .help(format!(
                "give a multiple of {INSTRUCTION} from {first:#x} to below {end:#x}"
            )),
        );
    }
}

fn size_of(file: &Path) -> Option<u64> {
    let meta = file.metadata().ok()?;
    meta.is_file().then_some(meta.len())
}

fn check_there(path: &At<String>, there: bool, what: &str, out: &mut Mistakes) {
    if !there {
        out.push(
            Draft::new(
                Code::ImageMissing,
                format!("`{}` is not {what}", path.value),
                path.place,
                "not found",
            )
            .help("correct the path: it starts at the folder of this file"),
        );
    }
}

/// The bytes fit in the partition's RAM. (What an ELF file takes in memory is checked when it is laid out.)
fn check_fits(view: &View<'_>, file: &At<String>, size: u64, out: &mut Mistakes) {
    let Some(ram) = ram(view) else {
        return;
    };
    if size > ram.size {
        out.push(
            Draft::new(
                Code::ImageTooLarge,
                format!("`{}` has {size} bytes, its memory {}", file.value, ram.size),
                file.place,
                "this image",
            )
            .and(ram.place, "goes here")
            .help(format!(
                "give `ram` at least {}KiB",
                size.div_ceil(4096).saturating_mul(4)
            )),
        );
    }
}

struct Ram {
    size: u64,
    place: crate::source::Place,
}

fn ram(view: &View<'_>) -> Option<Ram> {
    let piece = view.memory.iter().find(|p| p.raw.name.value == "ram")?;
    let size = piece.raw.size?;
    Some(Ram {
        size: size.value.0,
        place: size.place,
    })
}

fn check_room_for_linux(view: &View<'_>, out: &mut Mistakes) {
    if let Some(ram) = ram(view).filter(|ram| ram.size < LEAST_FOR_LINUX) {
        out.push(
            Draft::new(
                Code::MemoryTooSmall,
                format!(
                    "`{}` has too little memory for a Debian kernel",
                    view.name()
                ),
                ram.place,
                "too small",
            )
            .help(format!("give `ram` at least {}MiB", LEAST_FOR_LINUX >> 20)),
        );
    }
}

/// All images lie in flash at once. Those that are built later are checked when they are laid out.
fn check_flash(scene: &Scene<'_>, sizes: &[(&At<String>, u64)], out: &mut Mistakes) {
    let room = scene.board.monitor.images.len().get();
    let total = sizes
        .iter()
        .fold(0u64, |sum, (_, size)| sum.saturating_add(*size));
    let largest = sizes.iter().max_by_key(|(_, size)| *size);
    if let Some((file, size)) = largest.filter(|_| total > room) {
        out.push(
            Draft::new(
                Code::FlashOverflow,
                format!("the images have {total} bytes, the flash has room for {room}"),
                file.place,
                format!("the largest: {size} bytes"),
            )
            .and(scene.board.monitor.flash_place, "they lie behind this")
            .help("take a smaller image, or give the board's monitor less flash"),
        );
    }
}
