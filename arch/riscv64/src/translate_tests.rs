use super::*;
use proptest::prelude::*;
use std::collections::HashMap;

const FLAGS: u64 = 0x3ff;

/// Tables that map one page, and the address in them.
#[derive(Debug)]
struct Mapped {
    tables: HashMap<u64, u64>,
    /// Where the entry is that maps it.
    leaf: u64,
    levels: u32,
    /// The level of the entry that maps it.
    level: u32,
    address: u64,
    physical: u64,
}

impl Mapped {
    fn space(&self, status: u64) -> Space {
        Space {
            translation: u64::from(self.levels + 5) << 60 | ROOT >> IN_PAGE,
            status,
        }
    }

    /// Sets bits of the entry that maps it.
    fn set(&mut self, bits: u64) {
        *self.tables.get_mut(&self.leaf).unwrap() |= bits;
    }

    fn translate(&self, status: u64, purpose: Purpose) -> Option<u64> {
        let read = |at| self.tables.get(&at).copied();
        self.space(status).translate(self.address, purpose, read)
    }
}

const ROOT: u64 = 0x8000_0000;

fn mapped() -> impl Strategy<Value = Mapped> {
    let parts = (3_u32..=5, any::<u64>(), any::<u64>(), 0_u64..=FLAGS);
    (parts, any::<prop::sample::Index>()).prop_map(|((levels, address, physical, flags), level)| {
        let level = level.index(levels as usize) as u32;
        let below = IN_PAGE + INDEX * level;
        let unused = 64 - IN_PAGE - INDEX * levels;
        let address = ((address << unused).cast_signed() >> unused).cast_unsigned();
        let page = physical & ((1 << 56) - 1) >> below << below;
        let (mut tables, mut place) = (HashMap::new(), 0);
        for at in level..levels {
            let table = ROOT + u64::from(levels - 1 - at) * 0x1000;
            let index = address >> (IN_PAGE + INDEX * at) & 0x1ff;
            let next = (table + 0x1000) >> IN_PAGE << 10 | VALID;
            let leaf = page >> IN_PAGE << 10 | flags;
            if at == level {
                place = table + 8 * index;
            }
            tables.insert(table + 8 * index, if at == level { leaf } else { next });
        }
        Mapped {
            tables,
            leaf: place,
            levels,
            level,
            address,
            physical: page | address & ((1 << below) - 1),
        }
    })
}

/// The specification's own words about the bits of an entry that is a leaf: whose page it is, what may be done.
fn may(flags: u64, user: bool, sum: bool, mxr: bool, purpose: Purpose) -> bool {
    let [v, r, w, x, u] = [0, 1, 2, 3, 4].map(|bit| flags >> bit & 1 != 0);
    let reserved = w && !r;
    let leaf = v && (r || x) && !reserved;
    // "U-mode software may only access the page when U=1"; "S-mode software ... with SUM ... may also access"; "supervisor code
    // never executes from user pages".
    let whose = if user {
        u
    } else {
        !u || sum && purpose != Purpose::Fetch
    };
    let what = match purpose {
        Purpose::Fetch => x,
        Purpose::Load => r || mxr && x,
        Purpose::Store => w,
    };
    leaf && whose && what
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    #[test]
    fn what_is_mapped_is_found_by_whom_it_is_for(
        mapped in mapped(),
        user: bool, sum: bool, mxr: bool,
        purpose in prop::sample::select(vec![Purpose::Fetch, Purpose::Load, Purpose::Store]),
    ) {
        let status = [(!user, FROM_SUPERVISOR), (sum, SUM), (mxr, MXR)];
        let status = status.iter().fold(0, |all, (is, bit)| if *is { all | bit } else { all });
        let flags = mapped.tables[&mapped.leaf] & FLAGS;
        let expected = may(flags, user, sum, mxr, purpose).then_some(mapped.physical);
        prop_assert_eq!(mapped.translate(status, purpose), expected);
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Where another hart, or malice, changed an entry: no panic, and no entry is read but in what the caller lets be read.
    #[test]
    fn a_changed_entry_leads_nowhere_that_is_not_allowed(
        mapped in mapped(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u64>()), 1..4),
        address: u64,
        status: u64,
    ) {
        let mut tables = mapped.tables.clone();
        let places: Vec<u64> = mapped.tables.keys().copied().collect();
        for (place, entry) in changes {
            tables.insert(*place.get(&places), entry);
        }
        for address in [address, mapped.address] {
            let reads = core::cell::Cell::new(0);
            let read = |at: u64| {
                reads.set(reads.get() + 1);
                assert!(at.is_multiple_of(8) && at < 1 << 56);
                tables.get(&at).copied()
            };
            let found = mapped.space(status).translate(address, Purpose::Load, read);
            prop_assert!(found.is_none_or(|at| at < 1 << 56));
            prop_assert!(reads.get() <= mapped.levels);
        }
    }

    #[test]
    fn an_address_that_is_none_is_not_found(mapped in mapped(), bit in 0_u32..64) {
        let mut it = mapped;
        let in_use = IN_PAGE + INDEX * it.levels;
        it.set(FLAGS);
        prop_assert!(it.translate(SUM, Purpose::Load).is_some());
        it.address ^= 1 << (in_use + bit % (64 - in_use));
        prop_assert_eq!(it.translate(SUM, Purpose::Load), None);
    }

    #[test]
    fn a_large_page_is_aligned_and_no_reserved_bit_is_set(mapped in mapped(), bit in 0_u32..64) {
        let mut it = mapped;
        it.set(FLAGS);
        let in_way = INDEX * it.level;
        let wrong: Vec<u32> = (10..10 + in_way).chain(54..64).collect();
        let bit = wrong[bit as usize % wrong.len()];
        prop_assert!(it.translate(SUM, Purpose::Load).is_some());
        it.set(1 << bit);
        prop_assert_eq!(it.translate(SUM, Purpose::Load), None);
    }
}

#[test]
fn without_translation_an_address_is_physical() {
    let space = Space {
        translation: 0,
        status: 0,
    };
    let unread = |_| panic!("no tables");
    assert_eq!(
        space.translate(0xc00_0000, Purpose::Store, unread),
        Some(0xc00_0000)
    );
}

#[test]
fn a_reserved_mode_translates_nothing() {
    for mode in (1..8).chain(11..16) {
        let space = Space {
            translation: mode << 60,
            status: FROM_SUPERVISOR,
        };
        assert_eq!(
            space.translate(0, Purpose::Load, |_| panic!("no tables")),
            None
        );
    }
}
