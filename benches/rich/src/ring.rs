//! A longest frame through the ring: pushed at one end, popped at the other, with its CRC on both sides, in another build with a tag too, and in a third without either.

use core::ffi::c_void;
use core::ptr::{NonNull, without_provenance_mut};

use cofferdam_abi::virtualnet::{Geometry, Side};
use cofferdam_channel::authentication::{Build, Chosen};
use cofferdam_channel::crc32c::Engine;
use cofferdam_channel::crc32c::instructions::Present;
use cofferdam_channel::endpoint::{Budget, Checksum, Configuration, Endpoint, Epoch};
use cofferdam_channel::memory::Frame;
use cofferdam_channel::shared::Shared;

/// In this partition's memory, behind all that is loaded.
const MEMORY: *mut u64 = without_provenance_mut(0x4080_0000);
const LONGEST: usize = 1514;

/// What the build says of frames' tags. One program has one kind of ends: where the compiler finds two, it puts less of them into their callers.
type Tags = Build<{ cfg!(feature = "siphash") }>;
type End = Endpoint<Shared, <Tags as Chosen>::Authentication>;

unsafe extern "C" {
    fn ring_packet(ends: *mut c_void, packet: unsafe extern "C" fn(*mut c_void));
}

/// Both ends of a link, and the frame.
#[repr(C)]
struct Ends {
    sender: End,
    receiver: End,
    /// Bytes that are to pass.
    length: usize,
    /// Whether they did.
    passed: bool,
    sent: Frame<LONGEST>,
    received: Frame<LONGEST>,
}

impl Ends {
    /// A link in its first epoch, whose ends compute checksums so.
    fn new(sender: Engine, receiver: Engine) -> Option<Self> {
        let geometry = Geometry::new(64, 1500).ok()?;
        let end = |side, engine| {
            // SAFETY: memory of this partition that nothing else uses.
            let memory = unsafe { Shared::new(NonNull::new(MEMORY)?, geometry.bytes()) }?;
            let configuration = Configuration {
                geometry,
                side,
                checksum: if cfg!(feature = "plain") {
                    Checksum::Off
                } else {
                    Checksum::Crc32c(engine)
                },
            };
            let tags = Tags::with([[1; 16], [2; 16]]);
            let mut end = Endpoint::authenticated(memory, configuration, tags).ok()?;
            end.restart(Epoch::MIN);
            Some(end)
        };
        Some(Self {
            sender: end(Side::First, sender)?,
            receiver: end(Side::Second, receiver)?,
            length: 0,
            passed: false,
            sent: Frame([0; LONGEST]),
            received: Frame([0; LONGEST]),
        })
    }

    /// Bytes that no other frame has in the same order.
    fn fill(&mut self, number: usize) {
        for (at, byte) in self.sent.0.iter_mut().enumerate() {
            *byte = (at * 7 + at / 31 + number) as u8;
        }
    }

    /// Passes the first bytes of the frame.
    fn pass(&mut self, length: usize) {
        self.length = length;
        // SAFETY: a measured routine: it calls `packet`, with these ends.
        unsafe { ring_packet((&raw mut *self).cast(), packet) };
        assert!(self.passed);
        let Some(sent) = self.sent.0.get(..length) else {
            return;
        };
        assert!(self.received.0.starts_with(sent));
    }
}

/// What is counted: the one place here that sends, and the one that receives, as a driver has them.
///
/// # Safety
/// The [`Ends`] that nobody else uses meanwhile.
unsafe extern "C" fn packet(ends: *mut c_void) {
    // SAFETY: the caller's promise.
    let ends = unsafe { &mut *ends.cast::<Ends>() };
    let mut budget = Budget {
        frames: 1,
        bytes: u32::MAX,
    };
    let Some(frame) = ends.sent.0.get(..ends.length) else {
        return;
    };
    let sent = ends.sender.send(frame);
    let received = ends.receiver.receive(&mut budget, &mut ends.received.0);
    ends.passed = sent.is_ok() && matches!(received, Ok(Some(length)) if length == ends.length);
}

fn instructions() -> Engine {
    // SAFETY: the benchmarks' processor has them.
    Engine::Instructions(unsafe { Present::new() })
}

/// Passes so many longest frames, each another one.
pub fn measure(repetitions: usize) {
    let Some(mut ends) = Ends::new(instructions(), instructions()) else {
        return;
    };
    for n in 0..repetitions {
        ends.fill(n);
        ends.pass(LONGEST);
    }
}

/// What one engine sends, the other one receives.
pub fn engines_agree() {
    agree(instructions(), Engine::Table);
    agree(Engine::Table, instructions());
}

/// Frames with every kind of tail, and of more than one turn of each loop.
fn agree(sender: Engine, receiver: Engine) {
    let Some(mut ends) = Ends::new(sender, receiver) else {
        return;
    };
    ends.fill(0);
    for length in (1..=17).chain([1023, 1024, 1025, 1040, LONGEST]) {
        ends.pass(length);
    }
}
