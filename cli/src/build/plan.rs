//! What is to be built, resolved to folders, addresses and names: the seam between the system description and
//! what the tools do with it. A test changes a plan, never a description.

use std::path::PathBuf;

use cofferdam_core::region::Region;
use cofferdam_system::Arch;

use crate::devicetree::{Services, VirtualNet};
use crate::flash::Flash;
use crate::flash::elf::Built;

/// A system to be built and run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// A name for folders and messages.
    pub name: String,
    /// The system description; the firmware's build script reads it.
    pub system: PathBuf,
    /// The Cargo package of the firmware.
    pub firmware: PathBuf,
    /// Cargo features of the firmware.
    pub firmware_features: Vec<String>,
    /// The board's device tree source.
    pub device_tree: PathBuf,
    /// The flash that holds monitor and images.
    pub flash: Flash,
    /// The emulated machine.
    pub machine: Machine,
    /// Names of the consoles: of the serial ports in the machine's order, then of the rings in memory.
    pub consoles: Vec<String>,
    /// The partitions whose consoles are rings, by their numbers: those of the last consoles.
    pub rings: Vec<u64>,
    /// The partitions.
    pub partitions: Vec<Partition>,
}

/// The emulated machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Its architecture.
    pub arch: Arch,
    /// `-machine`.
    pub machine: String,
    /// `-cpu`.
    pub cpu: String,
    /// Number of cores.
    pub cores: usize,
    /// Its RAM.
    pub memory: Region,
    /// How it comes to the monitor.
    pub boot: Boot,
}

/// How a machine has the monitor's flash, where its cores start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boot {
    /// As its firmware (`-bios`).
    Firmware,
    /// In so many banks of equal size.
    Banks(u32),
    /// In RAM from this address on, as a boot stage leaves it.
    Memory(u64),
}

/// A partition.
#[derive(Clone, Debug)]
pub struct Partition {
    /// Its name.
    pub name: String,
    /// Its number in the monitor.
    pub index: u32,
    /// Whether it is a critical one.
    pub critical: bool,
    /// The memory that its image goes to.
    pub ram: Region,
    /// All its memory.
    pub memory: Vec<Region>,
    /// The registers of its devices.
    pub devices: Vec<Region>,
    /// Its cores as the hardware numbers them.
    pub cores: Vec<u64>,
    /// Its ends of channels.
    pub channels: Vec<VirtualNet>,
    /// The services that it may call.
    pub services: Services,
    /// Address of its UART.
    pub console: Option<u64>,
    /// Whether it can ask the monitor to watch over it.
    pub watchdog: bool,
    /// Whether it can ask the monitor what that counts.
    pub profiled: bool,
    /// Whether it owns what a disk can be attached to.
    pub virtio: bool,
    /// Its bus masters that nothing keeps from memory of others.
    pub trusted: Vec<String>,
    /// Whether its root file system is on a disk.
    pub disk: bool,
    /// Whether the other end of one of its channels accepts requests for a page.
    pub page: bool,
    /// Modules of its kernel that its initial root file system has.
    pub kernel_modules: Vec<String>,
    /// Modules in its initial root file system that are not loaded.
    pub idle_modules: Vec<String>,
    /// What its program must be built for.
    pub built: Built,
    /// Where it is entered, if the description says.
    pub entry: Option<u64>,
    /// What runs in it.
    pub image: Image,
}

impl Partition {
    /// Whether Linux runs in it, or a boot loader that is to start it.
    pub fn runs_linux(&self) -> bool {
        matches!(self.image, Image::Debian { .. } | Image::Loader { .. })
    }

    /// Whether its Linux hands a page on to the host: the init of a folder of the user's does that.
    pub fn hands_page_on(&self) -> bool {
        let init = matches!(&self.image, Image::Debian { initramfs, .. } if initramfs.is_some());
        self.page && self.virtio && init && !self.disk
    }
}

/// What runs in a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Image {
    /// A Cargo package that is built.
    Cargo {
        /// Its folder.
        package: PathBuf,
        /// Its features.
        features: Vec<String>,
    },
    /// A folder with a Makefile.
    Make(PathBuf),
    /// An ELF file.
    Elf(PathBuf),
    /// Bytes, entered at their first.
    Bin(PathBuf),
    /// A Debian kernel.
    Debian {
        /// The package, by its name in the lock file.
        package: String,
        /// A folder that becomes the initial root file system.
        initramfs: Option<PathBuf>,
        /// The kernel's command line.
        command_line: String,
    },
    /// A boot loader.
    Loader {
        /// The package, by its name in the lock file.
        package: String,
        /// The file in the package.
        file: String,
        /// The command line that it hands on.
        command_line: String,
    },
}

impl Plan {
    /// Whether the host can look at a critical partition's page.
    pub fn has_page(&self) -> bool {
        self.partitions.iter().any(Partition::hands_page_on)
    }
}
