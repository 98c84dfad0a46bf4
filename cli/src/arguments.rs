//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use cofferdam_system::Arch;

/// The system description of a project.
const SYSTEM: &str = "system.yaml";

/// Runs a safety-critical RTOS and Linux side by side, described in one YAML file.
#[derive(Debug, Parser)]
#[command(name = "cofferdam", version, about)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// The source tree of Cofferdam [default: COFFERDAM_SDK, or the project's, or the one around, or this tool's]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub sdk: Option<PathBuf>,
}

/// What the command can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a project: a system of your own, in a folder of its own, that builds and boots at once
    New {
        /// Its name, and that of the folder, which is made here
        name: String,
        /// The board
        #[arg(long, default_value = crate::bench::BOARD)]
        board: String,
        /// What its first handlers are written in
        #[arg(long, value_enum, default_value_t = Language::Rust)]
        language: Language,
    },
    /// Say what this host lacks, and the line that cures it
    Doctor {
        /// Install it: on a terminal after asking, without one as root directly
        #[arg(long)]
        install: bool,
    },
    /// Show two worlds on one core: Linux crashes and is restarted, no deadline is missed
    Demo(Demo),
    /// Run the host's tests and the system tests
    Test(Test),
    /// Count what the monitor costs, in instructions
    Bench(Bench),
    /// Check a system description, and say all that is wrong with it
    Check {
        /// The system description
        #[arg(default_value = SYSTEM)]
        file: PathBuf,
    },
    /// Show what a system is: partitions, memory map, cores, interrupts, devices
    Explain {
        /// The system description
        #[arg(default_value = SYSTEM)]
        file: PathBuf,
        /// Draw it into this file instead
        #[arg(long, value_name = "FILE")]
        svg: Option<PathBuf>,
    },
    /// Give each new service its number, for good, in services.lock, and a first form of its handler
    Gen {
        /// The system description
        #[arg(default_value = SYSTEM)]
        file: PathBuf,
        /// Show what would change, and change nothing
        #[arg(long)]
        diff: bool,
    },
    /// Print the JSON Schema of system descriptions, for editors
    Schema,
    /// Write the reference of a system's services, in Markdown and HTML, and Linux's headers of them
    Docs {
        /// The system description
        #[arg(default_value = SYSTEM)]
        file: PathBuf,
        /// The folder that they go to
        #[arg(long, value_name = "FOLDER", default_value = ".cofferdam/docs")]
        out: PathBuf,
    },
    /// Build a system into a flash image
    Build {
        /// The system description
        #[arg(default_value = SYSTEM)]
        file: PathBuf,
    },
    /// Run a system on the emulator
    Run(Run),
    /// Stop a system before its first instruction, with gdb and all symbols
    Debug(Debug),
    /// Fetch the Debian packages that systems use, as locked
    Fetch {
        /// Only these packages [default: all that are locked]
        packages: Vec<String>,
        /// Lock the versions that the archive has today, and add the packages named
        #[arg(long)]
        refresh: bool,
        /// Debian's name of the guest's architecture
        #[arg(long, default_value = "arm64")]
        arch: String,
    },
    /// Make a disk with a small Debian, for `run --disk`
    Disk {
        /// The image to make
        file: PathBuf,
        /// Its size
        #[arg(long, value_name = "MIB", default_value_t = 512)]
        size: u32,
        /// The architecture of the board that it is for
        #[arg(long, value_enum, default_value_t = Architecture::Arm64)]
        arch: Architecture,
        /// With curl, ethtool, iperf3 and tcpdump
        #[arg(long)]
        network: bool,
    },
    /// Remove what builds left in this workspace
    Clean {
        /// The downloads as well
        #[arg(long)]
        all: bool,
    },
}

/// An architecture that there are boards of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Architecture {
    /// Debian 12
    Arm64,
    /// Debian 13
    Riscv64,
}

impl From<Architecture> for Arch {
    fn from(value: Architecture) -> Self {
        match value {
            Architecture::Arm64 => Self::Arm64,
            Architecture::Riscv64 => Self::Riscv64,
        }
    }
}

/// What a handler is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Rust
    #[default]
    Rust,
    /// C
    C,
}

/// What runs in the demonstration's critical partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Os {
    /// The cluster's control task in Rust, on nothing but the partition's run-time
    Cluster,
    /// The same task and two slower ones under FreeRTOS V11
    Freertos,
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// The board
    #[arg(long, default_value = crate::bench::BOARD)]
    pub board: String,
    /// What runs in the critical partition
    #[arg(long, value_enum, default_value_t = Os::Cluster)]
    pub os: Os,
    /// Use Linux's shell yourself; not judged
    #[arg(long, conflicts_with = "json")]
    pub interactive: bool,
    /// Print the summary as JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `test`.
#[derive(Debug, Args)]
pub struct Test {
    /// Only the system tests with this in their name, and not the host's tests
    pub filter: Option<String>,
    /// Repeat as often as the list says for a soak run, and let the fuzz targets search
    #[arg(long)]
    pub soak: bool,
    /// Only the system tests
    #[arg(long)]
    pub system_only: bool,
    /// System tests that run side by side [default: one to a processor]
    #[arg(long)]
    pub jobs: Option<usize>,
    /// Say the names of the system tests, and run none
    #[arg(long)]
    pub list: bool,
}

/// Arguments of `bench`.
#[derive(Debug, Args)]
pub struct Bench {
    /// The board
    #[arg(long, default_value = crate::bench::BOARD)]
    pub board: String,
    /// Print the figures as JSON
    #[arg(long)]
    pub json: bool,
    /// Trace the cockpit with its Linux too, for so many seconds of the host
    #[arg(long, value_name = "SECONDS")]
    pub linux: Option<u64>,
    /// Say where the instructions of the longest paths go
    #[arg(long, conflicts_with = "json")]
    pub profile: bool,
    /// Make the figures the ones that later ones are compared with
    #[arg(long, conflicts_with = "linux")]
    pub save: bool,
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// The system description
    #[arg(default_value = SYSTEM)]
    pub file: PathBuf,
    /// A raw image with Linux's root file system, which Linux writes to
    #[arg(long, value_name = "FILE")]
    pub disk: Option<PathBuf>,
    /// Use Linux's shell yourself, in the host's time; not judged
    #[arg(long)]
    pub interactive: bool,
    /// An instruction takes 2^SHIFT ns of virtual time
    #[arg(long, default_value_t = 3, conflicts_with = "interactive")]
    pub shift: u8,
    /// Further options of the emulator, after `--`
    #[arg(last = true)]
    pub emulator: Vec<String>,
}

/// Arguments of `debug`.
#[derive(Debug, Args)]
pub struct Debug {
    /// The system description
    #[arg(default_value = SYSTEM)]
    pub file: PathBuf,
    /// The port at which the debugger meets the emulator
    #[arg(long, default_value_t = 1234)]
    pub port: u16,
}
