//! Counts the instructions of a run: by stretches of the monitor, between the payload's labels, and from reset.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::bounds;
use super::program::{Error, Program};
use super::stretch::{Core, Did, Entry, FIQ, Monitor, Shape, Slot, Stretch};
use super::trace::Step;

/// IRQ from the current level with its own stack pointer, from the start of a table (Arm ARM, Exception vectors).
const IRQ_SAME_LEVEL: u64 = 0x280;

/// How often something happened, and what it cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Times.
    pub times: u64,
    /// Instructions, at least.
    pub least: u64,
    /// Instructions, at most.
    pub most: u64,
}

impl Cost {
    fn add(&mut self, instructions: u64) {
        self.least = if self.times == 0 {
            instructions
        } else {
            self.least.min(instructions)
        };
        self.most = self.most.max(instructions);
        self.times += 1;
    }
}

/// A kind of stretch, and the longest of it.
#[derive(Clone, Debug, Default)]
pub struct Kind {
    /// What it cost.
    pub cost: Cost,
    /// The longest one's instructions.
    pub longest: Vec<u64>,
}

/// Instructions of the first core from reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FromReset {
    /// The monitor's, without the thread that loads images.
    pub monitor: u64,
    /// The thread's that loads images.
    pub image_load: u64,
}

/// What is traced.
#[derive(Debug, Default)]
pub struct Traced {
    /// The monitor; none on a machine without it.
    pub monitor: Option<Monitor>,
    /// The critical partition.
    pub critical: Option<Program>,
    /// The payload in the rich partition.
    pub rich: Option<Program>,
    /// The services that the monitor handles whose instructions are counted.
    pub services: BTreeSet<String>,
    /// Where another's firmware lies that is below the rich payload in the monitor's place.
    pub beneath: Option<Range<u64>>,
    /// Whether to leave out the digests of images, which run in a thread and are most of a large image's load.
    pub without_digests: bool,
}

impl Traced {
    /// The addresses that the emulator is to log.
    pub fn ranges(&self) -> Result<Vec<Range<u64>>, Error> {
        let mut ranges = Vec::new();
        if let Some(monitor) = &self.monitor {
            let (text, program) = (monitor.text(), monitor.program());
            if self.without_digests {
                let left_out = program.function("cofferdam_sha256_blocks")?;
                ranges.push(text.start..left_out.start);
                ranges.push(left_out.end..text.end);
            } else {
                ranges.push(text);
            }
        }
        ranges.extend(self.critical.as_ref().map(Program::text));
        ranges.extend(self.beneath.clone());
        if let (None, Some(rich)) = (&self.monitor, &self.rich) {
            ranges.push(rich.text());
        } else if let Some(rich) = &self.rich {
            ranges.push(rich.symbol("measured_start")?..rich.symbol("measured_end")?);
            ranges.extend(rich.function("partition_start"));
        }
        Ok(ranges)
    }
}

/// The account of a run.
#[derive(Debug)]
pub struct Account {
    traced: Traced,
    marks: Marks,
    cores: Vec<PerCore>,
    /// Stretches of the monitor.
    pub stretches: BTreeMap<Shape, Kind>,
    /// Between the labels `from_NAME` and `to_NAME` of the payloads.
    pub spans: BTreeMap<String, Cost>,
    /// Of the services that the monitor handles, by their names.
    pub services: BTreeMap<String, Cost>,
    /// The same where `to_NAME` is reached on another core: what the monitor executes meanwhile, on all cores.
    pub moves: BTreeMap<String, Cost>,
    /// From the vector that takes the critical partition's interrupt to its handler's first instruction.
    pub to_handler: Cost,
    /// From the trap in one partition to the return into the other, by that one, without Rust; where all traps have one entry.
    pub switches: BTreeMap<Slot, Cost>,
    /// At the first instruction of the critical partition.
    pub to_critical: Option<FromReset>,
    /// At the first instruction of the rich partition.
    pub to_rich: Option<FromReset>,
    from_reset: FromReset,
}

/// Addresses that mean something.
#[derive(Debug, Default)]
struct Marks {
    monitor: Range<u64>,
    critical: Range<u64>,
    critical_irq: Option<u64>,
    rich: Range<u64>,
    rich_start: Option<u64>,
    /// What is generated for services: end and name, by its start.
    services: BTreeMap<u64, (u64, String)>,
    from: BTreeMap<u64, String>,
    to: BTreeMap<u64, String>,
    at: BTreeMap<u64, String>,
}

