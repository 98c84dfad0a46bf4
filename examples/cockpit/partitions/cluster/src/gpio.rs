//! One output pin of a PL061 (Arm DDI 0190).
//!
//! The other pins are never written: one of them may switch the board off.

use safe_mmio::fields::ReadPureWrite;
use safe_mmio::{UniqueMmioPointer, field};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// The relay is closed while its pin toggles.
pub const RELAY: u8 = 3;

/// Register block up to GPIODIR.
#[derive(FromBytes, Immutable, IntoBytes, KnownLayout)]
#[repr(C)]
pub struct Registers {
    /// 0x000: GPIODATA once for each mask of pins: a write changes only the pins in its index.
    data: [ReadPureWrite<u32>; 256],
    /// 0x400: GPIODIR, 1 is output.
    direction: ReadPureWrite<u32>,
}

/// An output pin.
pub struct Pin<'a> {
    registers: UniqueMmioPointer<'a, Registers>,
    mask: u8,
    high: bool,
}

impl<'a> Pin<'a> {
    /// Makes pin `number` (0 to 7) of the controller an output, low.
    pub fn new(registers: UniqueMmioPointer<'a, Registers>, number: u8) -> Self {
        let mut pin = Self {
            registers,
            mask: 1 << (number % 8),
            high: false,
        };
        pin.set(false);
        let mask = u32::from(pin.mask);
        field!(pin.registers, direction).modify(|outputs| outputs | mask);
        pin
    }

    /// Drives the pin.
    pub fn set(&mut self, high: bool) {
        self.high = high;
        let value = if high { u32::from(self.mask) } else { 0 };
        if let Some(mut pin) = field!(self.registers, data).get(self.mask.into()) {
            pin.write(value);
        }
    }

    /// Drives the pin the other way.
    pub fn toggle(&mut self) {
        self.set(!self.high);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board() -> Registers {
        Registers {
            data: [const { ReadPureWrite(0xEE) }; 256],
            direction: ReadPureWrite(0x80),
        }
    }

    #[test]
    fn a_new_pin_is_low_before_it_is_an_output_and_leaves_the_others() {
        let mut board = board();
        Pin::new(UniqueMmioPointer::from(&mut board), RELAY);
        assert_eq!(board.direction.0, 0x88);
        assert_eq!(board.data[8].0, 0);
        let touched = board.data.iter().filter(|word| word.0 != 0xEE).count();
        assert_eq!(touched, 1);
    }

    #[test]
    fn a_pin_is_driven_through_its_own_mask_only() {
        let mut board = board();
        let mut pin = Pin::new(UniqueMmioPointer::from(&mut board), RELAY);
        pin.toggle();
        assert_eq!(board.data[8].0, 8);
        let mut pin = Pin::new(UniqueMmioPointer::from(&mut board), RELAY);
        pin.set(true);
        pin.toggle();
        assert_eq!(board.data[8].0, 0);
        let touched = board.data.iter().filter(|word| word.0 != 0xEE).count();
        assert_eq!(touched, 1);
    }
}
