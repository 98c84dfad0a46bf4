//! Reads of `time` that trap: harts whose chip has MTIME but no `time` register leave that to M-mode.
//!
//! Only reads are decoded (Zicsr): CSRRS and CSRRC with x0, and CSRRSI and CSRRCI with 0, which write nothing. All else that
//! names `time` writes a read-only register, and is its partition's illegal instruction.

/// The opcode of all CSR instructions.
const SYSTEM: u32 = 0x73;
/// `time`, `rdtime`'s register.
const TIME: u32 = 0xc01;

/// For `trap.S`: a read differs from this one in no bit of the mask, which leaves out the register and what tells the four forms.
pub const READ: i32 = (TIME << 20 | 2 << 12 | SYSTEM).cast_signed();
/// See [`READ`].
pub const READ_MASK: i32 = !(0x1f << 7 | 5 << 12);

/// The register that a read of `time` goes to; `None` for all else. `instruction`: as mtval has it.
pub const fn time_read(instruction: u64) -> Option<u8> {
    if instruction >> 32 != 0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked above")]
    let instruction = instruction as u32;
    let (opcode, register) = (instruction & 0x7f, instruction >> 7 & 0x1f);
    let (operation, source) = (instruction >> 12 & 7, instruction >> 15 & 0x1f);
    let reads = matches!(operation, 2 | 3 | 6 | 7) && source == 0;
    if opcode != SYSTEM || instruction >> 20 != TIME || !reads {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "five bits")]
    Some(register as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use softcore_rv64::raw::{ast, csrop};
    use softcore_rv64::{config, new_core};

    #[test]
    fn a_read_is_known_by_its_register() {
        // `rdtime a0`, `rdtime t6`, `csrrci a0, time, 0`.
        assert_eq!(time_read(0xc010_2573), Some(10));
        assert_eq!(time_read(0xc010_2ff3), Some(31));
        assert_eq!(time_read(0xc010_7573), Some(10));
    }

    #[test]
    fn writes_other_registers_and_other_instructions_are_not() {
        // `csrrw a0, time, x0`, `csrrs a0, time, a1`, `rdcycle a0`, `rdinstret a0`, WFI, and more than 32 bits.
        for other in [
            0xc010_1573,
            0xc015_a573,
            0xc000_2573,
            0xc020_2573,
            0x1050_0073,
            0x1_c010_2573,
        ] {
            assert_eq!(time_read(other), None, "{other:#x}");
        }
    }

    /// The register that the model reads `time` into, writing nothing.
    fn of_model(instruction: u32) -> Option<u8> {
        let (csr, source, to, operation) = match new_core(config::U74).decode_instr(instruction) {
            ast::CSRReg((csr, source, to, operation)) => (csr, source.bits(), to, operation),
            ast::CSRImm((csr, value, to, operation)) => (csr, value.bits() as u8, to, operation),
            _ => return None,
        };
        let reads = operation != csrop::CSRRW && source == 0;
        (csr.bits() == u64::from(TIME) && reads).then_some(to.bits())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100_000))]

        /// Half of them near reads: in the register, the form and the source.
        #[test]
        fn what_is_read_is_a_read_of_time(other: u32, bits in prop::option::of(0..1_u32 << 13)) {
            let instruction = bits.map_or(other, |bits| READ.cast_unsigned() ^ bits << 7);
            prop_assert_eq!(time_read(u64::from(instruction)), of_model(instruction));
        }
    }

    proptest! {
        #[test]
        fn trap_s_finds_the_same_reads(other: u32, bits in 0..1_u32 << 10) {
            // Near reads, too: in the register, the form and the source.
            let near = READ.cast_unsigned() ^ bits << 7;
            for instruction in [other, near] {
                let found = (instruction.cast_signed() ^ READ) & READ_MASK == 0;
                prop_assert_eq!(found, time_read(u64::from(instruction)).is_some());
            }
        }
    }
}
