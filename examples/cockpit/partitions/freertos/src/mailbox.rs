//! A mailbox for one item, on a queue of the kernel.

use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, Ordering};

use crate::kernel::Running;

/// Bytes of a queue's control block (`StaticQueue_t`), at most.
const QUEUE_BYTES: usize = 256;
/// `portMAX_DELAY`: waits without end.
const FOR_EVER: u64 = u64::MAX;
/// `queueQUEUE_TYPE_BASE`: neither mutex nor semaphore.
const PLAIN: u8 = 0;
/// `queueSEND_TO_BACK`.
const TO_BACK: i64 = 0;
/// `pdTRUE`.
const TRUE: i64 = 1;

unsafe extern "C" {
    fn xQueueGenericCreateStatic(
        items: u64,
        item_bytes: u64,
        storage: *mut u8,
        block: *mut c_void,
        kind: u8,
    ) -> *mut c_void;
    fn xQueueGenericSend(queue: *mut c_void, item: *const c_void, ticks: u64, position: i64)
    -> i64;
    fn xQueueReceive(queue: *mut c_void, item: *mut c_void, ticks: u64) -> i64;
}

#[repr(C, align(16))]
struct QueueBlock([u8; QUEUE_BYTES]);

/// A mailbox. One task offers, another takes.
pub struct Mailbox<T> {
    queue: AtomicPtr<c_void>,
    block: UnsafeCell<QueueBlock>,
    storage: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: `block` and `storage` are given to the kernel for good, by `open`; it copies items in and
// out under its own locks.
unsafe impl<T: Copy + Send> Sync for Mailbox<T> {}

impl<T: Copy + Send> Mailbox<T> {
    /// An empty mailbox that is not open yet.
    pub const fn new() -> Self {
        Self {
            queue: AtomicPtr::new(null_mut()),
            block: UnsafeCell::new(QueueBlock([0; QUEUE_BYTES])),
            storage: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// Opens it. Once, before the scheduler starts.
    pub fn open(&'static self) {
        assert!(
            self.queue.load(Ordering::Relaxed).is_null(),
            "a mailbox that was opened before"
        );
        // SAFETY: both places are static, large enough, and used by nobody else, by the check above
        // and since nothing runs beside this yet.
        let queue = unsafe {
            xQueueGenericCreateStatic(
                1,
                size_of::<T>() as u64,
                self.storage.get().cast(),
                self.block.get().cast(),
                PLAIN,
            )
        };
        self.queue.store(queue, Ordering::Relaxed);
    }

    /// Puts an item in, unless there is one. Answers whether it did. Does not wait.
    pub fn offer(&self, _: &Running, item: &T) -> bool {
        let item: *const T = item;
        // SAFETY: a task calls it; the queue copies one `T`. The kernel asserts that it is open.
        unsafe { xQueueGenericSend(self.queue(), item.cast(), 0, TO_BACK) == TRUE }
    }

    /// Waits for an item and takes it.
    pub fn take(&self, _: &Running) -> T {
        let mut item = MaybeUninit::<T>::uninit();
        loop {
            // SAFETY: a task calls it, with room for one `T`. The kernel asserts that it is open.
            let taken = unsafe { xQueueReceive(self.queue(), item.as_mut_ptr().cast(), FOR_EVER) };
            if taken == TRUE {
                // SAFETY: the queue copied an item that `offer` had put in.
                return unsafe { item.assume_init() };
            }
        }
    }

    fn queue(&self) -> *mut c_void {
        self.queue.load(Ordering::Relaxed)
    }
}
