//! Where the monitor's parts lie in the flash and RAM that the board gives it, and what it maps.

use cofferdam_core::region::Region;
use cofferdam_system::model::{Controller, Partition};
use cofferdam_system::{DeviceKind, System, World};
use std::collections::BTreeSet;

/// Bytes that the monitor's parts need at least: constants and text 512 KiB each, RAM 1 MiB. A debug
/// build of the monitor fits too.
const HALF: u64 = 512 << 10;
/// Without the log's ring, which is the system's to say.
const VARIABLES: u64 = 256 << 10;
const FATAL_STACKS: u64 = 64 << 10;
/// As in the monitor's `stack` module: three stacks of 16 KiB for each core.
const STACK: u64 = 16 << 10;
const GUARD: u64 = 4 << 10;
const STACKS_OF_CORE: u64 = 3;

/// The monitor's memory.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Instructions.
    pub text: Region,
    /// Translation tables and constants.
    pub constants: Region,
    /// Variables.
    pub variables: Region,
    /// Stacks for faults of the monitor itself, below 4 GiB and at a multiple of 64 KiB.
    pub fatal_stacks: Region,
    /// Stacks of all cores.
    pub stacks: Region,
    /// All that the monitor maps.
    pub mappings: Vec<Mapping>,
}

/// A range that the monitor maps, as its `mmu` module names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mapping {
    /// First address.
    pub start: u64,
    /// Bytes.
    pub size: u64,
    /// What it is.
    pub kind: Kind,
}

/// What a mapping is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The monitor's instructions.
    Text,
    /// Constants and images.
    Constant,
    /// Secure memory.
    SecureRam,
    /// Non-secure memory.
    NonSecureRam,
    /// Registers.
    Device,
}

/// The board gives the monitor too little.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// Flash.
    #[error(
        "the monitor needs {need:#x} bytes of flash; `monitor: flash:` of the board has {has:#x}"
    )]
    Flash {
        /// Bytes.
        need: u64,
        /// Bytes.
        has: u64,
    },
    /// RAM.
    #[error(
        "the monitor needs {need:#x} bytes of RAM for this system; `monitor: ram:` of the board has {has:#x}"
    )]
    Ram {
        /// Bytes.
        need: u64,
        /// Bytes.
        has: u64,
    },
    /// The fault path finds its stack by two instructions, which reach this far.
    #[error(
        "`monitor: ram:` of the board starts at {start:#x}: it has to be a multiple of 64 KiB below 4 GiB"
    )]
    RamStart {
        /// Where it is.
        start: u64,
    },
    /// The monitor's text has to be one PMP region.
    #[error(
        "`monitor: flash:` of the board starts at {start:#x}: it has to be a multiple of 512 KiB"
    )]
    FlashStart {
        /// Where it is.
        start: u64,
    },
    /// Part of a device's or memory's range is not whole pages.
    #[error("{start:#x}+{size:#x} cannot be mapped: not whole pages of 4 KiB below 4 GiB")]
    NotPages {
        /// First byte.
        start: u64,
        /// Bytes.
        size: u64,
    },
}

impl Layout {
    /// Lays out the monitor of a system.
    pub fn of(system: &System) -> Result<Self, LayoutError> {
        let monitor = &system.board.monitor;
        let (flash, ram) = (monitor.flash, monitor.ram);
        if flash.len().get() < 2 * HALF {
            let has = flash.len().get();
            return Err(LayoutError::Flash {
                need: 2 * HALF,
                has,
            });
        }
        let cores = system.board.cores.len() as u64;
        let stacks = cores * STACKS_OF_CORE * STACK;
        let ring = system.features.log.ring;
        let variables = VARIABLES + ring.next_multiple_of(FATAL_STACKS);
        let need = variables + FATAL_STACKS + stacks;
        if ram.len().get() < need {
            let has = ram.len().get();
            return Err(LayoutError::Ram { need, has });
        }
        let ram_start = ram.start().get();
        if !ram_start.is_multiple_of(FATAL_STACKS) || ram_start + need > 1 << 32 {
            return Err(LayoutError::RamStart { start: ram_start });
        }
        let flash_start = flash.start().get();
        let mut layout = Self {
            text: region(flash_start, HALF)?,
            constants: region(flash_start + HALF, flash.len().get() - HALF)?,
            variables: region(ram_start, variables)?,
            fatal_stacks: region(ram_start + variables, FATAL_STACKS)?,
            stacks: region(ram_start + variables + FATAL_STACKS, stacks)?,
            mappings: Vec::new(),
        };
        layout.map_monitor(system)?;
        layout.map_partitions(system);
        layout.map_devices(system);
        layout.mappings.sort();
        layout.mappings.dedup();
        let wrong = |m: &&Mapping| {
            let end = m.start.checked_add(m.size).is_none_or(|end| end > 1 << 32);
            end || !m.start.is_multiple_of(GUARD) || !m.size.is_multiple_of(GUARD)
        };
        if let Some(&Mapping { start, size, .. }) = layout.mappings.iter().find(wrong) {
            return Err(LayoutError::NotPages { start, size });
        }
        Ok(layout)
    }

