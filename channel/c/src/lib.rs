//! VirtualNet's end for C, as `include/cofferdam_channel.h` declares it.
//!
//! A thin skin: it checks pointers for null, makes slices of them, and calls `cofferdam_channel`. What a C caller must
//! keep is in the header, and in [`Port`]'s functions below under "Safety"; that header and this file
//! agree is held by `tests/agree.rs`, which asks a C compiler.
#![cfg_attr(target_os = "none", no_std)]
#![expect(unsafe_code, reason = "the border to C is made of pointers")]
#![deny(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation
)]

mod monitor;
mod types;

pub use monitor::Monitor;
pub use types::{Accept, Budget, Channel, Counters, Port};

use cofferdam_abi::virtualnet::{Geometry, Side};
use cofferdam_channel::accept;
use cofferdam_channel::authentication::SipHash;
use cofferdam_channel::crc32c::Engine;
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
use cofferdam_channel::crc32c::instructions::Present;
use cofferdam_channel::endpoint::{
    self, Armed, Checksum, Configuration, Link, NotReceived, Refused,
};
use cofferdam_channel::port;
use cofferdam_channel::shared::Shared;
use core::ptr::NonNull;
use core::slice;

const INVALID: i32 = -1;
const NOT_UP: i32 = -2;
const FULL: i32 = -3;

type Open = port::Port<Shared, Monitor, Option<SipHash>>;

/// What a Rust program has of its standard library: nothing here panics that an input could reach.
#[cfg(all(target_os = "none", feature = "standalone"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}

/// Opens an end in `port`.
///
/// # Safety
/// The pointers are null or valid, and what `channel` names is as the header says, for as long as `port` is used.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cofferdam_port_open(port: *mut Port, channel: *const Channel) -> i32 {
    // SAFETY: null or valid, as the caller promises.
    let Some(channel) = (unsafe { channel.as_ref() }) else {
        return INVALID;
    };
    // SAFETY: the channel's memory is as the header says.
    let opened = unsafe { open(channel) };
    let (Some(opened), false) = (opened, port.is_null()) else {
        return INVALID;
    };
    // SAFETY: valid, and large and aligned enough, which `types` asserts.
    unsafe { port.cast::<Open>().write(opened) }
    0
}

/// The end that `channel` describes, if there can be one.
///
/// # Safety
/// Its memory is as the header says.
unsafe fn open(channel: &Channel) -> Option<Open> {
    let side = match channel.side {
        0 => Side::First,
        1 => Side::Second,
        _ => return None,
    };
    let configuration = Configuration {
        geometry: Geometry::new(channel.slots, channel.mtu).ok()?,
        side,
        checksum: checksum(channel.crc)?,
    };
    let base = NonNull::new(channel.memory.cast())?;
    // SAFETY: as the caller promises.
    let memory = unsafe { Shared::new(base, channel.bytes) }?;
    // SAFETY: null or valid, as the caller promises.
    let key = unsafe { channel.siphash.as_ref() };
    let siphash = key.map(|key| SipHash::new(*key));
    port::Port::authenticated(memory, configuration, siphash, channel.monitor).ok()
}

fn checksum(crc: u32) -> Option<Checksum> {
    match crc {
        0 => Some(Checksum::Off),
        1 => Some(Checksum::Crc32c(Engine::Table)),
        #[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
        2 => {
            // SAFETY: who asks for the instructions says that the processor has them.
            let present = unsafe { Present::new() };
            Some(Checksum::Crc32c(Engine::Instructions(present)))
        }
        _ => None,
    }
}

/// The port behind a pointer.
///
/// # Safety
/// Null, or opened and used by nobody else meanwhile.
unsafe fn opened<'a>(port: *mut Port) -> Option<&'a mut Open> {
    // SAFETY: as the caller promises.
    unsafe { port.cast::<Open>().as_mut() }
}

/// Follows the monitor and answers the link.
///
/// # Safety
/// `port` is null or open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cofferdam_port_poll(port: *mut Port) -> i32 {
    // SAFETY: as the caller promises.
    let Some(port) = (unsafe { opened(port) }) else {
        return INVALID;
    };
    match port.poll() {
        Link::Down => 0,
        Link::Up => 1,
        Link::Left => 2,
        Link::Closed => 3,
        Link::Quarantined(_) => 4,
    }
}

