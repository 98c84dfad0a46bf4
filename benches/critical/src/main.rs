//! The critical partition of the benchmarks: a tick that does nothing, so that what a tick costs is the
//! monitor's.
//!
//! Its first life uses floating point in every second tick and ends by a crash. The second one takes more time
//! than a budget would give it, and hangs if there was one. Then it says on the console when the rich
//! partition has stopped, which ends a run.
#![no_std]
#![no_main]

use core::arch::{asm, global_asm};
use core::ptr::{NonNull, with_exposed_provenance_mut};
use core::sync::atomic::{AtomicU64, Ordering};

use cofferdam_abi::call::Call;
use cofferdam_abi::stats::{Page, State};
use cofferdam_partition::console::Console;
use cofferdam_partition::hardware::{
    Hardware, Interrupt, InterruptController, Region, TIMER_INTERRUPT,
};
use cofferdam_partition::time::{self, PeriodicTimer};
use cofferdam_partition::{interrupts, monitor};

#[expect(
    dead_code,
    reason = "the numbers of all devices are generated, used or not"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/partition.rs"));
}

const OWNED: Hardware = Hardware {
    floating_point: true,
    interrupts: &[Interrupt {
        id: TIMER_INTERRUPT,
        priority: None,
        handler: on_timer,
    }],
    ..Hardware::new(
        InterruptController::new(
            generated::interrupt_controller::VERSION,
            generated::interrupt_controller::REGISTERS,
        ),
        Region::new(generated::device::uart_secure::REGISTERS),
    )
};

cofferdam_partition::entry!(main, OWNED);

// The service that does nothing: x1, the first result, is 0.
global_asm!(
    ".global empty_service",
    "empty_service:",
    "mov x1, #0",
    "movz w0, #({done} >> 16), lsl #16",
    "movk w0, #({done} & 0xffff)",
    "smc #0",
    done = const Call::HandlerDone.function_id(),
);

// Rings the other end of channel 0. Clobbers what SMCCC says.
global_asm!(
    ".global ring, from_doorbell, to_doorbell",
    "ring:",
    "movz w0, #({ring} >> 16), lsl #16",
    "movk w0, #({ring} & 0xffff)",
    "mov x1, #0",
    "from_doorbell:",
    "smc #0",
    "to_doorbell:",
    "ret",
    ring = const Call::ChannelRing.function_id(),
);

// Moves the partition to the core in x1. Clobbers what SMCCC says.
global_asm!(
    ".global migrate, from_migrate, to_migrate",
    "migrate:",
    "movz w0, #({migrate} >> 16), lsl #16",
    "movk w0, #({migrate} & 0xffff)",
    "from_migrate:",
    "smc #0",
    "to_migrate:",
    "ret",
    migrate = const Call::Migrate.function_id(),
);

unsafe extern "C" {
    fn empty_service() -> !;
    fn ring();
    fn migrate(unused: u64, core: u64) -> i64;
}

/// Ticks a second: as many as a run can have, and time between them for what the rich side does.
const RATE: u64 = 20_000;
/// Ticks of the first life.
const LIFE: u64 = 100;
/// Ticks of the second one that take too long.
const BURNT: u64 = 4;

static TIMER: PeriodicTimer = PeriodicTimer::new();
static TICKS: AtomicU64 = AtomicU64::new(0);

fn on_timer() {
    if TIMER.take_release().is_some() {
        TICKS.fetch_add(1, Ordering::Relaxed);
    }
}

fn main(_argument: u64) -> ! {
    let mut life = starts();
    // A refusal shows: the rich side waits for answers for ever.
    let _refused = monitor::register_handler(Some(empty_service));
    TIMER.start(time::frequency() / RATE);
    let has_channel = monitor::channel_acknowledge(0).is_ok();
    let mut seen = 0;
    loop {
        let ticks = TICKS.load(Ordering::Relaxed);
        if ticks == seen {
            interrupts::idle_unless(|| TICKS.load(Ordering::Relaxed) != seen);
            continue;
        }
        seen = ticks;
        // Refused where no deadline is described; a sign of life where one is.
        let _refused = monitor::job_done(ticks - 1, time::now());
        // More would be a flood, where the other end is not there yet.
        if has_channel && ticks < LIFE {
            // SAFETY: a call that changes registers only as a function may.
            unsafe { ring() };
        }
        match life {
            1 => first_life_tick(ticks),
            2 if ticks <= BURNT => burn(),
            2 if budget_was_spent() => hang(),
            2 => life = 3,
            _ if rich_state() == State::Stopped as u64 => say_stopped(),
            _ => {}
        }
    }
}

fn first_life_tick(tick: u64) {
    if tick.is_multiple_of(5) {
        interrupts::mask();
        // SAFETY: a call that changes registers only as a function may. Refused where the partition may not move.
        unsafe { migrate(0, tick / 5 % 2) };
        interrupts::idle_unless(|| true);
    }
    if tick.is_multiple_of(2) {
        use_floating_point(tick);
    }
    if tick == LIFE {
        monitor::crash(0, 0, 0);
    }
}

/// Takes the core for longer than a period.
fn burn() {
    let end = time::now() + 2 * time::frequency() / RATE;
    while time::now() < end {}
}

fn budget_was_spent() -> bool {
    let (own, core) = (generated::partition::CRITICAL, generated::BOOT_CORE);
    let page = monitor::stats(own, core, Page::Deadlines).unwrap_or_default();
    page[3] != 0
}

/// Until the monitor notices.
fn hang() -> ! {
    interrupts::mask();
    loop {
        core::hint::spin_loop();
    }
}

/// One register, which is enough to make the monitor switch them all.
fn use_floating_point(value: u64) {
    // SAFETY: the compiler keeps nothing in these registers, and the partition may use them.
    unsafe {
        asm!(".arch_extension fp", "fmov d0, {}", in(reg) value, options(nomem, nostack));
    }
}

fn starts() -> u64 {
    stats(generated::partition::CRITICAL)[4]
}

fn rich_state() -> u64 {
    stats(generated::partition::RICH)[0]
}

fn stats(partition: u64) -> [u64; 7] {
    monitor::stats(partition, generated::BOOT_CORE, Page::Time).unwrap_or_default()
}

/// Once, and then the run is over.
fn say_stopped() -> ! {
    let (start, _) = generated::device::uart_secure::REGISTERS;
    if let Some(registers) = NonNull::new(with_exposed_provenance_mut(start)) {
        // SAFETY: this partition's UART; a panic takes it over only when this is dead.
        let mut console = unsafe { Console::new(registers) };
        console.send(b"bench: stopped\r\n");
    }
    monitor::power_off()
}
