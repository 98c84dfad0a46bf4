//! Memory for tests.
#![expect(
    unsafe_code,
    reason = "makes the shared memory that the crate is given"
)]

use cofferdam_abi::virtualnet::Geometry;
use cofferdam_channel::shared::Shared;
use std::ptr::NonNull;

const GUARD: u64 = 0x5a5a_5a5a_5a5a_5a5a;

/// Memory that is shared, with a guard on either side that is looked at in the end.
pub struct Ram {
    words: *mut [u64],
    bytes: usize,
}

impl Ram {
    pub fn new(geometry: Geometry) -> Self {
        let mut words = vec![0; geometry.bytes() / 8 + 2];
        words[0] = GUARD;
        *words.last_mut().expect("guards") = GUARD;
        Self {
            words: Box::into_raw(words.into_boxed_slice()),
            bytes: geometry.bytes(),
        }
    }

    pub fn shared(&self) -> Shared {
        let inside = self.words.cast::<u64>().wrapping_add(1);
        let base = NonNull::new(inside).expect("not null");
        // SAFETY: the words live as long as `self`, which every test keeps to its end, and nothing else uses them.
        unsafe { Shared::new(base, self.bytes) }.expect("aligned")
    }
}

impl Drop for Ram {
    fn drop(&mut self) {
        // SAFETY: it came from a box, and nobody uses it any more.
        let words = unsafe { Box::from_raw(self.words) };
        if !std::thread::panicking() {
            assert_eq!((words[0], words[words.len() - 1]), (GUARD, GUARD));
        }
    }
}
