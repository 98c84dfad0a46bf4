//! Follows one core through the monitor: from each exception to the ERET or MRET that ends it.
//!
//! A *stretch* is what runs at EL3 with FIQ masked: from reset, or from an entry of one of the four vector
//! tables, to an ERET. What follows an ERET at the monitor's own addresses, and is no vector, is a monitor
//! thread (EL3 with SP_EL0, FIQ open), until the next vector. In M-mode it is the same from the one trap entry to an MRET.

use std::fmt;
use std::ops::Range;

use cofferdam_system::Arch;

use super::program::{Error, Program};

/// ERET (Arm ARM, ERET).
const ERET: u32 = 0xd69f_03e0;
/// MRET (privileged specification, Trap-Return Instructions).
const MRET: u32 = 0x3020_0073;
/// Bytes of a vector table.
const TABLE: u64 = 0x800;
/// FIQ from a lower level in AArch64, from the start of a table (Arm ARM, Exception vectors).
pub const FIQ: u64 = 0x500;
/// Synchronous, likewise.
pub const SYNCHRONOUS: u64 = 0x400;

/// Which slot a vector table serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// The rich side's.
    Rich,
    /// The critical side's.
    Critical,
}

/// Where a stretch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entry {
    /// At reset.
    Reset,
    /// At this offset of a slot's table.
    Vector(Slot, u64),
    /// At the entry of all traps, whoever ran.
    Trap,
}

/// Places in the monitor that tell what a stretch did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Passed {
    /// Rust ran.
    pub slow: bool,
    /// The critical partition had nothing to do (WFI).
    pub idle: bool,
    /// All of the critical slot's context was loaded.
    pub to_critical: bool,
    /// All of the rich slot's context was loaded.
    pub to_rich: bool,
    /// Floating-point registers were swapped by a call, which the vectors of `eager` do without.
    pub floating_point: bool,
}

/// What kind of stretch it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shape {
    /// Where it began.
    pub entry: Entry,
    /// What it did.
    pub passed: Passed,
}

impl Shape {
    /// The critical partition took the core from the rich one by its interrupt.
    pub fn is_preemption(self) -> bool {
        let entry = Entry::Vector(Slot::Rich, FIQ);
        self.entry == entry && self.passed.to_critical && !self.passed.slow
    }

    /// The critical partition gave it back.
    pub fn is_yield(self) -> bool {
        let entry = Entry::Vector(Slot::Critical, SYNCHRONOUS);
        self.entry == entry && self.passed.idle && self.passed.to_rich && !self.passed.slow
    }

    /// One side used floating point after the other, and goes on where it was.
    pub fn is_floating_point_trap(self) -> bool {
        let Passed {
            to_critical,
            to_rich,
            floating_point,
            ..
        } = self.passed;
        let trapped = matches!(self.entry, Entry::Vector(_, SYNCHRONOUS));
        trapped && floating_point && !to_critical && !to_rich
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.entry {
            Entry::Reset => write!(f, "reset")?,
            Entry::Trap => write!(f, "trap")?,
            Entry::Vector(Slot::Rich, at) => write!(f, "rich vector {at:#x}")?,
            Entry::Vector(Slot::Critical, at) => write!(f, "critical vector {at:#x}")?,
        }
        let Passed {
            slow,
            idle,
            to_critical,
            to_rich,
            floating_point,
        } = self.passed;
        for (passed, name) in [
            (slow, "slow"),
            (idle, "idle"),
            (to_critical, "to critical"),
            (to_rich, "to rich"),
            (floating_point, "floating point"),
        ] {
            if passed {
                write!(f, ", {name}")?;
            }
        }
        Ok(())
    }
}

/// One stretch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// What it was.
    pub shape: Shape,
    /// Its instructions.
    pub pcs: Vec<u64>,
}

/// What a core did with an instruction of the monitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Did {
    /// It is inside a stretch.
    Masked,
    /// It ended a stretch.
    Left(Stretch),
    /// It runs a monitor thread.
    Thread,
}

/// The monitor, as far as a trace has to know it.
#[derive(Debug)]
pub struct Monitor {
    program: Program,
    places: Places,
    /// The instruction with which it is left.
    leave: u32,
}

/// Its places. Of two for one thing the second is that of a switch that is observed.
#[derive(Debug, Default)]
struct Places {
    tables: Vec<(Slot, u64)>,
    trap: Option<u64>,
    slow: Vec<u64>,
    idle: Option<u64>,
    /// Where a slot is loaded: by itself, and in a switch that is observed.
    to_critical: Vec<u64>,
    to_rich: Vec<u64>,
    /// Linked only where something calls it.
    floating_point: Option<u64>,
}

