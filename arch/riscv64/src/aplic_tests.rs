use super::*;
use proptest::prelude::*;

/// Sources 3 and 40, on the harts with the indices 1 and 2.
const SOURCES: Sources = Sources::of(&[3, 40]);

fn view() -> View<'static, impl Fn(u32) -> bool> {
    View {
        sources: &SOURCES,
        has: |hart| [1, 2].contains(&hart),
    }
}

#[test]
fn registers_are_where_the_specification_has_them() {
    let expected = [
        (0x0000, Some(Register::Domain)),
        (0x0004, Some(Register::Source(1))),
        (0x0ffc, Some(Register::Source(1023))),
        (0x1000, None),
        (0x1bc0, None),
        (0x1bcc, None),
        (0x1c00, Some(Register::Word(Bits::Pending, 0))),
        (0x1c7c, Some(Register::Word(Bits::Pending, 31))),
        (0x1c80, None),
        (0x1cdc, Some(Register::Number(Bits::Pending))),
        (0x1d04, Some(Register::Word(Bits::Input, 1))),
        (0x1ddc, Some(Register::Number(Bits::Input))),
        (0x1e00, Some(Register::Word(Bits::Enabled, 0))),
        (0x1edc, Some(Register::Number(Bits::Enabled))),
        (0x1f7c, Some(Register::Word(Bits::Disabled, 31))),
        (0x1fdc, Some(Register::Number(Bits::Disabled))),
        (0x2000, Some(Register::Number(Bits::Pending))),
        (0x2004, None),
        (0x3000, Some(Register::Message)),
        (0x3004, Some(Register::Target(1))),
        (0x3ffc, Some(Register::Target(1023))),
        (0x4000, None),
        (0x4018, None),
    ];
    for (offset, register) in expected {
        assert_eq!(Register::at(offset), register, "{offset:#x}");
    }
}

#[test]
fn a_partition_has_its_own_sources_of_shared_words() {
    let (view, all) = (view(), u32::MAX);
    let expected = [
        (Register::Domain, all, None, Some(all)),
        (Register::Message, 1 << HART | 5, None, None),
        (Register::Source(3), 6, Some(6), Some(all)),
        (Register::Source(3), DELEGATED, Some(0), Some(all)),
        (Register::Source(3), !DELEGATED, Some(MODE), Some(all)),
        (Register::Source(4), 6, None, None),
        (Register::Source(4), DELEGATED, None, None),
        (Register::Word(Bits::Enabled, 0), all, Some(8), Some(8)),
        (Register::Word(Bits::Input, 1), all, Some(256), Some(256)),
        (Register::Word(Bits::Pending, 31), all, Some(0), Some(0)),
        (Register::Number(Bits::Pending), 40, Some(40), None),
        (Register::Number(Bits::Enabled), 41, None, None),
        (Register::Number(Bits::Input), 0, None, None),
        (Register::Number(Bits::Disabled), all, None, None),
    ];
    for (register, value, stored, loaded) in expected {
        assert_eq!(view.store(register, value), stored, "{register:?}");
        assert_eq!(view.load(register), loaded, "{register:?}");
    }
}

#[test]
fn its_messages_go_to_its_own_harts() {
    let view = view();
    let target = |source, value| view.store(Register::Target(source), value);
    for good in [1 << HART | 5, 2 << HART | IDENTITY, 1 << HART] {
        assert_eq!(target(3, good), Some(good));
        assert_eq!(target(4, good), None);
    }
    // A foreign hart; a guest of an own; a bit that is reserved; an index whose lowest bits are an own one's.
    for bad in [5, 3 << HART | 5, 1 << HART | 1 << 12, 1 << HART | 1 << 11] {
        assert_eq!(target(3, bad), None);
    }
    assert_eq!(target(3, (1 << 4 | 1) << HART | 5), None);
}

proptest! {
    #[test]
    fn an_offset_is_that_of_its_register(offset in 0_u64..0x5000) {
        if let Some(register) = Register::at(offset).filter(|_| offset != LITTLE_ENDIAN) {
            prop_assert_eq!(register.offset(), offset);
        }
        prop_assert!(Register::at(offset | 1).is_none());
    }

    /// Whatever it stores where: of its own sources, to its own harts.
    #[test]
    fn no_store_reaches_what_is_another_s(offset in 0_u64..0x5000, value: u32) {
        let Some(register) = Register::at(offset / 4 * 4) else { return Ok(()); };
        let Some(stored) = view().store(register, value) else { return Ok(()); };
        match register {
            Register::Source(source) => prop_assert!(SOURCES.has(source) && stored & DELEGATED == 0),
            Register::Target(source) => {
                prop_assert!(SOURCES.has(source));
                prop_assert!([1, 2].contains(&(stored >> HART)));
                prop_assert_eq!(stored >> 11 & 0x7f, 0);
            }
            Register::Word(_, word) => prop_assert_eq!(stored & !SOURCES.word(word), 0),
            Register::Number(_) => prop_assert!(SOURCES.has(stored)),
            Register::Domain | Register::Message => prop_assert!(false, "written"),
        }
    }
}