impl Marks {
    fn of(traced: &Traced) -> Result<Self, Error> {
        let mut marks = Self::default();
        if let Some(monitor) = &traced.monitor {
            marks.monitor = monitor.text();
            let service =
                |symbol| bounds::service_of(symbol).filter(|name| traced.services.contains(*name));
            for (symbol, name) in monitor.program().symbols_of(service) {
                let function = monitor.program().function(symbol)?;
                let entry = (function.end, name.to_owned());
                marks.services.insert(function.start, entry);
            }
        }
        if let Some(critical) = &traced.critical {
            marks.critical = critical.text();
            let vectors = critical.symbol("partition_vectors");
            let irq = vectors.map(|it| it + IRQ_SAME_LEVEL);
            marks.critical_irq = Some(irq.or_else(|_| critical.symbol("partition_trap"))?);
        }
        if let Some(rich) = &traced.rich {
            marks.rich = rich.text();
            let start = rich.symbol("start");
            marks.rich_start = Some(start.or_else(|_| rich.symbol("partition_start"))?);
        }
        for payload in traced.critical.iter().chain(&traced.rich) {
            let named = |prefix| {
                let symbols = payload.symbols_with_prefix(prefix);
                symbols.map(|(name, at)| (at, name.to_owned()))
            };
            marks.from.extend(named("from_"));
            marks.to.extend(named("to_"));
            marks.at.extend(named("at_"));
        }
        Ok(marks)
    }

    fn slot(&self, pc: u64) -> Option<Slot> {
        if self.critical.contains(&pc) {
            Some(Slot::Critical)
        } else {
            self.rich.contains(&pc).then_some(Slot::Rich)
        }
    }
}

#[derive(Debug, Default)]
struct PerCore {
    core: Core,
    /// Instructions since a FIQ of the critical partition, or a trap, until its handler.
    since_entry: Option<u64>,
    /// Who ran last, where traps have one entry, and how long the trap was out of it, if Rust did not run.
    ran: Option<Slot>,
    trap: Option<u64>,
    spans: BTreeMap<String, Span>,
}

/// Instructions since a label.
#[derive(Debug, Default)]
struct Span {
    /// Of this core.
    own: u64,
    /// Of the monitor, on any.
    monitor: u64,
}

impl PerCore {
    /// A partition executes an instruction. Answers how long the trap was, if it ran not before it, but the other one.
    fn goes_on(&mut self, slot: Slot) -> Option<u64> {
        let before = self.ran.replace(slot);
        let trap = self.trap.take()?;
        if before.is_some_and(|before| before != slot) {
            return Some(trap);
        }
        self.since_entry = None;
        None
    }
}

impl Account {
    /// An account of nothing yet.
    pub fn new(traced: Traced) -> Result<Self, Error> {
        Ok(Self {
            marks: Marks::of(&traced)?,
            traced,
            cores: Vec::new(),
            stretches: BTreeMap::new(),
            spans: BTreeMap::new(),
            services: BTreeMap::new(),
            moves: BTreeMap::new(),
            to_handler: Cost::default(),
            switches: BTreeMap::new(),
            to_critical: None,
            to_rich: None,
            from_reset: FromReset::default(),
        })
    }

    /// What was traced.
    pub fn traced(&self) -> &Traced {
        &self.traced
    }

    /// Counts an instruction.
    pub fn step(&mut self, Step { core: number, pc }: Step) {
        if self.cores.len() <= number {
            self.cores.resize_with(number + 1, PerCore::default);
        }
        self.end_span(number, pc);
        let in_monitor = self.marks.monitor.contains(&pc);
        if in_monitor {
            let spans = self.cores.iter_mut().flat_map(|it| it.spans.values_mut());
            spans.for_each(|span| span.monitor += 1);
        }
        let Some(core) = self.cores.get_mut(number) else {
            return;
        };
        if let Some(name) = self.marks.from.get(&pc) {
            core.spans.insert(name.clone(), Span::default());
        }
        core.spans.values_mut().for_each(|span| span.own += 1);
        if self.marks.critical_irq == Some(pc)
            && let Some(count) = core.since_entry.take()
        {
            self.to_handler.add(count);
        }
        if let Some(name) = self.marks.at.get(&pc)
            && let Some(count) = core.since_entry.take()
        {
            self.spans.entry(name.clone()).or_default().add(count);
        }
        if let Some(count) = &mut core.since_entry {
            *count += 1;
        }
        if let Some(slot) = self.marks.slot(pc)
            && let Some(count) = core.goes_on(slot)
        {
            self.switches.entry(slot).or_default().add(count);
        }
        if number == 0 {
            self.reach(pc);
        }
        if in_monitor {
            self.monitor_step(number, pc);
        }
    }

