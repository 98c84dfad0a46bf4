//! Which cores the monitor accepts. State that it neither switches nor traps would be a channel between
//! the worlds, and an erratum that it does not know might be one: both are refused before anything runs.

/// A core that was looked at, by implementer and part number (Arm ARM, MIDR_EL1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    implementer: u8,
    part: u16,
    /// The oldest revision, as MIDR_EL1 has it: variant and revision.
    oldest: (u8, u8),
    /// As its maker calls it.
    pub name: &'static str,
}

/// The cores that were looked at. Each answers SMCCC_ARCH_WORKAROUND_1 and _3 with "not affected": in-order
/// cores, not open to Spectre variant 2, variant 4 or Spectre-BHB (Arm, "Vulnerability of Speculative
/// Processors", table of affected cores). Cortex-A53 erratum 1530924, where a speculative AT instruction walks
/// tables with half-switched registers (on Cortex-A72 it is 1319367), asks nothing of a world switch without AT
/// instructions in executable pages: the monitor has none. Older revisions than r0p4 and r0p1 want bits set at reset (errata
/// 836870 and 855472) that nobody here could try. CAVEATS.md says which errata are not worked around.
pub const MODELS: [Model; 2] = [
    Model {
        implementer: 0x41,
        part: 0xd03,
        oldest: (0, 4),
        name: "Cortex-A53",
    },
    Model {
        implementer: 0x41,
        part: 0xd04,
        oldest: (0, 1),
        name: "Cortex-A35",
    },
];

/// The identification registers that are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Identification {
    /// MIDR_EL1.
    pub midr: u64,
    /// ID_AA64PFR0_EL1.
    pub pfr0: u64,
    /// ID_AA64PFR1_EL1.
    pub pfr1: u64,
    /// ID_AA64ISAR1_EL1.
    pub isar1: u64,
    /// ID_AA64MMFR1_EL1.
    pub mmfr1: u64,
    /// ID_AA64DFR0_EL1.
    pub dfr0: u64,
}

/// Why a core is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Nobody looked at this core.
    Unknown,
    /// It has an erratum that is worked around nowhere.
    TooOld(&'static str),
    /// It has state that is neither switched nor trapped.
    Has(&'static str),
}

/// Fields of four bits that may be at most so large: (register, lowest bit, largest value, what more is).
type Limit = (fn(&Identification) -> u64, u32, u64, &'static str);

const LIMITS: [Limit; 14] = [
    (|id| id.pfr0, 32, 0, "SVE"),
    (|id| id.pfr0, 44, 0, "the activity monitors"),
    (|id| id.pfr0, 56, 1, "SCXTNUM registers"),
    (|id| id.pfr1, 8, 0, "memory tagging"),
    (|id| id.pfr1, 24, 0, "SME"),
    (|id| id.isar1, 4, 0, "pointer authentication"),
    (|id| id.isar1, 8, 0, "pointer authentication"),
    (|id| id.isar1, 24, 0, "pointer authentication"),
    (|id| id.isar1, 28, 0, "pointer authentication"),
    // Linux would use the EL2 physical timer, which is the monitor's.
    (|id| id.mmfr1, 8, 0, "VHE"),
    (|id| id.dfr0, 4, 0, "trace registers"),
    (|id| id.dfr0, 32, 0, "statistical profiling"),
    (|id| id.dfr0, 40, 0, "trace filters"),
    (|id| id.dfr0, 44, 0, "a trace buffer"),
];

/// Whether the monitor runs on this core, and what it is called.
pub fn check(id: &Identification) -> Result<&'static str, Refused> {
    let known = |model: &&Model| {
        id.midr >> 24 & 0xff == u64::from(model.implementer)
            && id.midr >> 4 & 0xfff == u64::from(model.part)
    };
    let model = MODELS.iter().find(known).ok_or(Refused::Unknown)?;
    let [fields, _, variant, ..] = id.midr.to_le_bytes();
    if (variant >> 4, fields & 0xf) < model.oldest {
        return Err(Refused::TooOld(model.name));
    }
    for (register, low, most, what) in LIMITS {
        if register(id) >> low & 0xf > most {
            return Err(Refused::Has(what));
        }
    }
    Ok(model.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As QEMU's cortex-a53 shows itself.
    const A53: Identification = Identification {
        midr: 0x410f_d034,
        pfr0: 0x0000_0000_1100_2222,
        pfr1: 0,
        isar1: 0,
        mmfr1: 0,
        dfr0: 0x1030_5106,
    };

    #[test]
    fn a_cortex_a53_is_accepted_from_r0p4_on() {
        assert_eq!(check(&A53), Ok("Cortex-A53"));
        let earlier = Identification {
            midr: 0x410f_d033,
            ..A53
        };
        assert_eq!(check(&earlier), Err(Refused::TooOld("Cortex-A53")));
        let later = Identification {
            midr: 0x411f_d035,
            ..A53
        };
        assert_eq!(check(&later), Ok("Cortex-A53"));
    }

    #[test]
    fn unknown_cores_are_refused() {
        for midr in [0x410f_d083, 0x420f_d034, 0, u64::MAX] {
            let id = Identification { midr, ..A53 };
            assert_eq!(check(&id), Err(Refused::Unknown), "{midr:#x}");
        }
    }

    #[test]
    fn state_that_is_not_switched_is_refused() {
        let cases = [
            (
                Identification {
                    pfr0: A53.pfr0 | 1 << 32,
                    ..A53
                },
                "SVE",
            ),
            (
                Identification {
                    pfr1: 2 << 8,
                    ..A53
                },
                "memory tagging",
            ),
            (
                Identification {
                    pfr1: 1 << 24,
                    ..A53
                },
                "SME",
            ),
            (
                Identification {
                    isar1: 1 << 4,
                    ..A53
                },
                "pointer authentication",
            ),
            (
                Identification {
                    isar1: 1 << 28,
                    ..A53
                },
                "pointer authentication",
            ),
            (
                Identification {
                    mmfr1: 1 << 8,
                    ..A53
                },
                "VHE",
            ),
            (
                Identification {
                    dfr0: A53.dfr0 | 1 << 4,
                    ..A53
                },
                "trace registers",
            ),
        ];
        for (id, what) in cases {
            assert_eq!(check(&id), Err(Refused::Has(what)));
        }
    }
}