impl Places {
    /// By the symbols of `vectors.S`.
    fn arm64(program: &Program) -> Result<Self, Error> {
        // Of the vectors for each way of floating point, with and without services or observers, one kind is linked.
        let linked = |name: &str| {
            let kinds = ["lazy", "eager", "lazy_services", "eager_services"];
            let kinds = kinds
                .iter()
                .flat_map(|kind| ["", "_observed"].map(|tail| (kind, tail)));
            let mut symbols =
                kinds.map(|(kind, tail)| program.symbol(&format!("{name}_{kind}{tail}")));
            symbols
                .find_map(Result::ok)
                .map_or_else(|| program.symbol(name), Ok)
        };
        let loaded = |alone: &str, observed: &str| {
            let alone = linked(alone)?;
            Ok::<_, Error>(vec![alone, linked(observed).unwrap_or(alone)])
        };
        Ok(Self {
            tables: vec![
                (Slot::Rich, linked("vectors_rich")?),
                (Slot::Critical, linked("vectors_critical")?),
            ],
            trap: None,
            slow: vec![linked("slow_rich")?, linked("slow_critical")?],
            idle: Some(linked("yield_critical")?),
            to_critical: loaded("cofferdam_enter_critical", "observed_critical")?,
            to_rich: loaded("cofferdam_enter_rich", "observed_rich")?,
            floating_point: program.symbol("cofferdam_fp_save").ok(),
        })
    }

    /// By those of `trap.S`.
    fn riscv64(program: &Program) -> Result<Self, Error> {
        Ok(Self {
            trap: Some(program.symbol("cofferdam_trap_entry")?),
            slow: vec![program.symbol("cofferdam_trap")?],
            ..Self::default()
        })
    }
}

impl Monitor {
    /// Finds its places by their symbols.
    pub fn new(arch: Arch, program: Program) -> Result<Self, Error> {
        let (places, leave) = match arch {
            Arch::Arm64 => (Places::arm64(&program)?, ERET),
            Arch::Riscv64 => (Places::riscv64(&program)?, MRET),
        };
        Ok(Self {
            program,
            places,
            leave,
        })
    }

    /// Its instructions.
    pub fn text(&self) -> Range<u64> {
        self.program.text()
    }

    /// Its ELF file.
    pub fn program(&self) -> &Program {
        &self.program
    }

    fn vector(&self, pc: u64) -> Option<Entry> {
        if self.places.trap == Some(pc) {
            return Some(Entry::Trap);
        }
        let mut tables = self.places.tables.iter();
        let (slot, table) = tables.find(|(_, table)| (*table..table + TABLE).contains(&pc))?;
        Some(Entry::Vector(*slot, pc - table))
    }
}

/// One core.
#[derive(Debug)]
pub struct Core {
    state: State,
}

#[derive(Debug)]
enum State {
    Masked(Stretch),
    Open,
}

impl Core {
    /// At reset.
    pub fn new() -> Self {
        Self {
            state: State::Masked(begun(Entry::Reset)),
        }
    }

    /// Executes an instruction of the monitor.
    pub fn step(&mut self, monitor: &Monitor, pc: u64) -> Did {
        if let State::Open = self.state {
            match monitor.vector(pc) {
                Some(entry) => self.state = State::Masked(begun(entry)),
                None => return Did::Thread,
            }
        }
        let State::Masked(stretch) = &mut self.state else {
            return Did::Thread;
        };
        stretch.pcs.push(pc);
        let passed = &mut stretch.shape.passed;
        let places = &monitor.places;
        passed.slow |= places.slow.contains(&pc);
        passed.idle |= places.idle == Some(pc);
        passed.to_critical |= places.to_critical.contains(&pc);
        passed.to_rich |= places.to_rich.contains(&pc);
        passed.floating_point |= places.floating_point == Some(pc);
        if monitor.program.instruction(pc) != Some(monitor.leave) {
            return Did::Masked;
        }
        match std::mem::replace(&mut self.state, State::Open) {
            State::Masked(stretch) => Did::Left(stretch),
            State::Open => Did::Thread,
        }
    }

    /// Where the stretch began that it is in.
    pub fn entry(&self) -> Option<Entry> {
        match &self.state {
            State::Masked(stretch) => Some(stretch.shape.entry),
            State::Open => None,
        }
    }
}

impl Default for Core {
    fn default() -> Self {
        Self::new()
    }
}

