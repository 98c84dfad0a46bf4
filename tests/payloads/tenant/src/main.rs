//! A critical partition on a hart that it shares. Each millisecond it looks whether anything of the other's is in its
//! registers. It ends by a crash, by a reset and by a hang, and each time is started afresh; then over and over after a job, and
//! the last start goes on.
#![no_std]
#![no_main]

#[path = "../../registers.rs"]
mod registers;

use core::arch::asm;
use core::fmt::Write;
use core::sync::atomic::{AtomicU64, Ordering};

use cofferdam_abi::stats::Page;
use cofferdam_partition::console::{self, Console};
use cofferdam_partition::hardware::{
    Hardware, Interrupt, InterruptController, Region, TIMER_INTERRUPT,
};
use cofferdam_partition::interrupts::idle_unless;
use cofferdam_partition::monitor;
use cofferdam_partition::time::{PeriodicTimer, frequency};

#[expect(
    dead_code,
    reason = "the numbers of all partitions are generated, used or not"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/partition.rs"));
}
use generated::partition::PULSE as SELF;

const HARDWARE: Hardware = Hardware {
    interrupts: &[Interrupt {
        id: TIMER_INTERRUPT,
        priority: None,
        handler: on_timer,
    }],
    ..Hardware::new(InterruptController::new(0, [(0, 0); 2]), Region::NONE)
};

cofferdam_partition::entry!(run, HARDWARE);

/// Its first hart, in the gateway.
const HART: u64 = 0;
/// Starts, of which the last goes on.
const STARTS: u64 = if cfg!(feature = "stock") { LONG } else { 1000 };
/// Jobs of each of the first starts, and from report to report of the last.
const JOBS: u64 = 100;
/// The first starts, which are reported.
const LONG: u64 = 4;
/// In the floating-point registers.
const MARK: u64 = 0x7e4a_7e4a_7e4a_7e4a;
/// External interrupts, in sie and sip.
const EXTERNAL: u64 = 1 << 9;

static TIMER: PeriodicTimer = PeriodicTimer::new();
static RELEASES: AtomicU64 = AtomicU64::new(0);

fn on_timer() {
    if TIMER.take_release().is_some() {
        RELEASES.fetch_add(1, Ordering::Relaxed);
    }
}

/// What was seen of the other partition.
#[derive(Default)]
struct Seen {
    floating_point: bool,
    interrupt: bool,
    user: bool,
    #[cfg(feature = "stock")]
    guest: bool,
}

impl Seen {
    fn any(&self) -> bool {
        #[cfg(feature = "stock")]
        if self.guest {
            return true;
        }
        self.floating_point || self.interrupt || self.user
    }
}

fn run(_argument: u64) -> ! {
    let mut console = console::take(&HARDWARE);
    let starts =
        monitor::stats(SELF, HART, Page::Time).map_or(0, |[_, _, _, _, starts, ..]| starts);
    let mut seen = Seen {
        // Zero at each start, whoever had them before.
        floating_point: !registers::hold(0),
        interrupt: false,
        user: user_waits(),
        #[cfg(feature = "stock")]
        guest: !registers::hold_guest(0),
    };
    if starts == LONG {
        say_records(&mut console);
    }
    let reported = starts <= LONG || starts >= STARTS;
    let jobs = if reported { JOBS } else { 1 };
    work(&mut seen, |job, seen| {
        let last = job % jobs == jobs - 1;
        if last && (reported || seen.any()) {
            report(&mut console, starts, seen);
        }
        !last || starts >= STARTS
    });
    match starts {
        // SAFETY: an illegal instruction, which the run-time reports.
        1 => unsafe { asm!("unimp", options(noreturn)) },
        3 => loop {
            core::hint::spin_loop();
        },
        odd if odd % 2 == 1 => monitor::crash(0, 0, 0),
        _ => monitor::reset(),
    }
}

/// What the monitor's records say of this partition: the numbers of what happened.
fn say_records(console: &mut Option<Console>) {
    let Some(console) = console else { return };
    let [oldest, next, ..] = monitor::event(0).unwrap_or_default();
    let records = (oldest..next).filter_map(|number| monitor::event(number).ok());
    // A console that drops text fails the test, which waits for it.
    let _dropped = write!(console, "tenant: records");
    for [_, _, _, what, partition, ..] in records {
        if partition == SELF {
            let _dropped = write!(console, " {}", what & 0xff);
        }
    }
    let _dropped = writeln!(console);
}

