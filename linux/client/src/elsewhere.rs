//! Where there is no such driver: this compiles for tools that look at it, and opens nothing.

use super::{Call, EINVAL};
use core::ffi::CStr;

/// Never made.
#[derive(Debug)]
pub(crate) enum File {}

impl File {
    pub(crate) fn open(_: &CStr) -> Result<Self, i32> {
        Err(EINVAL)
    }

    pub(crate) fn ask(&self, _: &mut Call<'_>) -> Result<(), i32> {
        match *self {}
    }
}
