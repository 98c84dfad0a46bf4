//! The platform-level interrupt controller (RISC-V PLIC specification 1.0). The partition that owns external
//! interrupts reaches its registers by itself; the monitor only silences it before each of that partition's starts.

/// Where the enable words begin, and how many bytes a context has of them.
const ENABLES: u64 = 0x2000;
const ENABLES_STRIDE: u64 = 0x80;
/// Where the thresholds begin, and how far apart they are.
const THRESHOLDS: u64 = 0x20_0000;
const THRESHOLDS_STRIDE: u64 = 0x1000;

/// The registers at this address, for sources up to this number.
#[derive(Clone, Copy, Debug)]
pub struct Plic {
    /// Where they begin.
    pub at: u64,
    /// The highest source.
    pub sources: u32,
}

impl Plic {
    /// A context gets no interrupt any more.
    pub fn silence(self, context: u64) {
        for word in 0..=u64::from(self.sources / 32) {
            self.write(ENABLES + ENABLES_STRIDE * context + 4 * word, 0);
        }
        self.write(THRESHOLDS + THRESHOLDS_STRIDE * context, 0);
    }

    fn write(self, offset: u64, value: u32) {
        let register = (self.at + offset) as *mut u32;
        // SAFETY: a register of the board, by its description; it reaches no memory.
        unsafe { register.write_volatile(value) };
    }
}
