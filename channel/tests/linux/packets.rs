//! Random packets both ways between the driver's end and this crate's, each in a thread of its own over the same memory, with
//! restarts of both sides at random and a monitor that numbers the epochs.
//!
//! No packet may come twice, out of order or changed; what is missing must be in the sender's counters; and an end that finds
//! something after a sleep, and no doorbell comes for it, has lost a wake-up.

use super::common::Ram;
use super::driver::{End, Link, Sent};
use super::{LONGEST, MTU, SLOTS, configuration};
use cofferdam_abi::virtualnet::Side;
use cofferdam_channel::endpoint::{
    self, Armed, Budget, Counters, Doorbell, Endpoint, Epoch, Violation,
};
use cofferdam_channel::memory::Memory;
use cofferdam_channel::shared::Shared;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

/// Packets that each end tries to send.
fn packets() -> u64 {
    let more = std::env::var("COFFERDAM_PACKETS").ok();
    more.and_then(|it| it.parse().ok()).unwrap_or(20_000)
}

/// How long an end sleeps without a doorbell, at random: a frame whose doorbell is missing is found if the one who sent it sleeps for longer.
const NAPS: [Duration; 2] = [Duration::from_micros(100), Duration::from_millis(1)];

/// Longer than any host holds a thread back.
const LOST: Duration = Duration::from_secs(20);

/// What the monitor knows of the channel (`docs/virtualnet.md`): who was given the epoch, whose doorbell rang, who ended.
#[derive(Default)]
struct State {
    epoch: u32,
    given: [bool; 2],
    rung: [bool; 2],
    done: [bool; 2],
    /// How often an end waited for the other.
    met: u32,
    /// An end has found a mistake, and is gone.
    failed: bool,
}

#[derive(Default)]
struct Monitor {
    state: Mutex<State>,
    bell: Condvar,
}

impl Monitor {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics with it")
    }

    fn begin(&self, end: usize) -> u32 {
        let mut state = self.state();
        if state.given[end] || state.epoch == 0 {
            state.epoch += 1;
            state.given = [false; 2];
            state.rung[1 - end] = true;
            self.bell.notify_all();
        }
        state.given[end] = true;
        state.rung[end] = false;
        state.epoch
    }

    fn ring(&self, end: usize) {
        self.state().rung[1 - end] = true;
        self.bell.notify_all();
    }

    fn acknowledge(&self, end: usize) -> u32 {
        let mut state = self.state();
        state.rung[end] = false;
        state.epoch
    }

    /// Says whether an end has tried all its packets, and answers whether both have.
    fn done(&self, end: usize, done: bool) -> bool {
        let mut state = self.state();
        state.done[end] = done;
        self.bell.notify_all();
        state.done == [true; 2] || state.failed
    }

    /// Waits until both ends are here, for the `time`th time.
    fn meet(&self, time: u32) {
        let mut state = self.state();
        state.met += 1;
        self.bell.notify_all();
        let apart = |state: &mut State| state.met < 2 * time && !state.failed;
        let _together = self
            .bell
            .wait_while(state, apart)
            .expect("no thread panics with it");
    }

    fn fail(&self) {
        self.state().failed = true;
        self.bell.notify_all();
    }

    /// Waits for an end's doorbell; whether it rang in this time.
    fn rings(&self, end: usize, within: Duration) -> bool {
        let state = self.state();
        let waited = self
            .bell
            .wait_timeout_while(state, within, |state| !state.rung[end]);
        waited.expect("no thread panics with it").0.rung[end]
    }
}

/// One end, whoever wrote it.
trait Station {
    fn begin(&mut self, epoch: u32);
    /// Whether frames can pass.
    fn up(&mut self) -> bool;
    /// Whether a doorbell is to be rung; none if it was not sent.
    fn send(&mut self, frame: &[u8]) -> Option<bool>;
    fn receive(&mut self) -> Option<Vec<u8>>;
    /// Whether it may sleep.
    fn arm(&mut self) -> bool;
    fn counters(&self) -> Counters;
}

