//! The rich end of the channel in plays of packets (`post.rs`), each at a byte on the console.

use core::ptr::{NonNull, with_exposed_provenance_mut};

use cofferdam_abi::call::Call;
use cofferdam_abi::virtualnet::{Geometry, Side};
use cofferdam_channel::crc32c::Engine;
use cofferdam_channel::endpoint::{Checksum, Configuration, Epoch};
use cofferdam_channel::port::Monitor;
use cofferdam_channel::shared::Shared;

use crate::console::generated::channel::net0;
use crate::post::{Accounts, PACKETS, Player, Word, World};
use crate::{RESET, call, console, flood, gic, give_way, input};

fn memory() -> (Shared, Configuration) {
    let base = NonNull::new(with_exposed_provenance_mut(net0::MEMORY.0)).expect("memory");
    // SAFETY: the channel's memory; with the MMU off all of it is there, and nothing refers into it.
    let memory = unsafe { Shared::new(base, net0::MEMORY.1) }.expect("aligned");
    let configuration = Configuration {
        geometry: Geometry::new(net0::SLOTS, net0::MTU).expect("a ring"),
        side: Side::First,
        checksum: Checksum::Crc32c(Engine::Table),
    };
    (memory, configuration)
}

/// Whether a restart broke a play off.
pub fn are_playing() -> bool {
    let (memory, configuration) = memory();
    Accounts::new(memory, configuration.geometry).playing(Side::First)
}

/// Goes on with the play there is, if any, then plays whenever it is asked to.
pub fn play() -> ! {
    let (memory, configuration) = memory();
    let accounts = Accounts::new(memory, configuration.geometry);
    let mut player = Player::new(memory, configuration, Calls, WORLD);
    loop {
        if !accounts.playing(Side::First) {
            while input::byte() != b'p' {}
            accounts.begin();
        }
        player.play();
        while accounts.playing(Side::Second) {
            give_way();
        }
        judge(&accounts);
    }
}

const WORLD: World<Calls> = World {
    microseconds: flood::microseconds,
    pass: give_way,
    rang: |_| gic::take().is_some(),
    restart: || {
        smccc::smc32(RESET, [0; 7]);
        panic!("a reset came back")
    },
};

/// Whether each packet that did not come was counted as dropped.
fn judge(accounts: &Accounts) {
    let tried = PACKETS * accounts.round();
    for from in [Side::First, Side::Second] {
        let of = |word| accounts.get(from, word);
        let (sent, full, down) = (of(Word::Sent), of(Word::Full), of(Word::Down));
        let received = accounts.get(from.other(), Word::Received);
        let (lost, abandoned) = (sent - received, of(Word::Abandoned));
        let (doorbells, restarts) = (of(Word::Doorbells), of(Word::Restarts));
        console::line(format_args!(
            "ringer: {from:?} end: {tried} packets, {full} found no room, {down} no link, {lost} lost of {abandoned} abandoned, \
             {doorbells} doorbells, {restarts} restarts"
        ));
        assert_eq!(sent + full + down, tried, "each is sent or counted");
        assert!(lost <= abandoned, "lost, and not counted");
        assert_eq!(of(Word::Violations), 0, "an honest end's violation");
        assert!(received > tried / 2, "hardly anything");
        assert!(doorbells > 0 && restarts > 0, "hardly anything");
    }
    console::line(format_args!("ringer: packets: held"));
}

/// The calls of this end.
struct Calls;

impl Monitor for Calls {
    fn begin(&mut self) -> Option<Epoch> {
        Epoch::new(call::begin(call::own).ok()? as u32)
    }

    fn ring(&mut self) {
        // Refused after a flood, which is not expected.
        let _refused = call::own(Call::ChannelRing, net0::NUMBER);
    }

    fn acknowledge(&mut self) -> Option<Epoch> {
        Epoch::new(call::acknowledge(call::own).ok()?.epoch as u32)
    }
}
