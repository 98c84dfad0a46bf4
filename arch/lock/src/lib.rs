//! One lock for what all cores share. It is held for a bounded stretch of straight code with all
//! exceptions masked; tickets make the wait at most one turn of each core.
#![cfg_attr(not(test), no_std)]

use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicU32, Ordering};

/// A value that one core at a time reaches.
#[derive(Debug)]
pub struct Lock<T> {
    next: AtomicU32,
    serving: AtomicU32,
    value: UnsafeCell<T>,
}

// SAFETY: `with` gives the value to one caller at a time, whichever core it is on.
unsafe impl<T: Send> Sync for Lock<T> {}

impl<T> Lock<T> {
    /// A free lock around a value.
    pub const fn new(value: T) -> Self {
        Self {
            next: AtomicU32::new(0),
            serving: AtomicU32::new(0),
            value: UnsafeCell::new(value),
        }
    }

    /// Runs `f` on the value when all who came before are done. `f` must not use the lock.
    pub fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        f(&mut self.hold())
    }

    /// The value, when all who came before are done, until it is dropped: for a path that cannot afford a function in
    /// between. Who has it must not use the lock.
    #[inline(always)]
    pub fn hold(&self) -> Held<'_, T> {
        let ticket = self.next.fetch_add(1, Ordering::Relaxed);
        while self.serving.load(Ordering::Acquire) != ticket {
            pause();
        }
        Held {
            lock: self,
            ticket,
            value: PhantomData,
        }
    }

    /// The same, if nobody has the lock; nothing otherwise.
    pub fn try_with<R>(&self, f: impl FnOnce(&mut T) -> R) -> Option<R> {
        let ticket = self.serving.load(Ordering::Acquire);
        let (ours, next) = (Ordering::Acquire, ticket.wrapping_add(1));
        self.next
            .compare_exchange(ticket, next, ours, Ordering::Relaxed)
            .ok()?;
        let mut held = Held {
            lock: self,
            ticket,
            value: PhantomData,
        };
        Some(f(&mut held))
    }
}

/// The value of a [`Lock`] while one core has it.
#[derive(Debug)]
pub struct Held<'a, T> {
    lock: &'a Lock<T>,
    ticket: u32,
    /// It can be shared only where the value can.
    value: PhantomData<&'a mut T>,
}

impl<T> Deref for Held<'_, T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: tickets are served one at a time, and this one is: nobody else has a reference.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for Held<'_, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and this is the only way to the value through this ticket.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T> Drop for Held<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        let next = self.ticket.wrapping_add(1);
        self.lock.serving.store(next, Ordering::Release);
    }
}

/// A turn of a spin, or of a wait for another core. It also tells an emulator that runs one core at a time to go on to the
/// next, which the hint behind `spin_loop` does not.
pub fn pause() {
    #[cfg(all(target_os = "none", target_arch = "aarch64"))]
    // SAFETY: a hint.
    unsafe {
        core::arch::asm!("yield", options(nomem, nostack));
    }
    // A WFI that ends at once, for an interrupt that is pending and enabled: S-mode's software interrupt, which M-mode does
    // not take. Then both bits are as they were.
    #[cfg(all(target_os = "none", target_arch = "riscv64"))]
    // SAFETY: as above.
    unsafe {
        core::arch::asm!(
            "csrrsi {pending}, mip, 2",
            "csrrsi {enabled}, mie, 2",
            "wfi",
            "csrw mie, {enabled}",
            "not {pending}, {pending}",
            "andi {pending}, {pending}, 2",
            "csrc mip, {pending}",
            pending = out(reg) _,
            enabled = out(reg) _,
            options(nomem, nostack),
        );
    }
    #[cfg(not(target_os = "none"))]
    core::hint::spin_loop();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_update_is_lost() {
        static LOCK: Lock<u64> = Lock::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..1000).for_each(|_| LOCK.with(|n| *n += 1)));
            }
        });
        assert_eq!(LOCK.with(|n| *n), 4000);
        assert_eq!(LOCK.try_with(|n| *n), Some(4000));
        assert_eq!(LOCK.with(|_| LOCK.try_with(|n| *n)), None);
        assert_eq!(LOCK.with(|n| *n), 4000);
    }
}
