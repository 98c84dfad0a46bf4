//! The interrupt controller: as the board file writes it, and checked.

use cofferdam_core::region::Region;

use super::World;
use crate::check::region;
use crate::code::Code;
use crate::fields::{At, Fields, Size, Word};
use crate::mistake::{Draft, Mistakes};
use crate::source::Place;
use crate::yaml::Node;

/// Registers of a distributor, of a GICv2 CPU interface (SBSA frames), and of a CLINT: 64 KiB.
const FRAME: u64 = 0x1_0000;
/// A file of an IMSIC (AIA, Memory region for an interrupt file).
const PAGE: u64 = 0x1000;
/// GICv3 without virtual LPIs: two frames of 64 KiB a core (IHI 0069, Redistributor register map).
const REDISTRIBUTOR_STRIDE: u64 = 0x2_0000;

/// The interrupt controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Controller {
    /// GICv2.
    GicV2 {
        /// GICD.
        distributor: Region,
        /// GICC.
        cpu_interface: Region,
        /// How many SPIs it has.
        spis: u32,
    },
    /// GICv3.
    GicV3 {
        /// GICD.
        distributor: Region,
        /// GICR frames of all cores.
        redistributors: Region,
        /// Bytes from one core's frames to the next core's.
        stride: u64,
        /// Registers of the interrupt translation service, if there is one: it writes memory by itself.
        its: Option<Region>,
        /// How many SPIs it has.
        spis: u32,
    },
    /// A PLIC, with the CLINT beside it.
    Plic {
        /// Its registers.
        registers: Region,
        /// Its highest source; source 0 is none.
        sources: u32,
        /// Its highest priority.
        priorities: u32,
        /// The context of the first hart's M-mode. Each hart has two, in the order of harts, and S-mode's is the second.
        first_context: u32,
        /// Software interrupts and timers of all harts.
        clint: Region,
        /// Ticks of `time` a second.
        timebase: u64,
    },
    /// An APLIC that sends messages to IMSICs, of which each core has one, with the CLINT beside them. The n-th core has the index n.
    Aplic {
        /// Registers of its root domain.
        root: Region,
        /// Of the domain of S-mode.
        domain: Region,
        /// Its highest source; source 0 is none.
        sources: u32,
        /// The cores' files of M-mode, a page each.
        machine_files: Region,
        /// Those of S-mode.
        files: Region,
        /// The highest interrupt of a file.
        identities: u32,
        /// Software interrupts and timers of all harts.
        clint: Region,
        /// Ticks of `time` a second.
        timebase: u64,
    },
}

impl Controller {
    /// Its registers, by name.
    pub fn regions(&self) -> Vec<(&'static str, Region)> {
        match *self {
            Self::GicV2 {
                distributor,
                cpu_interface,
                ..
            } => vec![
                ("distributor", distributor),
                ("cpu_interface", cpu_interface),
            ],
            Self::GicV3 {
                distributor,
                redistributors,
                ..
            } => vec![
                ("distributor", distributor),
                ("redistributors", redistributors),
            ],
            Self::Plic {
                registers, clint, ..
            } => vec![("plic", registers), ("clint", clint)],
            Self::Aplic {
                root,
                domain,
                machine_files,
                files,
                clint,
                ..
            } => vec![
                ("root", root),
                ("aplic", domain),
                ("machine_files", machine_files),
                ("files", files),
                ("clint", clint),
            ],
        }
    }

    /// Where messages to S-mode of these cores are written, which is their partition's own; pages side by side as one.
    pub fn files_of(&self, cores: impl Iterator<Item = usize>) -> Vec<Region> {
        let Self::Aplic { files, .. } = self else {
            return Vec::new();
        };
        let page = |n: usize| {
            let offset = u64::try_from(n).ok()?.checked_mul(PAGE)?;
            files.start().get().checked_add(offset)
        };
        let mut pages: Vec<_> = cores.filter_map(page).collect();
        pages.sort_unstable();
        let runs = pages.chunk_by(|earlier, later| later.checked_sub(*earlier) == Some(PAGE));
        let run = |run: &[u64]| {
            let size = u64::try_from(run.len()).ok()?.checked_mul(PAGE)?;
            Region::from_raw(*run.first()?, size).ok()
        };
        runs.filter_map(run).collect()
    }

