//! The set of partitions as a whole.

use super::scene::Scene;
use crate::code::Code;
use crate::mistake::{Draft, Mistakes};

/// There is something to protect, and something to protect it from.
pub(super) fn check(scene: &Scene<'_>, out: &mut Mistakes) {
    let partitions = &scene.partitions;
    // One of unknown criticality may be the one that seems to be missing.
    if partitions.iter().any(|p| p.raw.criticality.is_none()) {
        return;
    }
    let place = scene.raw.partitions_place;
    if !partitions.iter().any(|p| p.raw.is_critical()) {
        out.push(
            Draft::new(
                Code::NoCritical,
                "no partition is critical",
                place,
                "all of these are QM",
            )
            .help("give the partition that has deadlines a criticality from ASIL-A to ASIL-D"),
        );
    }
    if !partitions.iter().any(|p| p.raw.is_rich()) {
        out.push(
            Draft::new(
                Code::NoRich,
                "no partition is rich",
                place,
                "none of these is QM",
            )
            .help("give the partition that has no deadlines `criticality: QM`"),
        );
    }
}
