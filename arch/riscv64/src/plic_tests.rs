use super::*;
use proptest::prelude::*;

/// Sources 3 and 40 on harts 0 and 2; it shares the first, where its context is M-mode's.
const SOURCES: Sources = Sources::of(&[3, 40]);

fn seat(known: u64) -> Option<Seat> {
    let (core, context) = match known {
        1 => (CoreId(0), 0),
        5 => (CoreId(2), 5),
        _ => return None,
    };
    Some(Seat { core, context })
}

fn view() -> View<'static, impl Fn(u64) -> Option<Seat>> {
    View {
        here: CoreId(0),
        sources: &SOURCES,
        seat,
    }
}

#[test]
fn a_partition_has_its_own_bits_of_shared_words() {
    let all = u32::MAX;
    let view = view();
    let expected = [
        (Register::Priority(3), Some(Register::Priority(3)), all),
        (Register::Priority(4), None, 0),
        (Register::Pending(0), None, 0),
        (Register::Enable(1, 0), Some(Register::Enable(0, 0)), 1 << 3),
        (Register::Enable(5, 1), Some(Register::Enable(5, 1)), 1 << 8),
        (Register::Enable(0, 0), None, 0),
        (Register::Enable(3, 0), None, 0),
        (Register::Threshold(1), Some(Register::Threshold(0)), all),
        (Register::Threshold(5), None, 0),
        (Register::Threshold(0), None, 0),
        (Register::Claim(3), None, 0),
    ];
    for (register, to, bits) in expected {
        assert_eq!(
            view.store(register, all),
            to.map(|to| (to, bits)),
            "{register:?}"
        );
    }
    assert_eq!(
        view.load(Register::Pending(0)),
        Some((Register::Pending(0), 1 << 3))
    );
    assert_eq!(
        view.load(Register::Pending(2)),
        Some((Register::Pending(2), 0))
    );
}

#[test]
fn a_context_is_of_one_hart_and_mode_and_a_register_of_the_controller() {
    let plic = Plic {
        at: 0x0c00_0000,
        size: 0x60_0000,
        sources: 96,
        priorities: 7,
        first_context: 1,
    };
    let cores = [0, 1, 2, 3, 4, 5].map(|context| plic.supervised_by(context));
    let [first, second] = [CoreId(0), CoreId(1)];
    assert_eq!(cores, [None, None, Some(first), None, Some(second), None]);
    assert_eq!(plic.machine_context(second), 3);
    assert_eq!(plic.supervised_by(u64::MAX), None);
    let behind = plic.at + plic.size;
    assert_eq!(plic.register(plic.at + 8), Some(Register::Priority(2)));
    assert_eq!([plic.at - 4, behind].map(|it| plic.register(it)), [None; 2]);
}

#[test]
fn it_completes_its_own_sources_only() {
    let view = view();
    let claim = |value| view.store(Register::Claim(1), value);
    assert_eq!(claim(40), Some((Register::Claim(0), 40)));
    for foreign in [0, 4, 41, 1024, u32::MAX] {
        assert_eq!(claim(foreign), None);
    }
}

proptest! {
    #[test]
    fn an_offset_is_that_of_its_register(offset in 0_u64..0x60_0000) {
        if let Some(register) = Register::at(offset) {
            prop_assert_eq!(register.offset(), offset);
        }
        prop_assert!(Register::at(offset | 1).is_none());
    }

    /// Whatever it stores where: in its own contexts, and of words that others have bits in, its own.
    #[test]
    fn no_store_reaches_what_is_another_s(offset in 0_u64..0x100_0000, value: u32) {
        let Some(register) = Register::at(offset / 4 * 4) else { return Ok(()); };
        match view().store(register, value) {
            None => {}
            Some((Register::Priority(source), _)) => prop_assert!(SOURCES.has(source)),
            Some((Register::Enable(context, word), value)) => {
                prop_assert!([0, 5].contains(&context));
                prop_assert_eq!(value & !SOURCES.word(word), 0);
            }
            Some((Register::Threshold(context), _)) => prop_assert_eq!(context, 0),
            Some((Register::Claim(context), value)) => {
                prop_assert_eq!(context, 0);
                prop_assert!(SOURCES.has(value));
            }
            Some((Register::Pending(_), _)) => prop_assert!(false, "written"),
        }
    }
}