    /// How many interrupts of devices it has.
    pub const fn lines(&self) -> u32 {
        match self {
            Self::GicV2 { spis, .. } | Self::GicV3 { spis, .. } => *spis,
            Self::Plic { sources, .. } | Self::Aplic { sources, .. } => *sources,
        }
    }
}

/// The kind of interrupt controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ControllerKind {
    /// GICv2: no Secure Group 1, so the monitor cannot interrupt a critical partition.
    GicV2,
    /// GICv3 (and v4).
    GicV3,
    /// RISC-V's platform-level interrupt controller.
    Plic,
    /// Its advanced one, before controllers of messages (AIA).
    Aplic,
}

impl Word for ControllerKind {
    const WHAT: &'static str = "an interrupt controller";
    const WORDS: &'static [(&'static str, Self)] = &[
        ("gicv2", Self::GicV2),
        ("gicv3", Self::GicV3),
        ("plic", Self::Plic),
        ("aplic", Self::Aplic),
    ];
}

/// `interrupt_controller:` as written.
#[derive(Debug)]
pub(crate) struct RawController {
    pub(crate) place: Place,
    pub(crate) kind: Option<At<ControllerKind>>,
    pub(crate) distributor: Option<At<u64>>,
    pub(crate) redistributors: Option<At<u64>>,
    pub(crate) redistributor_stride: Option<At<Size>>,
    pub(crate) its: Option<At<u64>>,
    pub(crate) cpu_interface: Option<At<u64>>,
    pub(crate) spis: Option<At<u32>>,
    pub(crate) root: Option<At<u64>>,
    pub(crate) at: Option<At<u64>>,
    pub(crate) size: Option<At<Size>>,
    pub(crate) sources: Option<At<u32>>,
    pub(crate) priorities: Option<At<u32>>,
    pub(crate) first_context: Option<At<u32>>,
    pub(crate) machine_files: Option<At<u64>>,
    pub(crate) files: Option<At<u64>>,
    pub(crate) identities: Option<At<u32>>,
    pub(crate) clint: Option<At<u64>>,
    pub(crate) timebase: Option<At<u64>>,
}

impl RawController {
    pub(crate) fn read(place: Place, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("the interrupt controller", place, node, out)?;
        let kind: Option<At<ControllerKind>> = f.required("type");
        let is = |wanted| kind.is_some_and(|kind| kind.value == wanted);
        let (mut distributor, mut spis) = (None, None);
        let (mut at, mut size, mut sources) = (None, None, None);
        let (mut priorities, mut first_context) = (None, None);
        let (mut clint, mut timebase) = (None, None);
        let (mut root, mut machine_files, mut files, mut identities) = (None, None, None, None);
        if is(ControllerKind::Plic) || is(ControllerKind::Aplic) {
            at = f.required("at");
            size = f.required("size");
            sources = f.required("sources");
            if is(ControllerKind::Aplic) {
                root = f.required("root");
                machine_files = f.required("machine_files");
                files = f.required("files");
                identities = f.required("identities");
            } else {
                priorities = f.required("priorities");
                first_context = f.required("first_context");
            }
            clint = f.required("clint");
            timebase = f.required("timebase");
        } else {
            distributor = f.required("distributor");
            spis = f.required("spis");
        }
        let (mut redistributors, mut redistributor_stride, mut its) = (None, None, None);
        let mut cpu_interface = None;
        if is(ControllerKind::GicV3) {
            redistributors = f.required("redistributors");
            redistributor_stride = f.optional("redistributor_stride");
            its = f.optional("its");
        } else if is(ControllerKind::GicV2) {
            cpu_interface = f.required("cpu_interface");
        }
        // Without its type, no other key can be called wrong.
        if kind.is_some() {
            f.close();
        }
        Some(Self {
            place,
            kind,
            distributor,
            redistributors,
            redistributor_stride,
            its,
            cpu_interface,
            spis,
            root,
            at,
            size,
            sources,
            priorities,
            first_context,
            machine_files,
            files,
            identities,
            clint,
            timebase,
        })
    }