impl<M: Memory> Station for End<'_, M> {
    fn begin(&mut self, epoch: u32) {
        End::begin(self, epoch);
    }

    fn up(&mut self) -> bool {
        match self.look() {
            Link::Up => true,
            Link::Down | Link::Left | Link::Closed => false,
            Link::Quarantined => panic!("the other end is honest"),
        }
    }

    fn send(&mut self, frame: &[u8]) -> Option<bool> {
        match End::send(self, frame) {
            Sent::Silent => Some(false),
            Sent::Ring => Some(true),
            Sent::Length | Sent::Full | Sent::Down => None,
        }
    }

    fn receive(&mut self) -> Option<Vec<u8>> {
        let mut buffer = [0; 88];
        let length = End::receive(self, &mut 1, &mut buffer) as usize;
        (length > 0).then(|| buffer[..length].to_vec())
    }

    fn arm(&mut self) -> bool {
        End::arm(self)
    }

    fn counters(&self) -> Counters {
        End::counters(self)
    }
}

impl<M: Memory> Station for Endpoint<M> {
    fn begin(&mut self, epoch: u32) {
        self.restart(Epoch::new(epoch).expect("never 0"));
    }

    fn up(&mut self) -> bool {
        match self.link() {
            endpoint::Link::Up => true,
            endpoint::Link::Down | endpoint::Link::Left | endpoint::Link::Closed => false,
            endpoint::Link::Quarantined(violation) => panic!("{violation:?} of an honest end"),
        }
    }

    fn send(&mut self, frame: &[u8]) -> Option<bool> {
        let doorbell = Endpoint::send(self, frame).ok()?;
        Some(doorbell == Doorbell::Ring)
    }

    fn receive(&mut self) -> Option<Vec<u8>> {
        let mut buffer = [0; LONGEST];
        let mut budget = Budget {
            frames: 1,
            bytes: 1,
        };
        let length = Endpoint::receive(self, &mut budget, &mut buffer).ok()??;
        Some(buffer[..length].to_vec())
    }

    fn arm(&mut self) -> bool {
        Endpoint::arm(self) == Armed::Asleep
    }

    fn counters(&self) -> Counters {
        *Endpoint::counters(self)
    }
}

/// The same numbers for the same seed.
fn mixed(number: u64) -> u64 {
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
}

/// A packet whose length and contents are those of its number.
fn packet(from: usize, number: u64) -> Vec<u8> {
    let length = 8 + mixed(number) as usize % (LONGEST - 7);
    let mut packet = number.to_le_bytes().to_vec();
    packet.extend((8..length).map(|at| mixed(number ^ ((at as u64) << 32)) as u8 ^ from as u8));
    packet
}

/// One end's play.
struct Player<'a> {
    end: usize,
    station: &'a mut dyn Station,
    monitor: &'a Monitor,
    epoch: u32,
    /// Number of the next packet to send, and the least that may come.
    next: u64,
    expected: u64,
    received: u64,
    restarts: u64,
}

