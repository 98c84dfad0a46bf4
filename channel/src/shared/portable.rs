//! Where there is no copy that takes the checksum on its way: copy and sum are done one after the other.

use crate::crc32c::instructions::Present;

/// Does nothing.
///
/// # Safety
/// None is needed: it has the shape of arm64's.
pub const unsafe fn copy_summed(
    _: Present,
    _: *mut u8,
    _: *const u8,
    _: usize,
    _: (u64, u64),
) -> Option<u32> {
    None
}
