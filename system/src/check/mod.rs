//! The cross-checks: what single files cannot say wrong, but together do.
//!
//! The board is checked by itself first ([`board`]). Then [`scene`] resolves the system's names
//! against it, each topic is checked on that scene, and [`finish`] makes the model if nobody complained.
//! No check depends on another having passed; each skips what it cannot see.

pub(crate) mod board;
mod board_devices;
mod board_monitor;
mod board_parts;
mod caches;
mod channel_ends;
mod channels;
mod cores;
mod devices;
mod features;
mod finish;
mod hooks;
pub(crate) mod images;
mod memory;
mod partitions;
mod placement;
mod policies;
pub(crate) mod scene;
mod service_numbers;
mod service_values;
pub(crate) mod services;
mod timing;

use cofferdam_core::region::Region;

use crate::arch;
use crate::code::Code;
use crate::fields::{At, Size};
use crate::frozen::Frozen;
use crate::mistake::{Draft, Mistakes};
use crate::model::{Board, System};
use crate::raw;
use crate::source::Place;
use scene::{Scene, SystemFile};

/// The only format version so far, of both files.
const VERSION: u64 = 1;

/// Checks a system against its board and the numbers that its services have.
pub(crate) fn system(
    raw: &raw::system::System,
    board: Board,
    frozen: &Frozen,
    file: &SystemFile<'_>,
    out: &mut Mistakes,
) -> Option<System> {
    let scene = Scene::resolve(raw, &board, frozen, file, out);
    for check in [
        partitions::check,
        cores::check,
        memory::check,
        devices::check,
        images::check,
        timing::check,
        policies::check,
        caches::check,
        features::check,
        services::check,
        hooks::check,
        channels::check,
        arch::check_system,
    ] {
        check(&scene, out);
    }
    if !out.is_empty() {
        return None;
    }
    let (features, partitions, services) = finish::finish(&scene)?;
    let channels = channels::finish(&scene)?;
    let hooks = hooks::finish(&scene)?;
    Some(System {
        file: file.path.to_owned(),
        files: Vec::new(),
        board,
        features,
        partitions,
        services,
        channels,
        hooks,
    })
}

/// Refuses a format that this program does not know, and says which of the two is to be brought up to date.
pub(crate) fn version(version: Option<At<u64>>, out: &mut Mistakes) {
    if let Some(version) = version.filter(|v| v.value != VERSION) {
        let help = if version.value > VERSION {
            format!("use a newer Cofferdam for this file: this one reads version {VERSION}")
        } else {
            format!("upgrade the file: write {VERSION}, and correct the keys that are then refused")
        };
        out.push(
            Draft::new(
                Code::FormatVersion,
                format!("format version {} is not known", version.value),
                version.place,
                "this version",
            )
            .help(help),
        );
    }
}

/// The region that an address and a size make. It may not go past the end of all addresses.
pub(crate) fn region(
    at: At<u64>,
    size: u64,
    size_place: Place,
    out: &mut Mistakes,
) -> Option<Region> {
    let region = Region::from_raw(at.value, size).ok();
    if region.is_none() {
        let most = u64::MAX.saturating_sub(at.value);
        out.push(
            Draft::new(
                Code::RegionWraps,
                "a region goes past the end of the address space",
                size_place,
                "too large for its address",
            )
            .and(at.place, "this address")
            .help(format!("give a size of at most {most:#x} bytes")),
        );
    }
    region
}

/// As [`region`], where both were given.
fn region_of(at: Option<At<u64>>, size: Option<At<Size>>, out: &mut Mistakes) -> Option<Region> {
    let (at, size) = (at?, size?);
    region(at, size.value.0, size.place, out)
}