impl Player<'_> {
    fn begin(&mut self) {
        self.epoch = self.monitor.begin(self.end);
        self.station.begin(self.epoch);
        self.restarts += 1;
    }

    fn receive_all(&mut self) {
        while let Some(frame) = self.station.receive() {
            let number = u64::from_le_bytes(*frame.first_chunk().expect("a number"));
            assert!(number >= self.expected, "{number} again, or late");
            assert!(
                frame == packet(1 - self.end, number),
                "{number} was changed"
            );
            self.expected = number + 1;
            self.received += 1;
        }
    }

    fn can_send(&mut self) -> bool {
        self.next < packets() && self.station.up()
    }

    fn send(&mut self) {
        let sent = self.station.send(&packet(self.end, self.next));
        self.next += 1;
        match sent {
            Some(true) => self.monitor.ring(self.end),
            Some(false) => {}
            // Most would be lost to a full ring if the other thread did not come to run.
            None => thread::sleep(Duration::from_micros(50)),
        }
    }

    /// Sleeps, for a while. What it finds then and was not there before must have brought a doorbell, sooner or later.
    fn sleep(&mut self, nap: Duration) {
        let before = self.received;
        if !self.monitor.rings(self.end, nap) {
            self.receive_all();
            let found = self.received > before;
            assert!(
                !found || self.monitor.rings(self.end, LOST),
                "a wake-up was lost"
            );
        }
    }

    /// Plays until both ends have tried to send all their packets.
    fn play(&mut self) {
        self.begin();
        for turn in 0.. {
            let random = mixed(turn ^ ((self.end as u64) << 50));
            let restart = random.is_multiple_of(200) && self.next < packets();
            if self.monitor.acknowledge(self.end) != self.epoch || restart {
                self.begin();
            }
            self.receive_all();
            for _ in 0..(random >> 20) % 7 {
                if self.can_send() {
                    self.send();
                }
            }
            if self.monitor.done(self.end, self.next >= packets()) {
                return;
            }
            let idle = (random >> 40).is_multiple_of(4);
            if idle {
                // Time for a frame to come between the last look and the request.
                thread::sleep(Duration::from_micros(1));
            }
            if (idle || !self.can_send()) && self.station.arm() {
                self.sleep(NAPS[(random >> 50) as usize % 2]);
            }
        }
    }
}

impl Drop for Player<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.monitor.fail();
        }
    }
}

/// What an end got and did.
struct Account {
    received: u64,
    restarts: u64,
    counters: Counters,
}

/// Plays one end from its first epoch to its last; what it then has not seen acknowledged counts as abandoned.
fn account(end: usize, station: &mut dyn Station, monitor: &Monitor) -> Account {
    let mut player = Player {
        end,
        station,
        monitor,
        epoch: 0,
        next: 0,
        expected: 0,
        received: 0,
        restarts: 0,
    };
    player.play();
    monitor.meet(1);
    player.receive_all();
    monitor.meet(2);
    player.station.begin(u32::MAX);
    Account {
        received: player.received,
        restarts: player.restarts,
        counters: player.station.counters(),
    }
}

/// Shared memory for a thread.
struct ForThread(Shared);

// SAFETY: it is for this: each access is volatile, of a word, and the other end may be anywhere.
unsafe impl Send for ForThread {}

#[test]
fn random_packets_pass_both_ways_over_restarts() {
    let ram = Ram::new(configuration(Side::First, true).geometry);
    let monitor = Monitor::default();
    let memory = [ForThread(ram.shared()), ForThread(ram.shared())];
    let [first, second] = memory;
    let accounts = thread::scope(|scope| {
        let driver = scope.spawn(|| {
            let memory = { first }.0;
            let mut end = End::new(&memory, (SLOTS, MTU), false, true, None).expect("a ring");
            account(0, &mut end, &monitor)
        });
        let ours = scope.spawn(|| {
            let memory = { second }.0;
            let configuration = configuration(Side::Second, true);
            let mut end = Endpoint::new(memory, configuration, Epoch::MAX).expect("fits");
            account(1, &mut end, &monitor)
        });
        [driver, ours].map(|end| end.join().expect("no assertion failed"))
    });
    let [driver, ours] = accounts;
    for (from, to) in [(&driver, &ours), (&ours, &driver)] {
        let Counters {
            sent,
            full,
            down,
            abandoned,
            ..
        } = from.counters;
        assert_eq!(sent + full + down, packets(), "each is sent or counted");
        let lost = sent - to.received;
        assert!(
            lost <= abandoned,
            "{lost} of {sent} lost, {abandoned} abandoned"
        );
        assert_eq!(from.counters.violations, [0; Violation::ALL.len()]);
        let (received, restarts) = (to.received, from.restarts);
        assert!(
            received > sent / 2 && sent > packets() / 10,
            "{received} of {sent}"
        );
        assert!(restarts > packets() / 5000, "{restarts} restarts");
    }
}
