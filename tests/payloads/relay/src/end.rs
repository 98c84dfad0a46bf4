//! The critical end of the channel in a play of packets (`post.rs`).

use core::ptr::{NonNull, with_exposed_provenance_mut};
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use cofferdam_abi::virtualnet::{Geometry, Side};
use cofferdam_channel::endpoint::{Configuration, Epoch};
use cofferdam_channel::port::{Monitor, Port};
use cofferdam_channel::shared::Shared;
use cofferdam_partition::time::{self, PeriodicTimer};
use cofferdam_partition::{channel, interrupts, monitor};

use crate::post::{Accounts, Player, World};
use crate::relay::generated::channel::net0;

/// Turns a second: the other end is preempted so often, wherever it is.
const TURNS: u64 = 5_000;
/// A positive control: every so many doorbells, one is not rung.
const MUTE: u64 = if cfg!(feature = "mute") { 2 } else { u64::MAX };

static TIMER: PeriodicTimer = PeriodicTimer::new();
static TICKS: AtomicU64 = AtomicU64::new(0);
/// Whether an acknowledgement found the doorbell rung.
static RANG: AtomicBool = AtomicBool::new(false);

/// Handler of the timer.
pub fn on_timer() {
    if TIMER.take_release().is_some() {
        TICKS.fetch_add(1, Ordering::Relaxed);
    }
}

/// Plays each round that the other end begins.
pub fn play() -> ! {
    TIMER.start(time::frequency() / TURNS);
    let base = NonNull::new(with_exposed_provenance_mut(net0::MEMORY.0)).expect("memory");
    // SAFETY: start-up mapped it for good, and nothing refers into it.
    let memory = unsafe { Shared::new(base, net0::MEMORY.1) }.expect("aligned");
    let configuration = Configuration {
        geometry: Geometry::new(net0::SLOTS, net0::MTU).expect("a ring"),
        side: Side::Second,
        checksum: channel::checksum(net0::CRC),
    };
    let accounts = Accounts::new(memory, configuration.geometry);
    let mut player = None;
    loop {
        if accounts.playing(Side::Second) {
            let new = || Player::new(memory, configuration, Calls { rings: 0 }, WORLD);
            player.get_or_insert_with(new).play();
        }
        pass();
    }
}

const WORLD: World<Calls> = World {
    microseconds: || time::nanoseconds(time::now()) / 1_000,
    pass,
    // This end has no interrupt: it asks.
    rang: |port: &mut Port<Shared, Calls>| {
        port.poll();
        RANG.swap(false, Ordering::Relaxed)
    },
    restart: || monitor::reset(),
};

/// Until the next tick.
fn pass() {
    let before = TICKS.load(Ordering::Relaxed);
    interrupts::idle_unless(|| TICKS.load(Ordering::Relaxed) != before);
}

/// The calls of this end, which notes what it is told.
struct Calls {
    rings: u64,
}

impl Monitor for Calls {
    fn begin(&mut self) -> Option<Epoch> {
        Epoch::new(monitor::channel_begin(net0::NUMBER).ok()?)
    }

    fn ring(&mut self) {
        self.rings += 1;
        if !self.rings.is_multiple_of(MUTE) {
            // Refused after a flood, which is not expected.
            let _refused = monitor::channel_ring(net0::NUMBER);
        }
    }

    fn acknowledge(&mut self) -> Option<Epoch> {
        let [delivered, epoch, ..] = monitor::channel_acknowledge(net0::NUMBER).ok()?;
        if delivered != 0 {
            RANG.store(true, Ordering::Relaxed);
        }
        Epoch::new(u32::try_from(epoch).ok()?)
    }
}