    fn map_monitor(&mut self, system: &System) -> Result<(), LayoutError> {
        self.map(self.text, Kind::Text);
        self.map(self.constants, Kind::Constant);
        // The image table and the images are one range with what lies between them.
        let monitor = &system.board.monitor;
        let table = monitor.image_table.get();
        let end = monitor.images.end().get();
        self.map(region(table, end - table)?, Kind::Constant);
        self.map(self.variables, Kind::SecureRam);
        self.map(self.fatal_stacks, Kind::SecureRam);
        let stacks = self.stacks;
        for n in 0..stacks.len().get() / STACK {
            let start = stacks.start().get() + n * STACK + GUARD;
            self.map(region(start, STACK - GUARD)?, Kind::SecureRam);
        }
        Ok(())
    }

    fn map_partitions(&mut self, system: &System) {
        for partition in &system.partitions {
            for memory in &partition.memory {
                self.map(memory.region, kind_of(partition));
            }
        }
    }

    fn map_devices(&mut self, system: &System) {
        let board = &system.board;
        for (_, range) in board.controller.regions() {
            self.map(range, Kind::Device);
        }
        if let Controller::GicV3 { its: Some(its), .. } = board.controller {
            self.map(its, Kind::Device);
        }
        // What the board's code touches: the log's UART, devices of hooks, outputs with a safe state, bus masters to be quieted.
        let log = system.features.log.device;
        let log = log.and_then(|id| board.device(id)).map(|it| &it.name);
        let hooked = |name: &str| {
            let hooked = system.hooks.iter().filter_map(|hook| hook.device());
            let mut hooked = hooked.filter_map(|id| board.device(id));
            hooked.any(|it| it.name == name)
        };
        for device in &board.devices {
            let touched = match device.kind {
                DeviceKind::Pl011 => log == Some(&device.name),
                DeviceKind::Pl061 => device.worlds == [World::Secure],
                _ => device.reaches.is_some(),
            };
            let touched = touched || hooked(&device.name);
            if let (true, Some(range)) = (touched, device.region) {
                self.map(range, Kind::Device);
            }
        }
    }

    fn map(&mut self, range: Region, kind: Kind) {
        self.mappings.push(Mapping {
            start: range.start().get(),
            size: range.len().get(),
            kind,
        });
    }

    /// How many translation tables the mappings take: one of level 1, one of level 2 for each GiB and one
    /// of level 3 for each 2 MiB that is not mapped whole.
    pub fn tables(&self) -> usize {
        let (mut level_2, mut level_3) = (BTreeSet::new(), BTreeSet::new());
        for mapping in &self.mappings {
            let end = mapping.start + mapping.size;
            for (tables, span) in [(&mut level_2, 1_u64 << 30), (&mut level_3, 2 << 20)] {
                let (first, last) = (mapping.start / span, (end - 1) / span);
                if mapping.start % span != 0 || mapping.size < span {
                    tables.insert(first);
                }
                if end % span != 0 {
                    tables.insert(last);
                }
            }
        }
        1 + level_2.len() + level_3.len()
    }
}

fn kind_of(partition: &Partition) -> Kind {
    match partition.world {
        Some(World::Secure) => Kind::SecureRam,
        Some(World::NonSecure) | None => Kind::NonSecureRam,
    }
}

fn region(start: u64, size: u64) -> Result<Region, LayoutError> {
    Region::from_raw(start, size).map_err(|_| LayoutError::NotPages { start, size })
}
