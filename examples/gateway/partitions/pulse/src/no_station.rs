//! In the place of `station` where the system gives the pulse no channel: nothing.

use core::fmt::{self, Write};
use core::marker::PhantomData;

use cofferdam_partition::hardware::Region;

/// No memory.
pub const CHANNEL: Region = Region::NONE;

/// None is needed.
pub struct Memory<'a>(PhantomData<&'a ()>);

impl Memory<'_> {
    /// Nothing.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

/// A station that is not there.
pub struct Station<'a>(PhantomData<&'a ()>);

impl<'a> Station<'a> {
    /// Nothing.
    pub fn start(_: &'a mut Memory<'a>) -> Self {
        Self(PhantomData)
    }

    /// Nothing.
    pub fn begin(&mut self, _job: u64) {}

    /// There never is more to do.
    pub fn step(&mut self, _report: impl Fn(&mut dyn Write) -> fmt::Result) -> bool {
        false
    }
}
