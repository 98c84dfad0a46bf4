//! The interrupts of a device: as a board file writes them, and checked.

use super::arm64::interrupt::{NumberError, Ppi, Spi};
use super::{Arch, InterruptSource};
use crate::code::Code;
use crate::fields::{At, Fields};
use crate::mistake::{Draft, Mistakes};
use crate::source::Place;
use crate::yaml::Node;

/// An interrupt of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interrupt {
    /// Shared.
    Spi(Spi),
    /// Per core.
    Ppi(Ppi),
    /// Of a PLIC.
    Plic(InterruptSource),
    /// Of an APLIC.
    Aplic(InterruptSource),
}

impl Interrupt {
    /// The number in the controller's registers.
    pub const fn number(self) -> u32 {
        match self {
            Self::Spi(spi) => spi.intid().get(),
            Self::Ppi(ppi) => ppi.intid().get(),
            Self::Plic(source) | Self::Aplic(source) => source.get(),
        }
    }
    /// Whether any core can take it.
    pub const fn is_shared(self) -> bool {
        !matches!(self, Self::Ppi(_))
    }

    /// What it is called: `SPI 1`.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Spi(spi) => format!("SPI {}", spi.get()),
            Self::Ppi(ppi) => format!("PPI {}", ppi.get()),
            Self::Plic(source) | Self::Aplic(source) => format!("source {}", source.get()),
        }
    }
}

/// As written.
#[derive(Debug)]
pub(crate) struct RawInterrupt {
    pub(crate) place: Place,
    spi: Option<At<u32>>,
    ppi: Option<At<u32>>,
    plic: Option<At<u32>>,
    aplic: Option<At<u32>>,
    pub(crate) count: Option<At<u32>>,
}

impl RawInterrupt {
    pub(crate) fn read(arch: Arch, place: Place, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("an interrupt", place, node, out)?;
        let (mut spi, mut ppi, mut plic, mut aplic) = (None, None, None, None);
        match arch {
            Arch::Arm64 => {
                spi = f.optional("spi");
                ppi = f.optional("ppi");
            }
            Arch::Riscv64 => {
                aplic = f.optional("aplic");
                if aplic.is_none() {
                    plic = f.required("plic");
                }
            }
        }
        let count = f.optional("count");
        f.close();
        Some(Self {
            place,
            spi,
            ppi,
            plic,
            aplic,
            count,
        })
    }
}

/// The interrupts of so many devices alike, or none and a mistake; `lines` is how many the controller has.
pub(crate) fn interrupts(
    raw: &RawInterrupt,
    devices: u32,
    lines: Option<u32>,
    out: &mut Mistakes,
) -> Vec<Interrupt> {
    let count = raw.count.map_or(1, |count| count.value);
    if count != 1 && count != devices {
        let place = raw.count.map_or(raw.place, |count| count.place);
        out.push(
            Draft::new(
                Code::DeviceCount,
                format!("{count} interrupts for {devices} devices"),
                place,
                "this many interrupts",
            )
            .and(raw.place, "of this device")
            .help(format!("give `count: {devices}` to both, or 1 interrupt")),
        );
        return Vec::new();
    }
    match (raw.spi, raw.ppi, raw.plic, raw.aplic) {
        (None, None, None, Some(first)) => {
            let last = lines.unwrap_or(u32::MAX);
            let source = |n| InterruptSource::new(n, last).map(Interrupt::Aplic);
            range(first, count, "source", source, out)
        }
        (None, None, Some(first), None) => {
            let last = lines.unwrap_or(u32::MAX);
            let source = |n| InterruptSource::new(n, last).map(Interrupt::Plic);
            range(first, count, "source", source, out)
        }
        (Some(first), None, None, None) => {
            let spi = |n| Spi::new(n, lines.unwrap_or(u32::MAX)).map(Interrupt::Spi);
            range(first, count, "SPI", spi, out)
        }
        (None, Some(first), None, None) => {
            let ppi = |n| Ppi::new(n).map(Interrupt::Ppi);
            range(first, count, "PPI", ppi, out)
        }
        _ => {
            out.push(
                Draft::new(
                    Code::InterruptKind,
                    "an interrupt is either shared or per core",
                    raw.place,
                    "needs one of the two",
                )
                .help("keep one of `spi: N` (shared) and `ppi: N` (per core)"),
            );
            Vec::new()
        }
    }
}

/// `count` interrupts from `first` on; the first wrong one is reported.
fn range(
    first: At<u32>,
    count: u32,
    kind: &str,
    new: impl Fn(u32) -> Result<Interrupt, NumberError>,
    out: &mut Mistakes,
) -> Vec<Interrupt> {
    let numbers = (0..count).map(|n| first.value.saturating_add(n));
    let all: Result<Vec<_>, (u32, NumberError)> = numbers
        .map(|n| new(n).map_err(|error| (n, error)))
        .collect();
    match all {
        Ok(all) => all,
        Err((number, error)) => {
            out.push(wrong_number(first, number, kind, error));
            Vec::new()
        }
    }
}

fn wrong_number(first: At<u32>, number: u32, kind: &str, error: NumberError) -> Draft {
    let message = format!("the controller has no {kind} {number}");
    match error {
        NumberError::RawIntId { meant } => Draft::new(
            Code::InterruptRawIntid,
            message,
            first.place,
            format!("looks like an INTID: {number} is that of {kind} {meant}"),
        )
        .help(format!(
            "{kind}s are counted from 0 as in device trees: write {meant}"
        )),
        NumberError::Beyond { last } => Draft::new(
            Code::InterruptOutOfRange,
            message,
            first.place,
            format!("the last one is {last}"),
        )
        .help(format!(
            "give a number from 0 to {last}, or correct the controller's `spis`"
        )),
    }
}
