//! What `Shared` does in few instructions, by assembly where there is some, is what `Memory` says in whole words.

mod common;

use cofferdam_abi::virtualnet::{Geometry, Side, slot};
use cofferdam_channel::crc32c::Engine;
use cofferdam_channel::memory::{Fence, Memory, Section};
use cofferdam_channel::shared::Shared;
use common::Ram;
use proptest::prelude::*;

const SLOTS: u32 = 4;
const LONGEST: usize = 2014;

fn geometry() -> Geometry {
    Geometry::new(SLOTS, 2000).expect("a ring")
}

/// The same memory with nothing but the words and copies that everything else is made of.
struct Plain(Shared);

impl Memory for Plain {
    type Place = ();

    fn bytes(&self) -> usize {
        self.0.bytes()
    }

    fn load(&self, at: usize) -> u32 {
        self.0.load(at)
    }

    fn store(&self, at: usize, value: u32) {
        self.0.store(at, value);
    }

    fn copy_out(&self, at: usize, to: &mut [u8]) {
        self.0.copy_out(at, to);
    }

    fn copy_in(&self, at: usize, from: &[u8]) {
        self.0.copy_in(at, from);
    }

    fn fence(&self, fence: Fence) {
        self.0.fence(fence);
    }

    fn place(&self, _: usize, _: Geometry) -> Option<()> {
        Some(())
    }
}

fn second<M: Memory>(memory: &M) -> Section<M::Place> {
    let start = geometry().start(Side::Second);
    let place = memory.place(start, geometry()).expect("inside");
    Section { start, place }
}

fn bytes(memory: &impl Memory) -> Vec<u8> {
    let mut bytes = vec![0; memory.bytes()];
    memory.copy_out(0, &mut bytes);
    bytes
}

/// None, tables, and instructions where this machine has them.
fn engines() -> Vec<Option<Engine>> {
    let mut engines = vec![None, Some(Engine::Table)];
    #[cfg(target_arch = "x86_64")]
    let present = std::arch::is_x86_feature_detected!("sse4.2");
    #[cfg(target_arch = "aarch64")]
    let present = std::arch::is_aarch64_feature_detected!("crc");
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    if present {
        #[expect(unsafe_code, reason = "what a caller does that found them at run time")]
        // SAFETY: it was just found that the processor has the instructions.
        let present = unsafe { cofferdam_channel::crc32c::instructions::Present::new() };
        engines.push(Some(Engine::Instructions(present)));
    }
    engines
}

proptest! {
    /// At every alignment of the private frame.
    #[test]
    fn a_slot_is_written_and_read_as_by_words(
        header: [u32; 4],
        private in prop::collection::vec(any::<u8>(), LONGEST + 8),
        (length, shift, number) in (0..=LONGEST, 0..8_usize, 0..SLOTS),
    ) {
        let frame = &private[shift..][..length];
        let at = geometry().slot(number);
        for engine in engines() {
            let (ours, words) = (Ram::new(geometry()), Ram::new(geometry()));
            let (ours, words) = (ours.shared(), Plain(words.shared()));
            ours.store_slot(second(&ours), at, header, frame, engine);
            words.store_slot(second(&words), at, header, frame, engine);
            prop_assert_eq!(bytes(&ours), bytes(&words));

            let found = ours.load_header(second(&ours), at);
            prop_assert_eq!(found, words.load_header(second(&words), at));
            let mut taken = vec![0; LONGEST + 8];
            let taken = &mut taken[shift..][..length];
            let crc = ours.load_frame(second(&ours), at, header, taken, engine);
            prop_assert_eq!(&*taken, frame);
            prop_assert_eq!(crc, found[slot::CRC / 4]);
        }
    }

    /// Wherever a caller says that there is a slot: not a byte outside of the memory, and in it only of this section.
    #[test]
    fn a_slot_outside_of_its_section_is_not_touched(
        at in prop_oneof![any::<usize>(), 0..geometry().bytes(), Just(geometry().slot(SLOTS - 1) + 8)],
        length in 0..=2 * LONGEST,
    ) {
        let ram = Ram::new(geometry());
        let shared = ram.shared();
        let inside = at.is_multiple_of(8)
            && at <= geometry().section() - geometry().stride()
            && length <= geometry().stride() - slot::FRAME;
        for engine in engines() {
            shared.store_slot(second(&shared), at, [1; 4], &vec![1; length], engine);
            let touched = bytes(&shared).iter().any(|byte| *byte != 0);
            prop_assert_eq!(touched, inside);
            prop_assert!(bytes(&shared)[..geometry().section()].iter().all(|byte| *byte == 0));
        }
    }
}
