//! Devices that write memory on their own: a virtio entropy device (virtio 1.2, 4.2 and 5.4), and the
//! emulator's configuration device with its DMA interface.

use crate::direct::SCRATCH;
use crate::journal::Journal;
use crate::monitor::{Outcome, succeeded};
use crate::probe::{read, write};

const TRANSPORTS: u64 = 0x0a00_0000;
const STRIDE: u64 = 0x200;
const COUNT: u64 = 32;
const ENTROPY: u32 = 4;

const QUEUE: u64 = SCRATCH + 0x20_0000;
const AVAILABLE: u64 = QUEUE + 0x1000;
const USED: u64 = QUEUE + 0x2000;
const BUFFERS: u64 = QUEUE + 0x10_0000;
const ENTRIES: u64 = 64;
const BUFFER: u64 = 0x1000;
const MARK: u32 = 0x600d_600d;

/// The registers of the first entropy device.
pub fn entropy_device() -> Option<u64> {
    (0..COUNT)
        .map(|n| TRANSPORTS + n * STRIDE)
        .find(|at| read(at + 8) == Some(ENTROPY))
}

fn write_wide(address: u64, value: u64) {
    let [low, high] = [value & 0xffff_ffff, value >> 32].map(|half| half as u32);
    write(address, low);
    write(address + 4, high);
}

/// Sets the queue up, in the modern or the legacy form, with all its buffers for the device to fill.
pub fn offer_buffers(device: u64) {
    let modern = read(device + 4) == Some(2);
    write(device + 0x70, 0);
    write(device + 0x70, 0b11); // ACKNOWLEDGE, DRIVER
    if modern {
        write(device + 0x24, 1);
        write(device + 0x20, 1); // VIRTIO_F_VERSION_1
        write(device + 0x70, 0b1011); // FEATURES_OK
    } else {
        write(device + 0x28, 0x1000); // guest page size
    }
    write(device + 0x30, 0);
    write(device + 0x38, ENTRIES as u32);
    for n in 0..ENTRIES {
        write_wide(QUEUE + 16 * n, BUFFERS + n * BUFFER);
        write(QUEUE + 16 * n + 8, BUFFER as u32);
        write(QUEUE + 16 * n + 12, 2); // VIRTQ_DESC_F_WRITE
    }
    for n in (0..ENTRIES).step_by(2) {
        // Two entries of the ring a word, behind flags and index.
        write(AVAILABLE + 4 + 2 * n, (n | (n + 1) << 16) as u32);
    }
    write(AVAILABLE, 0);
    if modern {
        write_wide(device + 0x80, QUEUE);
        write_wide(device + 0x90, AVAILABLE);
        write_wide(device + 0xa0, USED);
        write(device + 0x44, 1);
        write(device + 0x70, 0b1111);
    } else {
        // Descriptors, available and used ring lie as AVAILABLE and USED say.
        write(device + 0x3c, 0x1000);
        write(device + 0x40, (QUEUE / 0x1000) as u32);
        write(device + 0x70, 0b111);
    }
    // Not before the device runs: it would be asked twice, and QEMU's limits the rate of one request at a time only.
    write(AVAILABLE, (ENTRIES as u32) << 16);
    write(device + 0x50, 0);
}

/// The first word of each buffer, the one that the device fills first. The whole buffers would take longer to mark
/// than the device takes to use them up.
fn first_words() -> impl Iterator<Item = u64> {
    (0..ENTRIES).map(|n| BUFFERS + n * BUFFER)
}

/// Writes a pattern into every buffer.
pub fn mark_buffers() {
    for at in first_words() {
        write(at, MARK);
    }
}

/// The first buffer that does not hold the pattern any more.
pub fn changed_buffer() -> Option<u64> {
    first_words().find(|at| read(*at) != Some(MARK))
}

/// The configuration device copies its signature where it is told: into Secure memory? That it can copy at all is
/// seen first.
pub fn into_secure(_: &mut Journal) -> Outcome {
    if !signature_to(SCRATCH + 0x8000)
        || read(SCRATCH + 0x8000) != Some(u32::from_le_bytes(*b"QEMU"))
    {
        return succeeded(
            "the configuration device does not copy, so that nothing is shown",
            0,
        );
    }
    for address in [
        0,
        0x10_0000,
        0x0e00_0000,
        0x0e10_0000,
        0x0eff_f000,
        0x0904_0000,
        0x090b_0000,
    ] {
        if signature_to(address) {
            return succeeded("a device wrote Secure memory", address);
        }
    }
    Ok(())
}

/// Whether the device says that it copied its signature there.
fn signature_to(address: u64) -> bool {
    const DEVICE: u64 = 0x0902_0000;
    const REQUEST: u64 = SCRATCH + 0x9000;
    const ERROR: u32 = 1;
    // Item 0, SELECT and READ; four bytes; all of it big-endian.
    write(REQUEST, 0b1010_u32.to_be());
    write(REQUEST + 4, 4_u32.to_be());
    write_wide(REQUEST + 8, address.to_be());
    write(DEVICE + 16, 0);
    write(DEVICE + 20, (REQUEST as u32).to_be());
    read(REQUEST).is_some_and(|control| u32::from_be(control) & ERROR == 0)
}
