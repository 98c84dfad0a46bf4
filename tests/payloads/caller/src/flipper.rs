//! A message that the partition's second core changes all the time, from one of a few forms to the next.

use core::arch::global_asm;
use core::cell::UnsafeCell;

/// CPU_ON (Arm DEN 0022), 64-bit convention.
const CPU_ON: u32 = 0xc400_0003;
/// The second core.
const SECOND: u64 = 1;

/// How many forms there are. More than two, so that two changes between two looks are seen, too.
pub const FORMS: usize = 4;

/// The forms.
pub fn forms() -> impl Iterator<Item = [u8; 8]> {
    (0_u64..).map(u64::to_le_bytes).take(FORMS)
}

// Live on entry: x0, the message.
global_asm!(
    ".section .text.flipper, \"ax\"",
    ".global caller_flipper",
    "caller_flipper:",
    "mov x1, xzr",
    "0: str x1, [x0]",
    "add x1, x1, #1",
    "and x1, x1, #({forms} - 1)",
    // An emulator that runs one core at a time goes on to the next here.
    "yield",
    "b 0b",
    forms = const FORMS,
);

unsafe extern "C" {
    fn caller_flipper();
}

/// One word that two cores share, and the critical partition reads.
#[repr(align(8))]
pub struct Message(UnsafeCell<[u8; 8]>);

// SAFETY: this program itself never reads it.
unsafe impl Sync for Message {}

// Not zero: the payload has no .bss.
static MESSAGE: Message = Message(UnsafeCell::new(1_u64.to_le_bytes()));

/// It.
pub fn message() -> &'static Message {
    &MESSAGE
}

impl Message {
    /// For its address.
    pub fn lend(&self) -> &[u8] {
        // SAFETY: in bounds; nobody here looks at the bytes.
        unsafe { &*self.0.get() }
    }
}

/// Starts the second core on it.
pub fn start() {
    let mut arguments = [0; 17];
    let entry = caller_flipper as *const () as usize as u64;
    arguments[..3].copy_from_slice(&[SECOND, entry, MESSAGE.0.get().expose_provenance() as u64]);
    let [status, ..] = smccc::smc64(CPU_ON, arguments);
    assert_eq!(status, 0, "CPU_ON");
    let word = MESSAGE.0.get().cast::<u64>();
    // SAFETY: an aligned word of this program, which the other core may write at the same time.
    let look = || unsafe { word.read_volatile() };
    // It changes: the second core is there.
    let first = look();
    while look() == first {
        crate::give_way();
    }
}
