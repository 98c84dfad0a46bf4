//! The partition's own image in memory.

unsafe extern "C" {
    static __text_start: u8;
    static __rodata_end: u8;
}

/// Code and constants, which nothing may change after start-up.
pub fn read_only() -> &'static [u8] {
    let start = &raw const __text_start;
    let size = (&raw const __rodata_end).addr() - start.addr();
    // SAFETY: the linker script places text and rodata between these symbols without a gap that is
    // not mapped, and both are mapped read-only for good.
    unsafe { core::slice::from_raw_parts(start, size) }
}
