//! Random packets both ways over a channel, with restarts of both partitions at random: one end's play, by the code that
//! drivers are written over (`cofferdam_channel::port`).
//!
//! No packet may come twice, out of order or changed; what is missing must be in the sender's counters. An end that finds
//! something after a sleep, and no doorbell comes for it, has lost a wake-up: the counter watches. Its account is in words
//! behind the ring, where it outlives a restart and the other end can read it.

use cofferdam_abi::virtualnet::{Geometry, Side};
use cofferdam_channel::endpoint::{Armed, Budget, Configuration, Epoch, Link};
use cofferdam_channel::memory::{Fence, Frame, Memory};
use cofferdam_channel::port::{Monitor, Port};
use cofferdam_channel::shared::Shared;

/// Packets that each end tries to send in a round.
pub const PACKETS: u32 = 2_500;
/// Turns of one life, by and large.
const LIFE: u64 = 150;
/// How long an end sleeps without a doorbell, in microseconds, at random: a frame whose doorbell is missing is found if
/// the one who sent it sleeps for longer.
const NAPS: [u64; 2] = [300, 4_000];
/// Longer than the monitor holds a doorbell back, for its limit or until its next tick.
const LOST: u64 = 30_000;
const LONGEST: usize = 1514;

/// What an end has done, by the place of its word; of sent packets, the sum of all its lives.
#[derive(Clone, Copy, Debug)]
pub enum Word {
    /// How far it is: [`Phase`].
    Phase,
    /// Number of the next packet to send, and the least that may come.
    Next,
    Expected,
    Received,
    Sent,
    Full,
    Down,
    /// Sent, and perhaps not taken when an epoch ended.
    Abandoned,
    /// That it rang.
    Doorbells,
    Violations,
    Restarts,
}

/// How far an end is in a round.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// It sends no more.
    Sent = 1,
    /// It has taken all that was sent to it.
    Received = 2,
    Over = 3,
}

/// Of both ends, and the number of the round: 0 before the first.
#[derive(Clone, Copy, Debug)]
pub struct Accounts {
    memory: Shared,
    start: usize,
}

impl Accounts {
    /// Those behind the ring.
    pub fn new(memory: Shared, geometry: Geometry) -> Self {
        let start = 2 * geometry.section();
        Self { memory, start }
    }

    fn load(&self, at: usize) -> u32 {
        let value = self.memory.load(self.start + at);
        self.memory.fence(Fence::Acquire);
        value
    }

    fn store(&self, at: usize, value: u32) {
        self.memory.fence(Fence::Release);
        self.memory.store(self.start + at, value);
    }

    /// A word of an end's.
    pub fn get(&self, side: Side, word: Word) -> u32 {
        self.load(place(side, word))
    }

    fn set(&self, side: Side, word: Word, value: u32) {
        self.store(place(side, word), value);
    }

    /// The round.
    pub fn round(&self) -> u32 {
        self.load(0)
    }

    /// Begins the next.
    pub fn begin(&self) {
        self.store(0, self.round() + 1);
    }

    /// Whether this end is so far in this round. Phases of a later round are later ones.
    fn is(&self, side: Side, phase: Phase) -> bool {
        self.get(side, Word::Phase) >= 4 * self.round() + phase as u32
    }

    /// Whether this end has something to do.
    pub fn playing(&self, side: Side) -> bool {
        self.round() > 0 && !self.is(side, Phase::Over)
    }
}

/// A line of the memory for the round, one for each end.
fn place(side: Side, word: Word) -> usize {
    64 * (1 + side as usize) + 4 * word as usize
}

/// What is different in the two worlds.
pub struct World<C> {
    /// Since power-on.
    pub microseconds: fn() -> u64,
    /// Lets the other end go on.
    pub pass: fn(),
    /// Whether the doorbell rang since it was last asked.
    pub rang: fn(&mut Port<Shared, C>) -> bool,
    /// Ends this life.
    pub restart: fn() -> !,
}

/// One end.
pub struct Player<C> {
    world: World<C>,
    port: Port<Shared, C>,
    accounts: Accounts,
    configuration: Configuration,
    random: u64,
    next: u32,
    expected: u32,
    received: u32,
    /// Of the lives before this one.
    before: [u32; 6],
    epoch: Epoch,
    /// Sent in this life, before this epoch.
    sent_before: u64,
    frame: Frame<LONGEST>,
}

/// The words that the port counts.
const COUNTED: [Word; 6] = [
    Word::Sent,
    Word::Full,
    Word::Down,
    Word::Abandoned,
    Word::Doorbells,
    Word::Violations,
];

impl<C: Monitor> Player<C> {
    /// Goes on where the life before ended.
    pub fn new(memory: Shared, configuration: Configuration, calls: C, world: World<C>) -> Self {
        let accounts = Accounts::new(memory, configuration.geometry);
        let word = |word| accounts.get(configuration.side, word);
        let port = Port::new(memory, configuration, calls).expect("the ring fits");
        let (next, restarts) = (word(Word::Next), word(Word::Restarts));
        Self {
            random: mixed(u64::from(next) << 32 | u64::from(restarts)) ^ configuration.side as u64,
            next,
            expected: word(Word::Expected),
            received: word(Word::Received),
            before: COUNTED.map(word),
            epoch: port.epoch(),
            sent_before: 0,
            frame: Frame([0; LONGEST]),
            world,
            port,
            accounts,
            configuration,
        }
    }

    /// Plays the round.
    pub fn play(&mut self) {
        while !self.turn() {
            (self.world.pass)();
        }
    }

