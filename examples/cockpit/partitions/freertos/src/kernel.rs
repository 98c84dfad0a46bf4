//! The kernel's services that this partition uses, as safe functions.
//!
//! All memory is static. `kernel/layout.c` holds the sizes and types here against the kernel's.

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_void};
use core::sync::atomic::{AtomicBool, Ordering};

/// Bytes of a task's control block (`StaticTask_t`), at most.
const TASK_BYTES: usize = 512;
/// Words of a task's stack.
const STACK_WORDS: usize = 1024;

unsafe extern "C" {
    fn vTaskStartScheduler();
    fn xTaskCreateStatic(
        entry: extern "C" fn(*mut c_void) -> !,
        name: *const c_char,
        stack_words: u64,
        parameter: *mut c_void,
        priority: u64,
        stack: *mut u64,
        block: *mut c_void,
    ) -> *mut c_void;
    fn xTaskDelayUntil(previous: *mut u64, increment: u64) -> i64;
    fn vTaskDelay(ticks: u64);
}

/// Proof that the scheduler runs and that the holder is a task: what may wait asks for it.
pub struct Running(());

/// The memory of a task. Zero at first, so that it takes no room in the image.
#[repr(C, align(16))]
pub struct TaskMemory {
    block: UnsafeCell<[u8; TASK_BYTES]>,
    stack: UnsafeCell<[u64; STACK_WORDS]>,
    taken: AtomicBool,
}

// SAFETY: block and stack are used by `Task::create` alone, once, which gives them to the kernel for
// good.
unsafe impl Sync for TaskMemory {}

impl TaskMemory {
    /// Memory that no task has yet.
    pub const fn new() -> Self {
        Self {
            block: UnsafeCell::new([0; TASK_BYTES]),
            stack: UnsafeCell::new([0; STACK_WORDS]),
            taken: AtomicBool::new(false),
        }
    }
}

/// A task.
pub struct Task {
    /// Its name, at most 15 bytes.
    pub name: &'static CStr,
    /// Above 0, idle's, and below `configMAX_PRIORITIES`. The larger is the more urgent.
    pub priority: u64,
    /// What it does.
    pub body: fn(&Running) -> !,
}

impl Task {
    fn create(&'static self, memory: &'static TaskMemory) {
        assert!(
            !memory.taken.swap(true, Ordering::Relaxed),
            "memory that another task has"
        );
        // SAFETY: name, block and stack are static and of the sizes said; nobody else uses the two
        // latter, now or later, by the check above. `enter` gets the parameter that it asks for.
        let handle = unsafe {
            xTaskCreateStatic(
                enter,
                self.name.as_ptr(),
                STACK_WORDS as u64,
                core::ptr::from_ref(self).cast_mut().cast(),
                self.priority,
                memory.stack.get().cast(),
                memory.block.get().cast(),
            )
        };
        assert!(!handle.is_null(), "the kernel refused task {:?}", self.name);
    }
}

/// Where the kernel enters every task. `parameter` is its [`Task`].
extern "C" fn enter(parameter: *mut c_void) -> ! {
    // SAFETY: `create` passed a static `Task`.
    let task: &'static Task = unsafe { &*parameter.cast() };
    (task.body)(&Running(()))
}

/// Starts the scheduler with these tasks. Once.
pub fn start<const N: usize>(tasks: &'static [Task; N], memory: &'static [TaskMemory; N]) -> ! {
    for (task, memory) in tasks.iter().zip(memory) {
        task.create(memory);
    }
    // SAFETY: interrupts are set up, the port's vectors are linked, and the stack in use stays: the
    // port keeps it for interrupt handlers.
    unsafe { vTaskStartScheduler() }
    panic!("the scheduler did not start");
}

/// Waits until `increment` ticks after `previous`, which moves on by as much. Returns at once where
/// that is past.
pub fn delay_until(_: &Running, previous: &mut u64, increment: u64) {
    // SAFETY: a task calls it, with a place of its own for the time.
    let _waited = unsafe { xTaskDelayUntil(previous, increment) };
}

/// Waits for so many ticks.
pub fn delay(_: &Running, ticks: u64) {
    // SAFETY: a task calls it.
    unsafe { vTaskDelay(ticks) }
}
