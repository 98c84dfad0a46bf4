use super::*;

const RICH_0: Place = Place::new(Slot::Rich, CoreId(0));
const CRITICAL_1: Place = Place::new(Slot::Critical, CoreId(1));

fn double(registers: &mut Registers, _: Place) -> bool {
    settle(registers, |registers| {
        registers[1] = u64_in(registers[1], 1..=100)? * 2;
        Ok(())
    })
}

const fn entry(id: u32) -> Entry {
    Entry {
        id,
        callers: Callers::from_bits(1 << RICH_0.index()),
        run: double,
    }
}

static TABLE: Table<3> = Table([
    [Entry::NONE, Entry::NONE],
    [entry(0xc200_0001), entry(0x8300_0001)],
    [entry(0x8200_0002), Entry::NONE],
]);

/// x0 and x1 of a call, or nothing if it was no service's.
fn call(id: u64, argument: u64, place: Place) -> Option<(i64, u64)> {
    let before: Registers = core::array::from_fn(|n| match n {
        0 => id,
        1 => argument,
        _ => n as u64,
    });
    let mut after = before;
    let answered = TABLE.answer(&mut after, place);
    assert_eq!(after[2..], before[2..], "of {id:#x}");
    if !answered {
        assert_eq!(after, before);
    }
    answered.then_some((after[0].cast_signed(), after[1]))
}

#[test]
fn a_place_is_a_slot_of_a_core() {
    let mut seen = [false; PLACES];
    for slot in [Slot::Critical, Slot::Rich] {
        for core in 0..8 {
            let place = Place::new(slot, CoreId(core));
            assert_eq!(place.core(), CoreId(core));
            seen[place.index()] = true;
        }
    }
    assert_eq!(seen, [true; PLACES]);
}

#[test]
fn every_identifier_is_its_service_s_or_nobody_s() {
    let known = [0xc200_0001_u64, 0x8300_0001, 0x8200_0002];
    for owner in [0x8200_0000_u64, 0xc200_0000, 0x8300_0000, 0xc300_0000] {
        // Miri is a hundred times slower.
        for number in (0..0x1_0000).step_by(if cfg!(miri) { 0x101 } else { 1 }) {
            let id = owner | number;
            if id & 0xffff == 0xff01 || id & 0xffff == 0xff03 {
                continue;
            }
            let expected = match number {
                _ if known.contains(&id) => Some((0, 42)),
                0..3 => Some((-1, 21)),
                _ => None,
            };
            assert_eq!(call(id, 21, RICH_0), expected, "{id:#x}");
            // The upper half of x0 says nothing.
            assert_eq!(call(id | 7 << 32, 21, RICH_0), expected, "{id:#x}");
        }
    }
    assert_eq!(
        call(0xc201_0001, 21, RICH_0),
        Some((-1, 21)),
        "bits 23:16 are zero"
    );
}

#[test]
fn two_ranges_are_the_services_in_either_convention() {
    for id in [0x8200_0000, 0x8300_ffff, 0xc200_0005, 0xc300_0000] {
        assert!(is_in_range(id), "{id:#x}");
    }
    // Arm's, standard, a yielding call, what must be zero.
    for id in [
        0x8000_0001,
        0x8100_0000,
        0x8400_0000,
        0xc600_0000,
        0x0200_0000,
        0x8a00_0000,
    ] {
        assert!(!is_in_range(id), "{id:#x}");
    }
}

#[test]
fn others_are_denied_before_anything_is_looked_at() {
    assert_eq!(call(0xc200_0001, 21, RICH_0), Some((0, 42)));
    assert_eq!(call(0xc200_0001, 21, CRITICAL_1), Some((-2, 21)));
    assert_eq!(
        call(0xc200_0001, u64::MAX, CRITICAL_1),
        Some((-2, u64::MAX))
    );
}

#[test]
fn an_argument_out_of_range_changes_nothing() {
    for argument in [0, 101, u64::MAX] {
        assert_eq!(call(0xc200_0001, argument, RICH_0), Some((-3, argument)));
    }
    assert_eq!(call(0xc200_0001, 100, RICH_0), Some((0, 200)));
}

#[test]
fn arguments_are_what_their_types_say() {
    let refused = Error::InvalidParameter;
    assert_eq!(u32_in(1 << 32, 0..=u32::MAX), Err(refused));
    assert_eq!(u32_in(0xffff_ffff, 0..=u32::MAX), Ok(u32::MAX));
    assert_eq!(i64_in(u64::MAX, -1..=1), Ok(-1));
    assert_eq!(i64_in(2, -1..=1), Err(refused));
    assert_eq!([truth(0), truth(1)], [Ok(false), Ok(true)]);
    assert_eq!([truth(2), truth(u64::MAX)], [Err(refused); 2]);
    assert_eq!(low(0xdead_beef_0000_0001), 1);
}

#[test]
fn identity_and_revision_are_answered_in_the_narrow_convention() {
    for range in [0x8200_0000_u64, 0x8300_0000] {
        let mut registers = [0; 18];
        registers[0] = range | 0xff01;
        assert!(TABLE.answer(&mut registers, CRITICAL_1));
        let bytes: Vec<u8> = registers[..4]
            .iter()
            .flat_map(|word| word.to_le_bytes()[..4].to_vec())
            .collect();
        let uid = 0x5b1c_1de4_0c36_4f9d_9a1e_6c0f_fe7d_a301_u128;
        assert_eq!(bytes, uid.to_be_bytes());
        // DEN0028, service call UID: this first word would mean that there is none.
        assert_ne!(registers[0], 0xffff_ffff);
        registers[0] = range | 0xff03;
        assert!(TABLE.answer(&mut registers, RICH_0));
        assert_eq!(registers[..2], [1, 0]);
        let wide = range | 1 << 30 | 0xff01;
        assert_eq!(call(wide, 0, RICH_0), None);
    }
}
