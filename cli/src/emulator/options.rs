//! The emulator's command line.

use std::path::PathBuf;

use crate::build::plan::{Boot, Machine};

/// How time passes in the emulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Virtual time: one instruction takes 2^shift ns, and nothing of the host can cause or hide a
    /// missed deadline. The only pace at which deadlines are judged.
    Judged {
        /// Binary logarithm of an instruction's nanoseconds.
        shift: u8,
    },
    /// Virtual time, an instruction a nanosecond, to count instructions: each core runs until it waits or
    /// another's timer is due, which is no judge of deadlines.
    Counted,
    /// The host's time: fluent, and not judged.
    Free,
}

/// What to emulate.
#[derive(Clone, Debug)]
pub struct Options {
    /// The machine, from the board.
    pub machine: Machine,
    /// The flash image.
    pub flash: PathBuf,
    /// Bytes of the flash.
    pub flash_size: u64,
    /// How time passes.
    pub pace: Pace,
    /// Where the consoles in memory lie, counted from the start of the RAM: those of the last consoles.
    pub rings: Vec<u64>,
    /// Further options, as a test or a user gives them.
    pub more: Vec<String>,
}

impl Options {
    /// The arguments, without those of the serial ports.
    pub fn arguments(&self) -> Vec<String> {
        let machine = &self.machine;
        let mut arguments = vec![
            ("-machine", machine.machine.clone()),
            ("-cpu", machine.cpu.clone()),
            ("-smp", machine.cores.to_string()),
            // MiB, rounded up: a board's RAM is a multiple.
            (
                "-m",
                format!("{}M", machine.memory.len().get().div_ceil(0x10_0000)),
            ),
        ];
        arguments.extend(self.flash());
        arguments.push(("-display", "none".to_owned()));
        let mut arguments: Vec<String> = arguments
            .into_iter()
            .flat_map(|(option, value)| [option.to_owned(), value])
            .collect();
        arguments.push("-nodefaults".to_owned());
        match self.pace {
            Pace::Judged { shift } => arguments.extend(virtual_time(shift).chain(slices())),
            Pace::Counted => arguments.extend(virtual_time(0)),
            Pace::Free => {}
        }
        arguments.extend(self.more.iter().cloned());
        arguments
    }

    /// The flash image, and where the cores start.
    fn flash(&self) -> Vec<(&'static str, String)> {
        let file = self.flash.display();
        let pieces: Vec<_> = match self.machine.boot {
            Boot::Firmware => return vec![("-bios", file.to_string())],
            Boot::Banks(banks) => {
                let size = self.flash_size / u64::from(banks);
                let drive = |bank| {
                    let offset = u64::from(bank) * size;
                    let drive = format!(
                        "if=pflash,unit={bank},format=raw,readonly=on,file={file},offset={offset},size={size}"
                    );
                    ("-drive", drive)
                };
                (0..banks).map(drive).collect()
            }
            Boot::Memory(start) => {
                let filled = format!("loader,file={file},addr={start:#x},force-raw=on");
                let started = |core| format!("loader,addr={start:#x},cpu-num={core}");
                let cores = (0..self.machine.cores).map(started);
                let loaders = std::iter::once(filled).chain(cores);
                loaders.map(|it| ("-device", it)).collect()
            }
        };
        let mut options = vec![("-bios", "none".to_owned())];
        options.extend(pieces);
        options
    }
}

fn virtual_time(shift: u8) -> impl Iterator<Item = String> {
    let options = [
        ("-icount", format!("shift={shift},sleep=off")),
        // A fixed date, running in virtual time: two runs see the same clock.
        ("-rtc", "base=2026-01-01,clock=vm".to_owned()),
    ];
    words(options)
}

/// Short turns of the cores.
///
/// With icount, the emulator runs one core until the next deadline of any of its timers while the others stand
/// still, in the middle of a handler too. Linux asks for a timer every few milliseconds, so a busy core froze the
/// other for longer than a deadline, which no hardware does. A timer with a short period bounds that
/// slice. The guest must not see it: a `filter-buffer` on a network that nobody is on is such a timer.
fn slices() -> impl Iterator<Item = String> {
    let buffer = format!("filter-buffer,id=slice,netdev=nobody,interval={SLICE_US}");
    let options = [
        ("-netdev", "hubport,id=nobody,hubid=0".to_owned()),
        ("-object", buffer),
    ];
    words(options)
}

fn words(options: [(&'static str, String); 2]) -> impl Iterator<Item = String> {
    options
        .into_iter()
        .flat_map(|(option, value)| [option.to_owned(), value])
}

/// The longest stretch of virtual time, in microseconds, for which one core runs while another stands still. It
/// shows as latency of a release, so it is well below the 100 us that the cluster allows for that; at 100 us some
/// releases were late, and a run was a quarter shorter.
const SLICE_US: u32 = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use cofferdam_core::region::Region;
    use cofferdam_system::Arch;

    fn options(pace: Pace) -> Options {
        Options {
            machine: Machine {
                arch: Arch::Arm64,
                machine: "virt,secure=on".to_owned(),
                cpu: "cortex-a53".to_owned(),
                cores: 2,
                memory: Region::from_raw(0x4000_0000, 0x8000_0000).unwrap(),
                boot: Boot::Firmware,
            },
            flash: "/f/flash.bin".into(),
            flash_size: 0x400_0000,
            pace,
            rings: Vec::new(),
            more: vec!["-S".to_owned()],
        }
    }

    #[test]
    fn a_judged_run_is_in_virtual_time_and_says_so() {
        let line = options(Pace::Judged { shift: 3 }).arguments().join(" ");
        assert_eq!(
            line,
            "-machine virt,secure=on -cpu cortex-a53 -smp 2 -m 2048M -bios /f/flash.bin \
             -display none -nodefaults -icount shift=3,sleep=off \
             -rtc base=2026-01-01,clock=vm -netdev hubport,id=nobody,hubid=0 \
             -object filter-buffer,id=slice,netdev=nobody,interval=20 -S"
        );
    }

    #[test]
    fn a_counted_run_is_in_virtual_time_without_turns() {
        let arguments = options(Pace::Counted).arguments();
        assert!(arguments.iter().any(|it| it == "shift=0,sleep=off"));
        assert!(!arguments.iter().any(|it| it == "-object"));
    }

    #[test]
    fn a_free_run_has_no_virtual_time() {
        assert!(
            !options(Pace::Free)
                .arguments()
                .iter()
                .any(|it| it == "-icount")
        );
    }

    #[test]
    fn each_bank_has_its_piece_of_the_flash() {
        let mut options = options(Pace::Free);
        options.machine.boot = Boot::Banks(2);
        let line = options.arguments().join(" ");
        let half = "readonly=on,file=/f/flash.bin,offset=33554432,size=33554432";
        assert!(line.contains("-bios none -drive if=pflash,unit=0,format=raw,"));
        assert!(
            line.contains(&format!("unit=1,format=raw,{half}")),
            "{line}"
        );
    }

    #[test]
    fn a_flash_in_memory_is_filled_and_all_cores_start_there() {
        let mut options = options(Pace::Free);
        options.machine.boot = Boot::Memory(0xbc00_0000);
        let line = options.arguments().join(" ");
        let loaders = "-bios none -device loader,file=/f/flash.bin,addr=0xbc000000,force-raw=on \
                       -device loader,addr=0xbc000000,cpu-num=0 \
                       -device loader,addr=0xbc000000,cpu-num=1 -display";
        assert!(line.contains(loaders), "{line}");
    }
}
