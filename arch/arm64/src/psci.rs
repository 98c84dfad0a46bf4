//! Calls of PSCI 1.1 (Arm DEN0022) and SMCCC 1.2 (Arm DEN0028): decoded and checked as far as that goes
//! without the state of the system. Decoding has no effect.

/// Version that PSCI_VERSION reports.
pub const PSCI_VERSION: i64 = 0x0001_0001;
/// Version that SMCCC_VERSION reports.
pub const SMCCC_VERSION: i64 = 0x0001_0002;

/// Status codes (DEN0022, return error codes).
pub mod status {
    /// Done.
    pub const SUCCESS: i64 = 0;
    /// No such function.
    pub const NOT_SUPPORTED: i64 = -1;
    /// An argument is out of range; also: no such core.
    pub const INVALID_PARAMETERS: i64 = -2;
    /// Not allowed.
    pub const DENIED: i64 = -3;
    /// The core runs.
    pub const ALREADY_ON: i64 = -4;
    /// The core is on its way.
    pub const ON_PENDING: i64 = -5;
    /// The entry point is not in the caller's memory.
    pub const INVALID_ADDRESS: i64 = -9;
}

/// A call for a partition, its arguments still as they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Answers a constant.
    Answer(i64),
    /// CPU_SUSPEND into a state that keeps the core's context.
    Standby,
    /// CPU_SUSPEND into a state that loses it.
    PowerDown {
        /// Where the core would go on.
        entry: u64,
    },
    /// CPU_OFF.
    CpuOff,
    /// CPU_ON.
    CpuOn {
        /// MPIDR affinity fields of the core.
        target: u64,
        /// Where it starts.
        entry: u64,
        /// Its first argument.
        context: u64,
    },
    /// AFFINITY_INFO of one core.
    AffinityInfo {
        /// MPIDR affinity fields of the core.
        target: u64,
    },
    /// SYSTEM_OFF.
    SystemOff,
    /// SYSTEM_RESET or an architectural SYSTEM_RESET2.
    SystemReset,
}

impl Call {
    /// Whether it is about single cores of the caller, or changes nothing.
    pub const fn is_of_cores(self) -> bool {
        matches!(
            self,
            Self::Answer(_) | Self::CpuOff | Self::CpuOn { .. } | Self::AffinityInfo { .. }
        )
    }
}

const SMC64: u32 = 0x4000_0000;
const AFFINITY: u64 = 0xff_00ff_ffff;

/// Function identifiers, in the 32-bit convention where there are both.
pub(crate) mod function {
    pub const SMCCC_VERSION: u32 = 0x8000_0000;
    pub const SMCCC_ARCH_FEATURES: u32 = 0x8000_0001;
    pub const SMCCC_ARCH_WORKAROUND_1: u32 = 0x8000_8000;
    pub const SMCCC_ARCH_WORKAROUND_2: u32 = 0x8000_7fff;
    pub const SMCCC_ARCH_WORKAROUND_3: u32 = 0x8000_3fff;
    pub const PSCI_VERSION: u32 = 0x8400_0000;
    pub const CPU_SUSPEND: u32 = 0x8400_0001;
    pub const CPU_OFF: u32 = 0x8400_0002;
    pub const CPU_ON: u32 = 0x8400_0003;
    pub const AFFINITY_INFO: u32 = 0x8400_0004;
    pub const MIGRATE_INFO_TYPE: u32 = 0x8400_0006;
    pub const SYSTEM_OFF: u32 = 0x8400_0008;
    pub const SYSTEM_RESET: u32 = 0x8400_0009;
    pub const PSCI_FEATURES: u32 = 0x8400_000a;
    pub const SYSTEM_RESET2: u32 = 0x8400_0012;
}

/// Decodes a call; `None` is answered NOT_SUPPORTED. `arguments` are x1 to x3.
pub fn decode(id: u32, arguments: [u64; 3]) -> Option<Call> {
    use function as f;
    let wide = id & SMC64 != 0;
    // A call of the 32-bit convention has 32-bit arguments (DEN0028, SMC32: W1 to W7).
    let [a, b, c] = arguments.map(|a| if wide { a } else { a & 0xffff_ffff });
    let answer = |value| Some(Call::Answer(value));
    if wide && !has_wide_form(id & !SMC64) {
        return None;
    }
    match id & !SMC64 {
        f::SMCCC_VERSION => answer(SMCCC_VERSION),
        f::SMCCC_ARCH_FEATURES => answer(arch_feature(arguments[0])),
        f::PSCI_VERSION => answer(PSCI_VERSION),
        f::PSCI_FEATURES => answer(psci_feature(arguments[0])),
        // No trusted operating system that would have to be migrated (DEN0022, MIGRATE_INFO_TYPE).
        f::MIGRATE_INFO_TYPE => answer(2),
        f::CPU_SUSPEND => Some(suspend(a, b)),
        f::CPU_OFF => Some(Call::CpuOff),
        f::CPU_ON => Some(Call::CpuOn {
            target: a,
            entry: b,
            context: c,
        }),
        // Only single cores have a state here (DEN0022, AFFINITY_INFO: from 1.0 on, higher levels may be refused).
        f::AFFINITY_INFO if b == 0 => Some(Call::AffinityInfo { target: a }),
        f::AFFINITY_INFO => answer(status::INVALID_PARAMETERS),
        f::SYSTEM_OFF => Some(Call::SystemOff),
        f::SYSTEM_RESET => Some(Call::SystemReset),
        // Type 0 is SYSTEM_WARM_RESET; other architectural types are reserved, vendor ones unknown.
        f::SYSTEM_RESET2 if a & 0xffff_ffff == 0 => Some(Call::SystemReset),
        f::SYSTEM_RESET2 => answer(status::INVALID_PARAMETERS),
        _ => None,
    }
}

