//! The partition's end of a channel: its memory, its checksum, and its calls to the monitor.

use core::ptr::{NonNull, with_exposed_provenance_mut};

use cofferdam_channel::authentication::{Authentication, Off};
use cofferdam_channel::endpoint::{Checksum, Configuration, Epoch, Unfit};
use cofferdam_channel::port::{Monitor, Port};
use cofferdam_channel::shared::Shared;

use crate::hardware::Region;
use crate::{arch, monitor};

/// A channel's number, as it is generated from the system description: the calls of its end.
#[derive(Clone, Copy, Debug)]
pub struct Calls {
    channel: u64,
}

impl Monitor for Calls {
    fn begin(&mut self) -> Option<Epoch> {
        Epoch::new(monitor::channel_begin(self.channel).ok()?)
    }

    fn ring(&mut self) {
        // Refused after a flood: the other end polls, or finds the frame with the next ring.
        let _refused = monitor::channel_ring(self.channel);
    }

    fn acknowledge(&mut self) -> Option<Epoch> {
        let [_, epoch, ..] = monitor::channel_acknowledge(self.channel).ok()?;
        Epoch::new(u32::try_from(epoch).ok()?)
    }
}

/// The end of the channel with this number.
///
/// # Safety
/// `memory` is in [`Hardware::channels`](crate::hardware::Hardware::channels) of this partition, and nothing else in it uses that memory.
pub unsafe fn open(
    channel: u64,
    memory: Region,
    configuration: Configuration,
) -> Result<Port<Shared, Calls>, Unfit> {
    // SAFETY: the caller's promise.
    unsafe { open_authenticated(channel, memory, configuration, Off) }
}

/// The same, with tags on its frames by `authentication`.
///
/// # Safety
/// As [`open`].
pub unsafe fn open_authenticated<A: Authentication>(
    channel: u64,
    memory: Region,
    configuration: Configuration,
    authentication: A,
) -> Result<Port<Shared, Calls, A>, Unfit> {
    let base = NonNull::new(with_exposed_provenance_mut(memory.start)).ok_or(Unfit::Memory)?;
    // SAFETY: start-up mapped it read-write for good, as the caller promises; nothing refers into it.
    let shared = unsafe { Shared::new(base, memory.size) }.ok_or(Unfit::Memory)?;
    Port::authenticated(shared, configuration, authentication, Calls { channel })
}

/// What a channel with `crc`, or without, checks its frames by: here the processor's instructions.
pub fn checksum(crc: bool) -> Checksum {
    if crc {
        Checksum::Crc32c(arch::crc32c())
    } else {
        Checksum::Off
    }
}

/// What the Internet's checksums are computed by: the sum of 16-bit words in big-endian with end-around carry. None where
/// the stack's own way is as good.
pub const INTERNET_SUM: Option<fn(&[u8]) -> u16> = arch::INTERNET_SUM;
