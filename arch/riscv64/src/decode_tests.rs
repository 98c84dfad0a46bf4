use super::*;
use proptest::prelude::*;
use softcore_rv64::raw::{ast, word_width};
use softcore_rv64::{Core, config, new_core};

/// What the model of the specification makes of four bytes.
fn of_model(core: &mut Core, instruction: u32) -> Option<Access> {
    let offset = |bits: u64| i64::from((bits as u32).cast_signed() << 20 >> 20);
    let (base, offset, direction) = match core.decode_instr(instruction) {
        ast::LOAD((imm, base, to, unsigned, word_width::WORD, _, _)) => {
            let to = to.bits();
            let signed = !unsigned;
            (base, offset(imm.bits()), Direction::Load { to, signed })
        }
        ast::STORE((imm, from, base, word_width::WORD, _, _)) => {
            (base, offset(imm.bits()), Direction::Store(from.bits()))
        }
        _ => return None,
    };
    Some(Access {
        base: base.bits(),
        offset,
        direction,
        length: 4,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    /// Half of them with an opcode of loads or stores, which random bits seldom have.
    #[test]
    fn four_bytes_are_what_the_model_of_the_specification_says(
        bits in any::<u32>(),
        opcode in prop::option::of(prop::sample::select(vec![LOAD, STORE])),
    ) {
        let instruction = opcode.map_or(bits | 3, |opcode| bits & !0x7f | opcode);
        let mut core = new_core(config::U74);
        prop_assert_eq!(whole(instruction), of_model(&mut core, instruction));
    }
}

/// Sets bits of an instruction: those of `value` from bit `from` on, `bits` of them, at bit `to`.
fn place(value: u32, from: u32, bits: u32, to: u32) -> u32 {
    (value >> from & ((1 << bits) - 1)) << to
}

/// Every compressed load and store of a word that there is, by the tables of the specification (C extension,
/// Load and Store Instructions), from its operands; each half that is none of these is no access. All 65 536.
#[test]
fn two_bytes_are_what_their_operands_make_of_them() {
    let mut expected = vec![None; 1 << 16];
    let mut enter = |half: u32, base: u8, offset: u32, direction| {
        let access = Access {
            base,
            offset: i64::from(offset),
            direction,
            length: 2,
        };
        let place = &mut expected[half as usize];
        assert!(place.replace(access).is_none(), "{half:#x} twice");
    };
    for register in 0..32_u32 {
        let load = Direction::Load {
            to: register as u8,
            signed: true,
        };
        let store = Direction::Store(register as u8);
        for offset in (0..256).step_by(4) {
            if register != 0 {
                let bits =
                    place(offset, 5, 1, 12) | place(offset, 2, 3, 4) | place(offset, 6, 2, 2);
                enter(0x4002 | bits | register << 7, 2, offset, load);
            }
            let bits = place(offset, 2, 4, 9) | place(offset, 6, 2, 7);
            enter(0xc002 | bits | register << 2, 2, offset, store);
        }
        if !(8..16).contains(&register) {
            continue;
        }
        for base in 8..16_u32 {
            for offset in (0..128).step_by(4) {
                let bits =
                    place(offset, 3, 3, 10) | place(offset, 2, 1, 6) | place(offset, 6, 1, 5);
                let bits = bits | (base - 8) << 7 | (register - 8) << 2;
                enter(0x4000 | bits, base as u8, offset, load);
                enter(0xc000 | bits, base as u8, offset, store);
            }
        }
    }
    for half in 0..=u16::MAX {
        if is_compressed(half) {
            assert_eq!(compressed(half), expected[usize::from(half)], "{half:#x}");
        }
    }
}