/// Receives the next good frame.
///
/// # Safety
/// `port` is null or open, `budget` null or valid, `frame` null or `size` bytes that nobody else uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cofferdam_port_receive(
    port: *mut Port,
    budget: *mut Budget,
    frame: *mut u8,
    size: usize,
) -> i32 {
    // SAFETY: as the caller promises.
    let port = unsafe { opened(port) };
    // SAFETY: as the caller promises.
    let budget = unsafe { budget.as_mut() };
    let (Some(port), Some(budget), false) = (port, budget, frame.is_null()) else {
        return INVALID;
    };
    // SAFETY: not null, and so many bytes of the caller's.
    let frame = unsafe { slice::from_raw_parts_mut(frame, size) };
    let mut left = endpoint::Budget {
        frames: budget.frames,
        bytes: budget.bytes,
    };
    let received = port.receive(&mut left, frame);
    (budget.frames, budget.bytes) = (left.frames, left.bytes);
    match received {
        Ok(length) => i32::try_from(length.unwrap_or(0)).unwrap_or(INVALID),
        Err(NotReceived::ShortBuffer) => INVALID,
        Err(NotReceived::NotUp(_)) => NOT_UP,
    }
}

/// Whether a frame would be sent now.
///
/// # Safety
/// `port` is null or open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cofferdam_port_can_send(port: *mut Port) -> i32 {
    // SAFETY: as the caller promises.
    unsafe { opened(port) }.map_or(INVALID, |port| port.can_send().into())
}

/// Sends a frame.
///
/// # Safety
/// `port` is null or open, `frame` null or `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cofferdam_port_send(
    port: *mut Port,
    frame: *const u8,
    length: usize,
) -> i32 {
    // SAFETY: as the caller promises.
    let (Some(port), false) = (unsafe { opened(port) }, frame.is_null()) else {
        return INVALID;
    };
    // SAFETY: not null, and so many bytes of the caller's.
    let frame = unsafe { slice::from_raw_parts(frame, length) };
    match port.send(frame) {
        Ok(()) => 0,
        Err(Refused::Length) => INVALID,
        Err(Refused::Full) => FULL,
        Err(Refused::NotUp(_)) => NOT_UP,
    }
}

/// Asks for a doorbell at the next frame.
///
/// # Safety
/// `port` is null or open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cofferdam_port_arm(port: *mut Port) -> i32 {
    // SAFETY: as the caller promises.
    unsafe { opened(port) }.map_or(INVALID, |port| (port.arm() == Armed::Asleep).into())
}

/// What happened since the port was opened.
///
/// # Safety
/// `port` is null or open, `counters` null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cofferdam_port_counters(
    port: *const Port,
    counters: *mut Counters,
) -> i32 {
    // SAFETY: as the caller promises.
    let (Some(port), false) = (unsafe { port.cast::<Open>().as_ref() }, counters.is_null()) else {
        return INVALID;
    };
    // SAFETY: not null, and valid.
    unsafe { counters.write(port.counters().into()) }
    0
}

/// Whether a frame may reach the stack.
///
/// # Safety
/// The pointers are null or valid for what stands beside them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cofferdam_accepts(
    accept: *const Accept,
    frame: *const u8,
    length: usize,
) -> i32 {
    // SAFETY: as the caller promises.
    let (Some(rules), false) = (unsafe { accept.as_ref() }, frame.is_null()) else {
        return INVALID;
    };
    // SAFETY: not null, and so many bytes of the caller's.
    let frame = unsafe { slice::from_raw_parts(frame, length) };
    let rules = accept::Accept {
        mac: rules.mac,
        address: rules.address,
        arp: rules.arp != 0,
        echo: rules.echo != 0,
        // SAFETY: as the caller promises.
        tcp: unsafe { ports(rules.tcp, rules.tcp_count) },
        // SAFETY: as the caller promises.
        udp: unsafe { ports(rules.udp, rules.udp_count) },
    };
    rules.check(frame).is_ok().into()
}

/// A list of ports; null is none.
///
/// # Safety
/// Null, or `count` ports.
unsafe fn ports<'a>(first: *const u16, count: usize) -> &'a [u16] {
    if first.is_null() {
        return &[];
    }
    // SAFETY: not null, and so many.
    unsafe { slice::from_raw_parts(first, count) }
}
