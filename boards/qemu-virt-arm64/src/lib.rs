//! QEMU `virt` with the security extensions (`virt,secure=on,virtualization=on`), with either interrupt controller.
//!
//! Addresses are those of the machine's memory map (QEMU, hw/arm/virt.c); `board.yaml` says the same for
//! the host tools.
#![no_std]

use arm_pl011_uart::{PL011Registers, Uart, UniqueMmioPointer};
use cofferdam_arm64::gic::Controller;
use cofferdam_arm64::platform::Platform;
use cofferdam_core::ids::PartitionId;
use core::marker::PhantomData;
use core::ptr::NonNull;
use safe_mmio::{field, fields::ReadWrite};

/// The PL061 in Secure memory.
const GPIO_SECURE: u64 = 0x090b_0000;
/// Pin of the relay that is to be open in the safe state.
const RELAY_PIN: usize = 3;
/// The virtio-mmio transports.
const VIRTIO: u64 = 0x0a00_0000;
const VIRTIO_STRIDE: u64 = 0x200;
const VIRTIO_COUNT: u64 = 32;

/// The board with the interrupt controller `G`, which `board.yaml` says: `gic-version=3` or `gic-version=2`.
#[derive(Debug)]
pub struct QemuVirtArm64<G>(PhantomData<G>);

/// PL061 (Arm DDI 0190): a data register for every mask of pins, then the direction.
#[repr(C)]
struct Gpio {
    data: [ReadWrite<u32>; 256],
    direction: ReadWrite<u32>,
}

/// A transport's registers up to Status (virtio 1.2, 4.2.2).
#[repr(C)]
struct Virtio {
    before: [u32; 28],
    status: ReadWrite<u32>,
}

fn registers<T>(address: u64) -> UniqueMmioPointer<'static, T> {
    let address = NonNull::new(address as *mut T).unwrap_or(NonNull::dangling());
    // SAFETY: a device of this machine, mapped as device memory by the monitor's tables. Two users at a
    // time can garble output, not memory.
    unsafe { UniqueMmioPointer::new(address) }
}

impl<G: Controller> Platform for QemuVirtArm64<G> {
    type Gic = G;

    // What the machine's generic timer runs at (QEMU, target/arm: GTIMER_SCALE is 16 ns).
    const COUNTER_HZ: u64 = 62_500_000;

    fn console(device: u64, bytes: &[u8]) {
        let mut uart = Uart::new(registers::<PL011Registers>(device));
        for &byte in bytes {
            if !uart.is_tx_fifo_full() {
                uart.write_word(byte);
            }
        }
    }

    fn safe_state() {
        let mut gpio = registers::<Gpio>(GPIO_SECURE);
        let mut direction = field!(gpio, direction);
        let outputs = direction.read();
        direction.write(outputs | 1 << RELAY_PIN);
        // The address selects the pins that the write reaches (DDI 0190, GPIODATA).
        if let Some(mut relay) = field!(gpio, data).get(1 << RELAY_PIN) {
            relay.write(0);
        }
    }

    fn quiesce(_partition: PartitionId) {
        for n in 0..VIRTIO_COUNT {
            let mut transport = registers::<Virtio>(VIRTIO + n * VIRTIO_STRIDE);
            // 0 resets the device: it forgets its queues, and is done when it reads 0 (virtio 1.2, 2.4). This is a
            // thread, so a long wait delays nobody but the rich side; a device that never says so is left behind.
            field!(transport, status).write(0);
            for _ in 0..1_000_000 {
                if field!(transport, status).read() == 0 {
                    break;
                }
            }
        }
    }
}
