//! What a board file says in words of its architecture.

use super::{Arch, World};
use crate::fields::{At, Fields, Word};
use crate::mistake::Mistakes;
use crate::model::Reach;
use crate::raw::nested;
use crate::source::Place;
use crate::yaml::Node;

/// How the hardware numbers its cores: the affinity fields of MPIDR_EL1, or mhartid.
pub(crate) fn core_numbers(arch: Arch, f: &mut Fields<'_, '_>) -> Option<Vec<At<u64>>> {
    f.required(match arch {
        Arch::Arm64 => "mpidr",
        Arch::Riscv64 => "hartid",
    })
}

/// How many entries a core has to protect memory with, where it has such.
pub(crate) fn protection_entries(arch: Arch, f: &mut Fields<'_, '_>) -> Option<At<u64>> {
    match arch {
        Arch::Arm64 => None,
        Arch::Riscv64 => f.optional("pmp_entries"),
    }
}

/// Who can reach it, where that is the hardware's to say: on riscv64 the monitor does, by PMP.
pub(crate) fn worlds(arch: Arch, f: &mut Fields<'_, '_>) -> Option<Vec<At<World>>> {
    match arch {
        Arch::Arm64 => f.required("worlds"),
        Arch::Riscv64 => None,
    }
}

/// What a device reaches by itself, if it is a bus master.
pub(crate) fn reach(arch: Arch, f: &mut Fields<'_, '_>) -> Option<Reach> {
    match arch {
        Arch::Arm64 => nested(f, "bus_master", read_worlds),
        Arch::Riscv64 => nested(f, "bus_master", read_all),
    }
}

fn read_worlds(place: Place, node: &Node, out: &mut Mistakes) -> Option<Reach> {
    let mut f = Fields::open("a bus master", place, node, out)?;
    let reaches: Option<Vec<At<World>>> = f.required("reaches");
    f.close();
    Some(Reach::Worlds(
        reaches?.into_iter().map(|it| it.value).collect(),
    ))
}

/// PMP does not stop one.
fn read_all(place: Place, node: &Node, out: &mut Mistakes) -> Option<Reach> {
    let mut f = Fields::open("a bus master", place, node, out)?;
    let reaches: Option<Everything> = f.required("reaches");
    f.close();
    reaches.map(|Everything| Reach::All)
}

/// What stands where no memory is out of reach.
#[derive(Clone, Copy)]
struct Everything;

impl Word for Everything {
    const WHAT: &'static str = "what a bus master reaches on riscv64";
    const WORDS: &'static [(&'static str, Self)] = &[("all", Self)];
}