    fn aplic(&self, cores: usize, out: &mut Mistakes) -> Option<Controller> {
        let (size, place) = (self.size?.value.0, self.size?.place);
        let mut pages = |at: At<u64>| file_pages(at, cores, out);
        let (machine_files, files) = (pages(self.machine_files?), pages(self.files?));
        Some(Controller::Aplic {
            root: region(self.root?, size, place, out)?,
            domain: region(self.at?, size, place, out)?,
            sources: self.sources?.value,
            machine_files: machine_files?,
            files: files?,
            identities: self.identities?.value,
            clint: region(self.clint?, FRAME, self.clint?.place, out)?,
            timebase: self.timebase?.value,
        })
    }
}

/// A page for each core. Their addresses are an index in the bits that the first one has zero (Arrangement of the memory regions of multiple
/// interrupt files).
fn file_pages(at: At<u64>, cores: usize, out: &mut Mistakes) -> Option<Region> {
    let cores = u64::try_from(cores.max(1)).ok()?;
    let reach = cores.next_power_of_two().saturating_mul(PAGE);
    if !at.value.is_multiple_of(reach) {
        out.push(
            Draft::new(
                Code::MemoryMisaligned,
                format!("files of {cores} cores begin at a multiple of {reach:#x}"),
                at.place,
                "not a multiple",
            )
            .help("correct the address: an index of a core is put into its lower bits"),
        );
        return None;
    }
    region(at, cores.saturating_mul(PAGE), at.place, out)
}

/// Checks the controller of a board with so many cores.
pub(crate) fn controller(
    raw: &RawController,
    cores: usize,
    out: &mut Mistakes,
) -> Option<Controller> {
    let frame = |at: At<u64>, out: &mut Mistakes| region(at, FRAME, at.place, out);
    let distributor = raw.distributor.and_then(|at| frame(at, out));
    match raw.kind?.value {
        ControllerKind::Plic => Some(Controller::Plic {
            registers: region(raw.at?, raw.size?.value.0, raw.size?.place, out)?,
            sources: raw.sources?.value,
            priorities: raw.priorities?.value,
            first_context: raw.first_context?.value,
            clint: frame(raw.clint?, out)?,
            timebase: raw.timebase?.value,
        }),
        ControllerKind::Aplic => raw.aplic(cores, out),
        ControllerKind::GicV2 => Some(Controller::GicV2 {
            distributor: distributor?,
            cpu_interface: frame(raw.cpu_interface?, out)?,
            spis: raw.spis?.value,
        }),
        ControllerKind::GicV3 => {
            let stride = raw
                .redistributor_stride
                .map_or(REDISTRIBUTOR_STRIDE, |size| size.value.0);
            let at = raw.redistributors?;
            // A board without cores has been reported; one keeps the region from being empty.
            let cores = u64::try_from(cores.max(1)).ok()?;
            let all = stride.saturating_mul(cores);
            Some(Controller::GicV3 {
                distributor: distributor?,
                redistributors: region(at, all, at.place, out)?,
                stride,
                its: match raw.its {
                    Some(at) => Some(region(at, FRAME, at.place, out)?),
                    None => None,
                },
                spis: raw.spis?.value,
            })
        }
    }
}

/// How interrupts of a partition in this world are routed.
pub(crate) const fn route(controller: &Controller, world: Option<World>) -> &'static str {
    match (controller, world) {
        (Controller::Plic { .. } | Controller::Aplic { .. }, _) => "S-mode",
        (Controller::GicV3 { .. }, Some(World::Secure)) => "Secure Group 1",
        (Controller::GicV2 { .. }, Some(World::Secure)) => "Group 0",
        (_, Some(World::NonSecure) | None) => "Non-secure Group 1",
    }
}

/// How those of the monitor are.
pub(crate) const fn monitor_route(controller: &Controller) -> &'static str {
    match controller {
        Controller::Plic { .. } | Controller::Aplic { .. } => "M-mode",
        Controller::GicV2 { .. } | Controller::GicV3 { .. } => "Group 0",
    }
}

/// Whether the monitor has a timer by the controller, and needs none of the board's.
pub(crate) const fn brings_timer(controller: &Controller) -> bool {
    // The CLINT's, which interrupts M-mode.
    matches!(
        controller,
        Controller::Plic { .. } | Controller::Aplic { .. }
    )
}

#[cfg(test)]
mod tests;