    /// Whether the round is over.
    fn turn(&mut self) -> bool {
        self.poll();
        self.receive_all();
        self.random = mixed(self.random.wrapping_add(0x9e37_79b9_7f4a_7c15));
        let random = self.random;
        let blind = (random >> 8).is_multiple_of(16);
        for _ in 0..random % 7 {
            if self.has_more() && (blind || self.port.can_send()) {
                self.send();
            }
        }
        if self.has_more() && (random >> 16).is_multiple_of(LIFE) {
            self.restart();
        }
        if self.goes_on() {
            return true;
        }
        let idle = (random >> 32).is_multiple_of(4) || !self.port.can_send();
        if idle && self.port.arm() == Armed::Asleep {
            self.sleep(NAPS[(random >> 40) as usize % NAPS.len()]);
        }
        false
    }

    fn has_more(&self) -> bool {
        self.next < self.accounts.round() * PACKETS
    }

    fn poll(&mut self) {
        let link = self.port.poll();
        assert!(!matches!(link, Link::Quarantined(_)), "{link:?}");
        if self.port.epoch() != self.epoch {
            self.epoch = self.port.epoch();
            self.sent_before = self.port.counters().sent;
        }
    }

    fn receive_all(&mut self) {
        let from = self.configuration.side.other();
        loop {
            let mut budget = Budget {
                frames: 1,
                bytes: u32::MAX,
            };
            let received = self.port.receive(&mut budget, &mut self.frame.0);
            let Ok(Some(length)) = received else {
                return;
            };
            let frame = &self.frame.0[..length];
            let number = u32::from_le_bytes(*frame.first_chunk().expect("a number"));
            assert!(number >= self.expected, "packet {number} again, or late");
            assert!(is_packet(frame, from, number), "packet {number} changed");
            self.expected = number + 1;
            self.received += 1;
        }
    }

    fn send(&mut self) {
        let length = write_packet(&mut self.frame.0, self.configuration.side, self.next);
        self.next += 1;
        // Counted by the port: full or not up.
        let _gone = self.port.send(&self.frame.0[..length]);
    }

    /// Sleeps, for a while. What it finds then and was not there before must bring a doorbell, sooner or later.
    fn sleep(&mut self, nap: u64) {
        if self.rings_within(nap) {
            return;
        }
        let before = self.received;
        self.receive_all();
        let found = self.received > before;
        assert!(!found || self.rings_within(LOST), "a wake-up was lost");
    }

    fn rings_within(&mut self, microseconds: u64) -> bool {
        let end = (self.world.microseconds)() + microseconds;
        while (self.world.microseconds)() < end {
            (self.world.pass)();
            if (self.world.rang)(&mut self.port) {
                return true;
            }
        }
        false
    }

    /// The next phase, if it is time for it. Answers whether the round is over.
    fn goes_on(&mut self) -> bool {
        let (side, accounts) = (self.configuration.side, self.accounts);
        let both = |phase| accounts.is(side, phase) && accounts.is(side.other(), phase);
        let enter = |phase| accounts.set(side, Word::Phase, 4 * accounts.round() + phase as u32);
        if both(Phase::Received) {
            self.save();
            enter(Phase::Over);
        } else if both(Phase::Sent) {
            self.receive_all();
            enter(Phase::Received);
        } else if !self.has_more() && !accounts.is(side, Phase::Sent) {
            enter(Phase::Sent);
        }
        !accounts.playing(side)
    }

    /// Ends this life, in the middle of an epoch.
    fn restart(&mut self) -> ! {
        self.save();
        let side = self.configuration.side;
        let (restarts, abandoned) = (self.word(Word::Restarts), self.word(Word::Abandoned));
        let open = self.port.counters().sent - self.sent_before;
        let lost = self.configuration.geometry.slots().min(open as u32);
        self.accounts.set(side, Word::Restarts, restarts + 1);
        self.accounts.set(side, Word::Abandoned, abandoned + lost);
        (self.world.restart)()
    }

    fn word(&self, word: Word) -> u32 {
        self.accounts.get(self.configuration.side, word)
    }

    fn save(&self) {
        let counters = self.port.counters();
        let counts = [
            counters.sent,
            counters.full,
            counters.down,
            counters.abandoned,
            counters.doorbells,
            counters.violations.iter().sum(),
        ];
        let counted = self.before.iter().zip(counts);
        let counted = COUNTED
            .into_iter()
            .zip(counted.map(|(before, now)| before + now as u32));
        let own = [
            (Word::Next, self.next),
            (Word::Expected, self.expected),
            (Word::Received, self.received),
        ];
        for (word, value) in own.into_iter().chain(counted) {
            self.accounts.set(self.configuration.side, word, value);
        }
    }
}

/// The same numbers for the same seed (splitmix64's finish).
fn mixed(number: u64) -> u64 {
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Eight bytes of a packet: its number and whose it is, then what follows from these.
fn piece(from: Side, number: u32, at: usize) -> [u8; 8] {
    let head = u64::from(number) | (from as u64) << 32;
    let word = if at == 0 {
        head
    } else {
        mixed(head ^ (at as u64) << 40)
    };
    word.to_le_bytes()
}

fn length(from: Side, number: u32) -> usize {
    let random = mixed(u64::from(number) << 1 | from as u64);
    8 + (random % (LONGEST as u64 - 7)) as usize
}

fn write_packet(frame: &mut [u8], from: Side, number: u32) -> usize {
    let length = length(from, number);
    for (at, piece_of) in frame[..length].chunks_mut(8).enumerate() {
        piece_of.copy_from_slice(&piece(from, number, at)[..piece_of.len()]);
    }
    length
}

fn is_packet(frame: &[u8], from: Side, number: u32) -> bool {
    let mut pieces = frame.chunks(8).enumerate();
    frame.len() == length(from, number)
        && pieces.all(|(at, found)| found == &piece(from, number, at)[..found.len()])
}
