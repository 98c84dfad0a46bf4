//! The header's structures.

use crate::{Monitor, Open};
use cofferdam_channel::authentication::Key;
use cofferdam_channel::endpoint::{self, Violation};
use core::ffi::c_void;

/// An open end: room for it.
#[derive(Debug)]
#[repr(C)]
pub struct Port {
    opaque: [u64; Self::WORDS],
}

impl Port {
    /// COFFERDAM_PORT_WORDS.
    pub const WORDS: usize = 56;
    /// Not open yet.
    pub const EMPTY: Self = Self {
        opaque: [0; Self::WORDS],
    };
}

const _: () = assert!(size_of::<Open>() <= size_of::<Port>());
const _: () = assert!(align_of::<Open>() <= align_of::<Port>());

/// An end as the system description says.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
#[expect(missing_docs, reason = "the header says what they are")]
pub struct Channel {
    pub memory: *mut c_void,
    pub bytes: usize,
    pub slots: u32,
    pub mtu: u32,
    pub side: u32,
    pub crc: u32,
    pub siphash: *const Key,
    pub monitor: Monitor,
}

/// What may still be spent on receiving.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
#[expect(missing_docs, reason = "the header says what they are")]
pub struct Budget {
    pub frames: u32,
    pub bytes: u32,
}

/// Counts since the port was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
#[expect(missing_docs, reason = "the header says what they are")]
pub struct Counters {
    pub sent: u64,
    pub received: u64,
    pub full: u64,
    pub down: u64,
    pub abandoned: u64,
    pub doorbells: u64,
    pub violations: [u64; Violation::ALL.len()],
}

impl From<&endpoint::Counters> for Counters {
    fn from(counters: &endpoint::Counters) -> Self {
        let endpoint::Counters {
            sent,
            received,
            full,
            down,
            abandoned,
            doorbells,
            violations,
        } = *counters;
        Self {
            sent,
            received,
            full,
            down,
            abandoned,
            doorbells,
            violations,
        }
    }
}

/// The allow-list in front of the IP stack.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
#[expect(missing_docs, reason = "the header says what they are")]
pub struct Accept {
    pub mac: [u8; 6],
    pub address: [u8; 4],
    pub arp: u8,
    pub echo: u8,
    pub tcp: *const u16,
    pub tcp_count: usize,
    pub udp: *const u16,
    pub udp_count: usize,
}