    /// Whether a span ends at `pc`: one of this core's, or one that another core began.
    fn end_span(&mut self, number: usize, pc: u64) {
        let Some(name) = self.marks.to.get(&pc) else {
            return;
        };
        let mut cores = self.cores.iter_mut().enumerate();
        let begun = |(n, core): (usize, &mut PerCore)| Some((n, core.spans.remove(name)?));
        if let Some((n, span)) = cores.find_map(begun) {
            let (costs, count) = match n == number {
                true => (&mut self.spans, span.own),
                false => (&mut self.moves, span.monitor),
            };
            costs.entry(name.clone()).or_default().add(count);
        }
    }

    /// The first core is at `pc`: has a partition started?
    fn reach(&mut self, pc: u64) {
        if self.to_critical.is_none() && self.marks.critical.contains(&pc) {
            self.to_critical = Some(self.from_reset);
        }
        if self.to_rich.is_none() && self.marks.rich_start == Some(pc) {
            self.to_rich = Some(self.from_reset);
        }
    }

    fn monitor_step(&mut self, number: usize, pc: u64) {
        let (Some(monitor), Some(core)) = (&self.traced.monitor, self.cores.get_mut(number)) else {
            return;
        };
        let was_open = core.core.entry().is_none();
        let did = core.core.step(monitor, pc);
        let entry = core.core.entry();
        if was_open && matches!(entry, Some(Entry::Vector(Slot::Rich, FIQ) | Entry::Trap)) {
            core.since_entry = Some(1);
        }
        if did == Did::Thread {
            core.ran = None;
        }
        if number == 0 {
            match &did {
                Did::Thread => self.from_reset.image_load += 1,
                Did::Masked | Did::Left(_) => self.from_reset.monitor += 1,
            }
        }
        if let Did::Left(stretch) = did {
            let slow = stretch.shape.passed.slow;
            let traps = stretch.shape.entry == Entry::Trap;
            if traps {
                core.trap = (!slow).then_some(stretch.pcs.len() as u64);
            }
            if slow || !traps && !stretch.shape.is_preemption() {
                core.since_entry = None;
            }
            self.left(stretch);
        }
    }

    fn left(&mut self, stretch: Stretch) {
        if let Some((service, count)) = bounds::in_stretch(&self.marks.services, &stretch.pcs) {
            self.services.entry(service).or_default().add(count);
        }
        let kind = self.stretches.entry(stretch.shape).or_default();
        let instructions = stretch.pcs.len() as u64;
        if instructions > kind.cost.most {
            kind.longest = stretch.pcs;
        }
        kind.cost.add(instructions);
    }

    /// Bytes of the monitor's instructions.
    pub fn text(&self) -> u64 {
        let monitor = self.traced.monitor.as_ref();
        monitor.map_or(0, |monitor| monitor.text().end - monitor.text().start)
    }

    /// Bytes of the monitor in its flash: instructions, constants, what variables begin with.
    pub fn image(&self) -> u64 {
        let monitor = self.traced.monitor.as_ref();
        monitor.map_or(0, |monitor| monitor.program().image())
    }

    /// The longest stretch of these kinds.
    pub fn longest(&self, which: impl Fn(Shape) -> bool) -> Option<(Shape, &Kind)> {
        let kinds = self.stretches.iter().filter(|(shape, _)| which(**shape));
        let longest = kinds.max_by_key(|(_, kind)| kind.cost.most);
        longest.map(|(shape, kind)| (*shape, kind))
    }
}

#[cfg(test)]
mod tests {
    use super::super::program::tests::program;
    use super::super::stretch::SYNCHRONOUS;
    use super::super::stretch::tests::{
        CRITICAL, ENTER_CRITICAL, ENTER_RICH, IDLE, LEAVE, RICH, SLOW, THREAD, monitor,
    };
    use super::*;

