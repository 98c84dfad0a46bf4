//! The three system calls that this needs, of arm64's Linux (include/uapi/asm-generic/unistd.h): no C library is asked.

use super::{Call, EINVAL};
use core::arch::asm;
use core::ffi::CStr;

const IOCTL: usize = 29;
const OPENAT: usize = 56;
const CLOSE: usize = 57;

const AT_FDCWD: usize = (-100_isize).cast_unsigned();
const O_RDWR_CLOEXEC: usize = 0o2_000_002;
/// `COFFERDAM_CALL`: read and written, the size of a call, 0xcf, 1.
const REQUEST: usize = 3 << 30 | size_of::<Call<'_>>() << 16 | 0xcf << 8 | 1;

/// An open file.
#[derive(Debug)]
pub(crate) struct File(usize);

impl File {
    pub(crate) fn open(name: &CStr) -> Result<Self, i32> {
        let name = name.as_ptr().expose_provenance();
        // SAFETY: openat(2) only reads the name, which ends with its zero.
        unsafe { system_call(OPENAT, [AT_FDCWD, name, O_RDWR_CLOEXEC, 0]) }.map(Self)
    }

    pub(crate) fn ask(&self, call: &mut Call<'_>) -> Result<(), i32> {
        let call = core::ptr::from_mut(call).expose_provenance();
        // SAFETY: the driver reads and writes this call, and the buffers that it borrows for as long.
        unsafe { system_call(IOCTL, [self.0, REQUEST, call, 0]) }.map(drop)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // SAFETY: nobody else has this number.
        let _refused = unsafe { system_call(CLOSE, [self.0, 0, 0, 0]) };
    }
}

/// # Safety
/// What the system call does is what the caller may do.
unsafe fn system_call(number: usize, arguments: [usize; 4]) -> Result<usize, i32> {
    let [first, second, third, fourth] = arguments;
    let answer: isize;
    // SAFETY: keeps all registers but x0 (arm64's system call convention); what it does is the caller's promise.
    unsafe {
        asm!(
            "svc #0",
            in("x8") number,
            inout("x0") first => answer,
            in("x1") second,
            in("x2") third,
            in("x3") fourth,
            options(nostack),
        );
    }
    usize::try_from(answer).map_err(|_| i32::try_from(-answer).unwrap_or(EINVAL))
}