fn begun(entry: Entry) -> Stretch {
    let passed = Passed::default();
    Stretch {
        shape: Shape { entry, passed },
        pcs: Vec::new(),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::program::tests::program;
    use super::*;

    pub const RICH: u64 = 0x800;
    pub const CRITICAL: u64 = 0x1000;
    pub const SLOW: u64 = 0x2000;
    pub const IDLE: u64 = 0x2020;
    pub const ENTER_CRITICAL: u64 = 0x2030;
    pub const ENTER_RICH: u64 = 0x2040;
    pub const LEAVE: u64 = 0x2050;
    pub const THREAD: u64 = 0x2060;
    pub const FLOATING_POINT: u64 = 0x2070;

    /// A monitor with an ERET at [`LEAVE`].
    pub fn monitor() -> Monitor {
        let symbols = [
            ("vectors_rich_eager", RICH),
            ("vectors_critical_eager", CRITICAL),
            ("slow_rich_eager", SLOW),
            ("slow_critical_eager", SLOW + 4),
            ("yield_critical_eager", IDLE),
            ("cofferdam_enter_critical_eager", ENTER_CRITICAL),
            ("cofferdam_enter_rich_eager", ENTER_RICH),
            ("cofferdam_fp_save", FLOATING_POINT),
        ];
        Monitor::new(Arch::Arm64, program(&symbols, 0, &[(LEAVE, ERET)], 0x3000)).unwrap()
    }

    /// The stretch that these instructions end.
    fn left(core: &mut Core, pcs: &[u64]) -> Stretch {
        let monitor = monitor();
        let (last, before) = pcs.split_last().unwrap();
        for pc in before {
            assert_eq!(core.step(&monitor, *pc), Did::Masked, "{pc:#x}");
        }
        match core.step(&monitor, *last) {
            Did::Left(stretch) => stretch,
            did => panic!("{did:?}"),
        }
    }

    #[test]
    fn a_core_s_first_stretch_begins_at_reset() {
        let stretch = left(&mut Core::new(), &[0, 4, RICH + FIQ, LEAVE]);
        assert_eq!(stretch.shape.entry, Entry::Reset);
        assert_eq!(
            stretch.pcs.len(),
            4,
            "a vector in it is just an instruction"
        );
    }

    #[test]
    fn what_follows_an_eret_and_is_no_vector_is_a_thread() {
        let mut core = Core::new();
        left(&mut core, &[0, LEAVE]);
        assert_eq!(core.step(&monitor(), THREAD), Did::Thread);
        assert_eq!(core.entry(), None);
        let stretch = left(&mut core, &[RICH + 0x100, SLOW, LEAVE]);
        assert_eq!(stretch.shape.entry, Entry::Vector(Slot::Rich, 0x100));
        assert!(stretch.shape.passed.slow);
    }

    #[test]
    fn a_preemption_and_a_yield_are_known_by_their_path() {
        let mut core = Core::new();
        left(&mut core, &[0, LEAVE]);
        let preempt = left(&mut core, &[RICH + FIQ, ENTER_CRITICAL, LEAVE]);
        assert!(preempt.shape.is_preemption() && !preempt.shape.is_yield());
        let idle = left(
            &mut core,
            &[CRITICAL + SYNCHRONOUS, IDLE, ENTER_RICH, LEAVE],
        );
        assert!(idle.shape.is_yield() && !idle.shape.is_preemption());
        // The end of a cross call goes to the rich side too.
        let answer = left(&mut core, &[CRITICAL + SYNCHRONOUS, ENTER_RICH, LEAVE]);
        assert!(!answer.shape.is_yield());
        // A restart of the critical partition enters it too.
        let called = left(&mut core, &[RICH + FIQ, SLOW, ENTER_CRITICAL, LEAVE]);
        assert!(!called.shape.is_preemption());
        assert_eq!(
            called.shape.to_string(),
            "rich vector 0x500, slow, to critical"
        );
    }
    #[test]
    fn a_floating_point_trap_goes_back_to_where_it_came_from() {
        let mut core = Core::new();
        left(&mut core, &[0, LEAVE]);
        let trap = [RICH + SYNCHRONOUS, SLOW, FLOATING_POINT, LEAVE];
        assert!(left(&mut core, &trap).shape.is_floating_point_trap());
        let call = [RICH + SYNCHRONOUS, SLOW, LEAVE];
        assert!(!left(&mut core, &call).shape.is_floating_point_trap());
        let restart = [
            CRITICAL + SYNCHRONOUS,
            SLOW,
            FLOATING_POINT,
            ENTER_RICH,
            LEAVE,
        ];
        assert!(!left(&mut core, &restart).shape.is_floating_point_trap());
    }
}