/// Does jobs for as long as `go_on` says.
fn work(seen: &mut Seen, mut go_on: impl FnMut(u64, &Seen) -> bool) {
    registers::fill(MARK);
    #[cfg(feature = "stock")]
    registers::fill_guest(MARK);
    let period = frequency() / 1000;
    let first = TIMER.start(period);
    for job in 0.. {
        while RELEASES.load(Ordering::Relaxed) <= job {
            idle_unless(|| RELEASES.load(Ordering::Relaxed) > job);
        }
        seen.floating_point |= !registers::hold(MARK);
        seen.interrupt |= sees_external();
        #[cfg(feature = "stock")]
        {
            let next = first + (job + 1) * period;
            // More than one is due if the host was slow.
            let own = (first..=next).contains(&registers::timer());
            seen.guest |= !registers::hold_guest(MARK) || !own;
        }
        let _refused = monitor::job_done(job, first + job * period);
        // Where there is a channel, the first.
        let _refused = monitor::channel_ring(0);
        if !go_on(job, seen) {
            break;
        }
    }
}

/// Whether an external interrupt can be enabled, or is pending: this partition has none.
fn sees_external() -> bool {
    let (enabled, pending): (u64, u64);
    // SAFETY: sie is as before; one that came through would be delivered with interrupts on, which they are not for its handler.
    unsafe {
        asm!(
            "csrrci {status}, sstatus, 2",
            "csrs sie, {external}",
            "csrr {enabled}, sie",
            "csrr {pending}, sip",
            "csrc sie, {external}",
            "andi {status}, {status}, 2",
            "csrs sstatus, {status}",
            external = in(reg) EXTERNAL,
            status = out(reg) _,
            enabled = out(reg) enabled,
            pending = out(reg) pending,
            options(nostack),
        );
    }
    (enabled | pending) & EXTERNAL != 0
}

/// Whether a WFI in U-mode is anything but an illegal instruction of this partition's (privileged specification, WFI): it would
/// give the hart away.
fn user_waits() -> bool {
    const ILLEGAL: u64 = 2;
    let cause: u64;
    // SAFETY: no interrupt is taken, for sie is 0 meanwhile; whatever the two instructions of U-mode do, they trap to label 2.
    unsafe {
        asm!(
            "csrrci {status}, sstatus, 2",
            "csrrw {enabled}, sie, zero",
            "la {cause}, 2f",
            "csrrw {vector}, stvec, {cause}",
            "la {cause}, 1f",
            "csrw sepc, {cause}",
            "csrc sstatus, {supervisor}",
            "sret",
            ".balign 4",
            "1: wfi",
            "ecall",
            ".balign 4",
            "2: csrw stvec, {vector}",
            "csrw sie, {enabled}",
            "csrr {cause}, scause",
            "andi {status}, {status}, 2",
            "csrs sstatus, {status}",
            supervisor = in(reg) 1 << 8,
            status = out(reg) _,
            enabled = out(reg) _,
            vector = out(reg) _,
            cause = out(reg) cause,
            options(nostack),
        );
    }
    cause != ILLEGAL
}

fn report(console: &mut Option<Console>, starts: u64, seen: &Seen) {
    let [jobs, missed, ..] = monitor::stats(SELF, HART, Page::Deadlines).unwrap_or_default();
    let verdict = |seen| if seen { "SUCCEEDED" } else { "held" };
    let (registers, interrupt) = (verdict(seen.floating_point), verdict(seen.interrupt));
    let user = verdict(seen.user);
    #[cfg(feature = "stock")]
    if let Some(console) = console {
        // As below.
        let _dropped = writeln!(console, "tenant: foreign guest's {}", verdict(seen.guest));
    }
    if let Some(console) = console {
        // A console that drops a line fails the test, which waits for it.
        let _dropped = writeln!(
            console,
            "tenant: start {starts} jobs {jobs} missed {missed} foreign registers {registers} foreign interrupt {interrupt} wait of a user {user}"
        );
    }
}