    /// Where the critical partition's vectors lie, behind its first instruction.
    const SECURE: u64 = 0x10_0000;
    const PAYLOAD: u64 = 0x4000_0000;

    fn account() -> Account {
        let critical = program(
            &[("partition_vectors", SECURE + 0x800)],
            SECURE,
            &[],
            SECURE + 0x1000,
        );
        let symbols = [
            ("start", PAYLOAD),
            ("measured_start", PAYLOAD),
            ("from_call", PAYLOAD + 8),
            ("to_call", PAYLOAD + 0xc),
            ("measured_end", PAYLOAD + 0x20),
        ];
        Account::new(Traced {
            monitor: Some(monitor()),
            critical: Some(critical),
            rich: Some(program(&symbols, PAYLOAD, &[], PAYLOAD + 0x100)),
            ..Traced::default()
        })
        .unwrap()
    }

    fn run(account: &mut Account, core: usize, pcs: &[u64]) {
        for pc in pcs {
            account.step(Step { core, pc: *pc });
        }
    }

    #[test]
    fn the_monitor_and_its_loads_are_counted_from_reset() {
        let mut account = account();
        run(
            &mut account,
            0,
            &[0, LEAVE, THREAD, THREAD, THREAD, RICH, SLOW, LEAVE, SECURE],
        );
        // Another core's boot is not on the way.
        run(&mut account, 1, &[0, 4, LEAVE]);
        run(
            &mut account,
            0,
            &[CRITICAL + SYNCHRONOUS, IDLE, ENTER_RICH, LEAVE, PAYLOAD],
        );
        let at = |monitor, image_load| {
            Some(FromReset {
                monitor,
                image_load,
            })
        };
        assert_eq!(account.to_critical, at(5, 3));
        assert_eq!(account.to_rich, at(9, 3));
    }

    #[test]
    fn a_handler_is_reached_through_all_that_lies_between() {
        let mut account = account();
        let irq = SECURE + 0x800 + IRQ_SAME_LEVEL;
        run(&mut account, 0, &[0, LEAVE, PAYLOAD + 0x10]);
        run(
            &mut account,
            0,
            &[RICH + FIQ, ENTER_CRITICAL, LEAVE, SECURE + 4, irq],
        );
        // One that comes while the critical partition runs, and one that the slow path took, are others.
        run(&mut account, 0, &[irq, RICH + FIQ, SLOW, LEAVE, irq]);
        let expected = Cost {
            times: 1,
            least: 4,
            most: 4,
        };
        assert_eq!(account.to_handler, expected);
    }

    #[test]
    fn a_span_counts_from_its_first_label_to_its_last_on_one_core() {
        let mut account = account();
        let call = [PAYLOAD + 8, RICH + SYNCHRONOUS, LEAVE];
        run(&mut account, 0, &[0, LEAVE]);
        run(&mut account, 0, &call);
        run(&mut account, 1, &[0, 4, PAYLOAD + 0x18]);
        run(&mut account, 0, &[PAYLOAD + 0xc, PAYLOAD + 0x10]);
        run(&mut account, 0, &[PAYLOAD + 8, PAYLOAD + 0xc]);
        let expected = Cost {
            times: 2,
            least: 1,
            most: 3,
        };
        assert_eq!(account.spans.get("call"), Some(&expected));
        let (shape, kind) = account
            .longest(|shape| shape.entry != Entry::Reset)
            .unwrap();
        assert_eq!(shape.entry, Entry::Vector(Slot::Rich, SYNCHRONOUS));
        assert_eq!(kind.longest, [RICH + SYNCHRONOUS, LEAVE]);
    }

    #[test]
    fn a_span_that_ends_on_another_core_is_a_move_and_counts_the_monitor_alone() {
        let mut account = account();
        run(&mut account, 0, &[0, LEAVE]);
        let call = [PAYLOAD + 8, RICH + SYNCHRONOUS, LEAVE];
        run(&mut account, 0, &call);
        run(&mut account, 1, &[0, 4, LEAVE, PAYLOAD + 0xc]);
        let expected = Cost {
            times: 1,
            least: 5,
            most: 5,
        };
        assert_eq!(account.moves.get("call"), Some(&expected));
        assert_eq!(account.spans.get("call"), None);
    }
}