fn has_wide_form(id: u32) -> bool {
    use function as f;
    matches!(
        id,
        f::CPU_SUSPEND | f::CPU_ON | f::AFFINITY_INFO | f::SYSTEM_RESET2
    )
}

/// CPU_SUSPEND takes the original format of power_state (DEN0022, CPU_SUSPEND): state id 15:0, type bit 16,
/// power level 25:24. Level 0 is a core; higher levels are the board's, which has none.
fn suspend(power_state: u64, entry: u64) -> Call {
    match power_state & 0xffff_ffff {
        state if state & !0x0001_ffff != 0 => Call::Answer(status::INVALID_PARAMETERS),
        state if state & 0x1_0000 != 0 => Call::PowerDown { entry },
        _ => Call::Standby,
    }
}

fn arch_feature(id: u64) -> i64 {
    use function as f;
    match u32::try_from(id & 0xffff_ffff) {
        Ok(f::SMCCC_VERSION | f::SMCCC_ARCH_FEATURES) => status::SUCCESS,
        // 1: safe to call and not needed on this core (DEN0028, SMCCC_ARCH_WORKAROUND_1 and _3), which holds
        // for all of `identify::MODELS`.
        Ok(f::SMCCC_ARCH_WORKAROUND_1 | f::SMCCC_ARCH_WORKAROUND_3) => 1,
        // -2: not needed on any core (DEN0028, SMCCC_ARCH_WORKAROUND_2).
        Ok(f::SMCCC_ARCH_WORKAROUND_2) => -2,
        _ => status::NOT_SUPPORTED,
    }
}

fn psci_feature(id: u64) -> i64 {
    let Ok(id) = u32::try_from(id & 0xffff_ffff) else {
        return status::NOT_SUPPORTED;
    };
    if id == function::SMCCC_VERSION {
        return status::SUCCESS;
    }
    let is_psci = id & 0xff00_0000 & !SMC64 == 0x8400_0000;
    match decode(id, [0; 3]) {
        Some(_) if is_psci => status::SUCCESS,
        _ => status::NOT_SUPPORTED,
    }
}

/// The affinity fields of an MPIDR value, or none if other bits are set (DEN0022, CPU_ON).
pub fn affinity(target: u64) -> Option<u64> {
    (target & !AFFINITY == 0).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_agree_with_decoding() {
        for low in 0..0x40 {
            for base in [0x8400_0000_u32, 0xc400_0000] {
                let id = base | low;
                let known = decode(id, [0; 3]).is_some();
                let told = decode(0x8400_000a, [u64::from(id), 0, 0]);
                let expected = if known { 0 } else { -1 };
                assert_eq!(told, Some(Call::Answer(expected)), "{id:#x}");
            }
        }
    }

    #[test]
    fn narrow_calls_drop_the_upper_half() {
        let call = decode(
            0x8400_0003,
            [0xdead_0000_0001, 0xbeef_4000_0000, 0x1_0000_0002],
        );
        let expected = Call::CpuOn {
            target: 1,
            entry: 0x4000_0000,
            context: 2,
        };
        assert_eq!(call, Some(expected));
    }

    #[test]
    fn suspend_refuses_what_the_format_reserves() {
        let answer = Some(Call::Answer(status::INVALID_PARAMETERS));
        assert_eq!(decode(0xc400_0001, [0x0100_0000, 0, 0]), answer);
        assert_eq!(decode(0xc400_0001, [0x8000_0000, 0, 0]), answer);
        assert_eq!(
            decode(0xc400_0001, [0x0000_0007, 0, 0]),
            Some(Call::Standby)
        );
        let down = Call::PowerDown { entry: 4 };
        assert_eq!(decode(0xc400_0001, [0x1_0000, 4, 5]), Some(down));
    }

    #[test]
    fn unknown_calls_are_unknown() {
        for id in [
            0x8400_0005,
            0x8400_0040,
            0xc400_0000,
            0xc400_0002,
            0x0400_0003,
            0xffff_ffff,
        ] {
            assert_eq!(decode(id, [0; 3]), None, "{id:#x}");
        }
    }
}
