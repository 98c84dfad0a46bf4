use super::*;
use crate::ids::{CoreId, CoreSet, Slot};
use crate::region::ByteLen;
use crate::table::{Entry, Policy};
use proptest::prelude::*;
use std::cell::RefCell;

const RAM: (u64, u64) = (0x4000_0000, 0x2000);
/// Right behind the first piece: one claim over both is none.
const MORE: (u64, u64) = (0x4000_2000, 0x1000);

fn region((start, len): (u64, u64)) -> Region {
    Region::new(PhysAddr::new(start), ByteLen::new(len)).expect("a region")
}

fn owner() -> Partition {
    Partition {
        name: "rich",
        slot: Slot::Rich,
        boot: CoreId(0),
        cores: CoreSet::one(CoreId(0)),
        memory: vec![region(RAM), region(MORE)].leak(),
        interrupts: &[],
        entry: Entry {
            hypervisor: true,
            ..Entry::PLAIN
        },
        caches: true,
        on_crash: Policy::Stop,
        on_reset: Policy::Stop,
        on_power_off: Policy::Stop,
        on_hang: None,
        deadline: None,
        budget: None,
    }
}

/// What was loaded and stored.
#[derive(Debug, Default)]
struct Seen(RefCell<Vec<u64>>);

impl Memory for Seen {
    fn load(&self, at: WordAddress) -> u64 {
        self.0.borrow_mut().push(at.get());
        0x8877_6655_4433_2211
    }

    fn store(&self, at: WordAddress, _: u64) {
        self.0.borrow_mut().push(at.get());
    }
}

const BOUNDS: Bounds = Bounds {
    most: 0x1800,
    align: 16,
};

fn accepted(start: u64, len: u64) -> bool {
    let seen = Seen::default();
    let read = Readable::claim(&owner(), start, len, BOUNDS, &seen).is_ok();
    let write = Writable::claim(&owner(), start, len, BOUNDS, &seen).is_ok();
    assert_eq!(read, write);
    assert!(seen.0.borrow().is_empty(), "a check looks at nothing");
    read
}

#[test]
fn a_claim_is_refused_for_each_reason_alone() {
    let (start, end) = (RAM.0, RAM.0 + RAM.1);
    assert!(accepted(start, 1));
    assert!(accepted(end - 16, 16));
    assert!(accepted(MORE.0, MORE.1));
    for (why, start, len) in [
        ("empty", start, 0),
        ("too long", start, 0x1801),
        ("unaligned", start + 8, 8),
        ("begins before", start - 16, 32),
        ("ends behind one piece", end - 16, 17),
        ("ends behind all", MORE.0 + 0xff0, 17),
        ("the monitor's", 0x0e00_0000, 16),
        ("wraps", u64::MAX - 15, 32),
        ("wraps to its own", u64::MAX - 15, start.wrapping_add(32)),
        ("all there is", 0, u64::MAX),
    ] {
        assert!(!accepted(start, len), "{why}");
    }
}

#[test]
fn words_end_with_the_region() {
    let seen = Seen::default();
    let read = Readable::claim(&owner(), RAM.0, 11, BOUNDS, &seen).expect("its own");
    assert_eq!(read.word(0), Some(0x8877_6655_4433_2211));
    assert_eq!(read.word(1), Some(0x0033_2211));
    assert_eq!(read.word(2), None);
    assert_eq!(read.word(u64::MAX), None);
    let mut write = Writable::claim(&owner(), RAM.0, 11, BOUNDS, &seen).expect("its own");
    assert!(write.set_word(0, 1));
    assert!(!write.set_word(1, 1), "not a whole word");
    assert!(!write.set_word(u64::MAX, 1));
    assert!(!write.set_word(u64::MAX / 8, 1));
    assert_eq!(*seen.0.borrow(), [RAM.0, RAM.0 + 8, RAM.0]);
}

proptest! {
    /// Judged by wider arithmetic: accepted is what lies in one piece, and no word is touched outside of it.
    #[test]
    fn whatever_is_touched_is_the_caller_s(
        start in prop_oneof![RAM.0 - 64..MORE.0 + MORE.1 + 64, any::<u64>()],
        len in prop_oneof![0..0x2000_u64, any::<u64>()],
        number in prop_oneof![0..0x400_u64, any::<u64>()],
    ) {
        let inside = |(from, size): (u64, u64)| {
            let (start, end) = (u128::from(start), u128::from(start) + u128::from(len));
            u128::from(from) <= start && end <= u128::from(from) + u128::from(size)
        };
        let expected = len != 0 && len <= BOUNDS.most && start % BOUNDS.align == 0
            && (inside(RAM) || inside(MORE));
        prop_assert_eq!(accepted(start, len), expected);
        let seen = Seen::default();
        if let Ok(read) = Readable::claim(&owner(), start, len, BOUNDS, &seen) {
            let _ = read.word(number);
        }
        if let Ok(mut write) = Writable::claim(&owner(), start, len, BOUNDS, &seen) {
            write.set_word(number, 0);
        }
        for at in seen.0.borrow().iter() {
            let word = region((*at, 8));
            prop_assert!(region(RAM).contains(word) || region(MORE).contains(word));
        }
    }
}
