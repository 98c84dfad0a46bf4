//! The emulator's command line.

use std::path::PathBuf;

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
    /// The machine with its properties, from the board.
    pub machine: String,
    /// The processor model.
    pub cpu: String,
    /// Number of cores.
    pub cores: usize,
    /// Bytes of RAM.
    pub memory: u64,
    /// The flash image.
    pub flash: PathBuf,
    /// How time passes.
    pub pace: Pace,
    /// Further options, as a test or a user gives them.
    pub more: Vec<String>,
}

impl Options {
    /// The arguments, without those of the serial ports.
    pub fn arguments(&self) -> Vec<String> {
        let mut arguments: Vec<String> = [
            ("-machine", self.machine.clone()),
            ("-cpu", self.cpu.clone()),
            ("-smp", self.cores.to_string()),
            // MiB, rounded up: a board's RAM is a multiple.
            ("-m", format!("{}M", self.memory.div_ceil(0x10_0000))),
            ("-bios", self.flash.display().to_string()),
            ("-display", "none".to_owned()),
        ]
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

    fn options(pace: Pace) -> Options {
        Options {
            machine: "virt,secure=on".to_owned(),
            cpu: "cortex-a53".to_owned(),
            cores: 2,
            memory: 0x8000_0000,
            flash: "/f/flash.bin".into(),
            pace,
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
}
