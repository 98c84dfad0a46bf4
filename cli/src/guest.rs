//! What the tools of others call an architecture.

use cofferdam_system::Arch;

/// Names of one architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guest {
    /// The compiler's target. Its code has no floating-point instructions: those registers belong to the partitions.
    pub target: &'static str,
    /// The emulator's program.
    pub emulator: &'static str,
    /// Debian's name of the architecture.
    pub debian: &'static str,
    /// The file with the kernel in a Debian package, up to its version.
    pub kernel: &'static str,
}

impl Guest {
    /// Of a partition in AArch32, which no Cargo package is built for.
    pub const AARCH32: Self = Self {
        debian: "armhf",
        ..Self::of(Arch::Arm64)
    };

    /// Of an architecture.
    pub const fn of(arch: Arch) -> Self {
        match arch {
            Arch::Arm64 => Self {
                target: "aarch64-unknown-none-softfloat",
                emulator: "qemu-system-aarch64",
                debian: "arm64",
                kernel: "boot/vmlinuz-",
            },
            Arch::Riscv64 => Self {
                target: "riscv64imac-unknown-none-elf",
                emulator: "qemu-system-riscv64",
                debian: "riscv64",
                kernel: "boot/vmlinux-",
            },
        }
    }
}
