//! What two partitions share: the memory of a channel, its shape, and the interrupt of its doorbell. Its ends are
//! in [`channel_ends`].

use cofferdam_abi::virtualnet::{Geometry, Impossible};

use super::channel_ends;
use super::scene::{Link, Piece, Scene};
use crate::arch::World;
use crate::code::Code;
use crate::mistake::{Draft, Mistakes};
use crate::model::{Bank, BankKind, Channel, Checksum, Mac, Memory};
use crate::raw;

pub(super) fn check(scene: &Scene<'_>, out: &mut Mistakes) {
    let interrupts = scene.board.doorbells.len();
    for (number, link) in scene.channels.iter().enumerate() {
        let geometry = geometry(link.raw, out);
        if let Some(piece) = &link.memory {
            check_world(piece, out);
            check_size(piece, geometry, out);
        }
        if number >= interrupts {
            out.push(without_interrupt(link, interrupts));
        }
        check_key(scene, number, link.raw, out);
        channel_ends::check(scene, number, link, out);
    }
}

/// Number and size of slots, if they can be.
fn geometry(raw: &raw::channel::Channel, out: &mut Mistakes) -> Option<Geometry> {
    let (slots, mtu) = (raw.slots?, raw.mtu?);
    let wrong = Geometry::new(slots.value, mtu.value);
    let draft = match wrong {
        Ok(geometry) => return Some(geometry),
        Err(Impossible::Slots) => {
            let (least, most) = Geometry::SLOTS;
            Draft::new(
                Code::ChannelSlots,
                format!("{} slots make no ring", slots.value),
                slots.place,
                "counters wrap around this number",
            )
            .help(format!("give a power of two from {least} to {most}"))
        }
        Err(Impossible::Mtu) => {
            let (least, most) = Geometry::MTU;
            Draft::new(
                Code::ChannelMtu,
                format!("no link has an MTU of {}", mtu.value),
                mtu.place,
                "bytes of a packet",
            )
            .help(format!(
                "give a number from {least} to {most}, such as 1500"
            ))
        }
    };
    out.push(draft);
    None
}

/// One end is Non-secure, whatever else it is, where there are worlds.
fn check_world(piece: &Piece<'_>, out: &mut Mistakes) {
    let Some((_, bank)) = piece.bank else {
        return;
    };
    let secure = |bank: &Bank| !bank.worlds.is_empty() && !bank.worlds.contains(&World::NonSecure);
    if bank.kind != BankKind::Ram || !secure(bank) {
        return;
    }
    let name = piece.raw.bank.as_ref();
    out.push(
        Draft::new(
            Code::ChannelMemorySecure,
            format!("a Non-secure end cannot reach `{}`", bank.name),
            name.map_or(piece.place(), |name| name.place),
            "Secure memory",
        )
        .and(bank.place, "the worlds that reach it")
        .help("name RAM that the Non-secure world reaches"),
    );
}

fn check_size(piece: &Piece<'_>, geometry: Option<Geometry>, out: &mut Mistakes) {
    let (Some(size), Some(geometry)) = (piece.raw.size, geometry) else {
        return;
    };
    let need = u64::try_from(geometry.bytes()).unwrap_or(u64::MAX);
    if size.value.0 < need {
        let (slots, frame) = (geometry.slots(), geometry.frame_max());
        out.push(
            Draft::new(
                Code::ChannelMemoryTooSmall,
                format!("the rings of `{}` do not fit", piece.raw.name.value),
                size.place,
                format!("2 x {slots} frames of {frame} bytes take {need} bytes"),
            )
            .help(format!(
                "give {}KiB, or have fewer slots or a smaller MTU",
                need.div_ceil(1 << 10)
            )),
        );
    }
}

/// The key of a channel's tags, if it has tags and there is one.
fn key(raw: &raw::channel::Channel) -> Option<[[u8; 16]; 2]> {
    let digits = raw.key.as_ref()?.value.0.as_str();
    let whole = digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let (frame, tag) = whole.then(|| digits.split_at(32))?;
    let half = |digits| u128::from_str_radix(digits, 16).ok();
    let tags = raw
        .mac
        .as_ref()
        .is_some_and(|mac| mac.value == Mac::SipHash);
    let key = [half(frame)?, half(tag)?].map(u128::to_be_bytes);
    tags.then_some(key)
}

fn check_key(scene: &Scene<'_>, number: usize, raw: &raw::channel::Channel, out: &mut Mistakes) {
    let mac = raw.mac.as_ref().filter(|mac| mac.value == Mac::SipHash);
    let written = raw.key.as_ref();
    let place = mac.map(|mac| mac.place).or(written.map(|key| key.place));
    let Some(place) = place else {
        return;
    };
    let Some(key) = key(raw) else {
        let (place, message, label) = match (mac, written) {
            (Some(_), Some(key)) => (key.place, "this is no key", "not 64 hexadecimal digits"),
            (Some(_), None) => (place, "frames would have tags by no key", "without `key:`"),
            (None, _) => (
                place,
                "nothing would use this key",
                "without `mac: siphash`",
            ),
        };
        let draft = Draft::new(Code::ChannelKey, message, place, label)
            .help("give both `mac: siphash` and `key:`, 64 random hexadecimal digits, or neither");
        return out.push(draft);
    };
    let mut earlier = scene.channels.iter().take(number);
    let same = earlier.find(|other| self::key(other.raw) == Some(key));
    if let Some(other) = same.and_then(|other| other.raw.key.as_ref()) {
        out.push(
            Draft::new(
                Code::ChannelKeyTwice,
                "a frame of one channel would pass in the other",
                written.map_or(place, |key| key.place),
                "the same key",
            )
            .and(other.place, "as here")
            .help("give each channel a key of its own"),
        );
    }
}

fn without_interrupt(link: &Link<'_>, interrupts: usize) -> Draft {
    Draft::new(
        Code::ChannelWithoutInterrupt,
        format!("the board has no interrupt for `{}`", link.raw.name.value),
        link.raw.name.place,
        format!("`doorbells:` of the board has {interrupts}"),
    )
    .help("add free interrupts to `doorbells:` in board.yaml, or have fewer channels")
}

/// The channels of a scene without mistakes.
pub(super) fn finish(scene: &Scene<'_>) -> Option<Vec<Channel>> {
    let all = scene.channels.iter().zip(&scene.board.doorbells);
    let channels = all.enumerate().map(|(number, (link, interrupt))| {
        let (raw, piece) = (link.raw, link.memory.as_ref()?);
        let mtu = raw.mtu?.value;
        Some(Channel {
            number: u8::try_from(number).ok()?,
            name: raw.name.value.clone(),
            memory: Memory {
                name: raw.name.value.clone(),
                bank: piece.bank?.0,
                region: piece.region?,
            },
            geometry: Geometry::new(raw.slots?.value, mtu).ok()?,
            mtu,
            checksum: raw.checksum.unwrap_or(Checksum::Crc32c),
            siphash: key(raw),
            ends: channel_ends::finish(scene, raw)?,
            interrupt: *interrupt,
        })
    });
    channels.collect()
}
