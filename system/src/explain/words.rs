//! Numbers and choices as people read them.

use std::time::Duration;

use crate::arch::World;
use crate::model::{Board, Device, Image, Interrupt, Migration, Partition};

/// `0x4000_0000`
pub(super) fn address(number: u64) -> String {
    let low = number & 0xFFFF;
    let high = number >> 16;
    if high >> 16 == 0 {
        format!("0x{high:04x}_{low:04x}")
    } else {
        format!("0x{:x}_{:04x}_{low:04x}", high >> 16, high & 0xFFFF)
    }
}

/// `4 MiB`; a size that is no whole number of its unit is cut to a tenth: `62.9 MiB`.
pub(super) fn size(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    for (shift, unit) in units {
        if bytes >> shift == 0 {
            continue;
        }
        let rest = bytes & ((1 << shift) - 1);
        return match rest {
            0 => format!("{} {unit}", bytes >> shift),
            _ => format!(
                "{}.{} {unit}",
                bytes >> shift,
                (rest.saturating_mul(10)) >> shift
            ),
        };
    }
    format!("{bytes} B")
}

/// `400 us`
pub(super) fn time(time: Duration) -> String {
    let nanos = time.as_nanos();
    let units = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us")];
    for (factor, unit) in units {
        if nanos >= factor && nanos.is_multiple_of(factor) {
            return format!("{} {unit}", nanos / factor);
        }
    }
    format!("{nanos} ns")
}

/// `its call, power-down of its core`
pub(super) fn moves(by: Migration) -> String {
    let all = [
        (by.call, "its call"),
        (by.power_down, "power-down of its core"),
    ];
    let words = all.into_iter().filter_map(|(is, word)| is.then_some(word));
    words.collect::<Vec<_>>().join(", ")
}

pub(super) fn worlds(worlds: &[World]) -> String {
    if worlds.is_empty() {
        return "none".to_owned();
    }
    let names: Vec<_> = worlds.iter().map(|world| world.as_str()).collect();
    names.join(", ")
}

/// `SPI 1` and the INTID that the controller calls it.
pub(super) fn interrupt(interrupt: Interrupt) -> (String, u32) {
    (interrupt.name(), interrupt.number())
}

/// All interrupts of a device: `SPI 16..47`.
pub(super) fn interrupts(device: &Device) -> Option<(String, String)> {
    let (first, last) = (device.interrupts.first()?, device.interrupts.last()?);
    let (name, intid) = interrupt(*first);
    let (last_name, last_intid) = interrupt(*last);
    if intid == last_intid {
        return Some((name, intid.to_string()));
    }
    let last_number = last_name.rsplit(' ').next().unwrap_or_default();
    Some((
        format!("{name}..{last_number}"),
        format!("{intid}..{last_intid}"),
    ))
}

pub(super) fn image(image: &Image) -> String {
    let file = |path: &std::path::Path| {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    match image {
        Image::Cargo(path) => format!("cargo: {}", file(path)),
        Image::Make(path) => format!("make: {}", file(path)),
        Image::Elf(path) => format!("elf: {}", file(path)),
        Image::Bin(path) => format!("bin: {}", file(path)),
        Image::Debian { package, .. } | Image::Loader { package, .. } => {
            format!("debian: {package}")
        }
    }
}

/// `cluster preempts linux`, for the partitions of a core, critical ones first.
pub(super) fn sharing(partitions: &[&Partition]) -> String {
    let names = |critical: bool| {
        let some = partitions.iter().filter(|p| p.is_critical() == critical);
        some.map(|p| p.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    match (names(true), names(false)) {
        (critical, rich) if critical.is_empty() => rich,
        (critical, rich) if rich.is_empty() => critical,
        (critical, rich) => format!("{critical} preempts {rich}"),
    }
}

/// Where the device's registers are.
pub(super) fn registers(device: &Device) -> String {
    match device.region {
        Some(region) => address(region.start().get()),
        None => "in each core".to_owned(),
    }
}

pub(super) fn core_name(board: &Board, core: usize) -> String {
    board
        .cores
        .get(core)
        .map_or(String::new(), |mpidr| format!("{:#x}", mpidr.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(address(0), "0x0000_0000");
        assert_eq!(address(0x4000_0000), "0x4000_0000");
        assert_eq!(address(0x1_2345_6789), "0x1_2345_6789");
        assert_eq!(size(1), "1 B");
        assert_eq!(size(4096), "4 KiB");
        assert_eq!(size(1 << 30), "1 GiB");
        assert_eq!(size((63 << 20) - 4096), "62.9 MiB");
        assert_eq!(size(u64::MAX), "17179869183.9 GiB");
        assert_eq!(time(Duration::from_micros(1500)), "1500 us");
        assert_eq!(time(Duration::from_secs(30)), "30 s");
        assert_eq!(time(Duration::from_nanos(1)), "1 ns");
    }
}
