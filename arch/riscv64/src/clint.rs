//! The core-local interruptor: a software interrupt and a timer to each hart (SiFive CLINT; the RISC-V ACLINT
//! specification describes the same registers).

/// Where MTIMECMP registers begin.
const TIMECMP: u64 = 0x4000;

/// Where MTIME is.
const TIME: u64 = 0xbff8;

/// The registers at this address.
#[derive(Clone, Copy, Debug)]
pub struct Clint(pub u64);

impl Clint {
    /// MSIP: interrupts a hart, or takes that back.
    pub fn signal(self, hart: u64, pending: bool) {
        let register = (self.0 + 4 * hart) as *mut u32;
        // SAFETY: a register of the board, by its description. What it does to memory, it does by a trap elsewhere.
        unsafe { register.write_volatile(u32::from(pending)) };
    }

    /// Where MTIME is.
    #[inline(always)]
    pub const fn time(self) -> u64 {
        self.0 + TIME
    }

    /// Where a hart's MTIMECMP is.
    #[inline(always)]
    pub const fn compare(self, hart: u64) -> u64 {
        self.0 + TIMECMP + 8 * hart
    }

    /// MTIMECMP: a hart's timer interrupt is pending from this time on.
    pub fn set_timer(self, hart: u64, at: u64) {
        let register = self.compare(hart) as *mut u64;
        // SAFETY: as above.
        unsafe { register.write_volatile(at) };
    }

    /// MTIME: what all harts' timers are compared with.
    #[inline(always)]
    pub fn now(self) -> u64 {
        let register = self.time() as *const u64;
        // SAFETY: as above; reading it changes nothing.
        unsafe { register.read_volatile() }
    }
}
