//! Core 0, which the critical partition shares: it does what the running attack wants of it.

use crate::attack::ATTACKS;
use crate::{call, gic, register, time};
use core::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// 0: rest; otherwise the number of an attack, plus one.
static TASK: AtomicU64 = AtomicU64::new(0);
/// Whether core 0 is at rest.
static AT_REST: AtomicU64 = AtomicU64::new(0);

/// What core 0 does for good.
pub fn serve() -> ! {
    gic::open();
    loop {
        let task = TASK.load(SeqCst);
        AT_REST.store(u64::from(task == 0), SeqCst);
        match attack(task) {
            Some(attack) => (attack.hand)(),
            None => time::relax(),
        }
    }
}

fn attack(task: u64) -> Option<&'static crate::attack::Attack> {
    let index = usize::try_from(task.checked_sub(1)?).ok()?;
    ATTACKS.get(index)
}

/// Where core 0 comes back from having been off: at rest, whatever it did before.
pub fn returned() -> ! {
    TASK.store(0, SeqCst);
    serve()
}

/// From core 1: core 0 begins with an attack.
pub fn begin(index: usize) {
    AT_REST.store(0, SeqCst);
    TASK.store(index as u64 + 1, SeqCst);
}

/// From core 1: core 0 is to rest. Answers whether it does.
pub fn end() -> bool {
    TASK.store(0, SeqCst);
    time::wait_until(50, || AT_REST.load(SeqCst) != 0)
}

/// From core 1: core 0 may stop, whenever it sees it.
pub fn leave() {
    TASK.store(0, SeqCst);
}

/// On core 0: whether the attack goes on.
pub fn wanted() -> bool {
    TASK.load(SeqCst) != 0
}

/// On core 0: nothing but waiting.
pub fn rest() {
    while wanted() {
        time::relax();
    }
}

/// From core 1: starts core 0 again after a CPU_OFF. Answers whether it came back.
pub fn revive() -> bool {
    AT_REST.store(0, SeqCst);
    call::cpu_on(0, entry(), stack());
    time::wait_until(50, || AT_REST.load(SeqCst) != 0)
}

unsafe extern "C" {
    fn attacker_returned();
    fn attacker_secondary();
    fn attacker_off();
    static __stack_0: u8;
    static __stack_1: u8;
}

/// Where core 0 comes back.
pub fn entry() -> u64 {
    attacker_returned as *const () as u64
}

/// Where core 0 goes off again at once.
pub fn off_entry() -> u64 {
    attacker_off as *const () as u64
}

/// Top of core 0's stack.
pub fn stack() -> u64 {
    (&raw const __stack_0) as u64
}

/// Starts core 1, which directs.
pub fn start_director() -> i64 {
    let stack = (&raw const __stack_1) as u64;
    call::cpu_on(1, attacker_secondary as *const () as u64, stack)
}

/// On core 0: gives the core up; it comes back by [`revive`].
pub fn off_hand() {
    register::mask_all();
    call::status(call::psci::CPU_OFF, [0; 4]);
}
