//! System registers, by name or encoding. An access that is refused takes an exception, which `trap`
//! records and steps over.

/// Reads a register: `None` where the access was refused.
macro_rules! read {
    ($name:literal) => {{
        let value: u64;
        $crate::trap::forget();
        // SAFETY: a read; if it is refused, the handler steps over it and 0 stays.
        unsafe {
            core::arch::asm!(
                concat!("mrs {}, ", $name),
                inout(reg) 0_u64 => value,
                options(nostack)
            );
        }
        (!$crate::trap::taken()).then_some(value)
    }};
}

/// Writes a register. Answers whether the access was let through.
macro_rules! try_write {
    ($name:literal, $value:expr) => {{
        let value: u64 = $value;
        $crate::trap::forget();
        // SAFETY: the attacker keeps nothing that a register could break: MMU off, vectors its own.
        unsafe {
            core::arch::asm!(
                concat!("msr ", $name, ", {}"),
                "isb",
                in(reg) value,
                options(nostack)
            );
        }
        !$crate::trap::taken()
    }};
}

/// Writes a register, if that is let through.
macro_rules! write {
    ($name:literal, $value:expr) => {
        let _let_through = $crate::register::try_write!($name, $value);
    };
}

pub(crate) use {read, try_write, write};

/// Whether this is EL2.
pub fn at_el2() -> bool {
    read!("CurrentEL") == Some(2 << 2)
}

/// Masks everything that this level can mask.
pub fn mask_all() {
    // SAFETY: a mask of interrupts.
    unsafe { core::arch::asm!("msr daifset, #0xf", options(nostack)) }
}

/// Opens interrupts to this level.
pub fn unmask_interrupts() {
    // SAFETY: the vectors take them.
    unsafe { core::arch::asm!("msr daifclr, #2", options(nostack)) }
}

/// Closes them.
pub fn mask_interrupts() {
    // SAFETY: a mask of interrupts.
    unsafe { core::arch::asm!("msr daifset, #2", options(nostack)) }
}
