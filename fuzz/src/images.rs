//! Files that are put into the flash: programs, kernels, and the table that the monitor finds them by.

use cofferdam_abi::image;
use cofferdam_cli::flash::elf::{flatten, symbol};
use cofferdam_cli::linux::{Header, place};
use cofferdam_core::region::Region;

/// Reads a file as each kind that there is. Answers whether it is one of them.
pub fn images(bytes: &[u8]) -> bool {
    let Some((alignment, file)) = bytes.split_first() else {
        return false;
    };
    let program = is_program(file, 1 << (alignment % 22));
    let kernel = is_kernel(file);
    is_table(file) || program || kernel
}

fn is_program(file: &[u8], alignment: u64) -> bool {
    let _address = symbol("it", file, "_start");
    let Ok(flat) = flatten("it", file, alignment) else {
        return false;
    };
    assert!(flat.start.is_multiple_of(alignment));
    let end = flat.start.saturating_add(flat.bytes.len() as u64);
    let inside = |at: &u64| (flat.start..=end).contains(at);
    let segments = flat.segments.iter();
    assert!(
        segments
            .flat_map(|it| [it.start, it.end])
            .all(|it| inside(&it))
    );
    true
}

fn is_kernel(file: &[u8]) -> bool {
    let ram = Region::from_raw(0x4000_0000, 0x4000_0000).expect("a region");
    let Ok(header) = Header::read(file) else {
        return false;
    };
    if let Ok(placed) = place(ram, header, file.len() as u64) {
        assert!(ram.contains(placed.kernel) && ram.contains(placed.device_tree));
        assert!(!placed.kernel.overlaps(placed.device_tree));
        let apart = |it: Region| ram.contains(it) && !it.overlaps(placed.kernel);
        assert!(placed.initrd.is_none_or(apart));
    }
    true
}

/// Its digest is not searched for: any is right here, as if who wrote the flash had computed it.
fn is_table(file: &[u8]) -> bool {
    let right = file.get(16..).and_then(|it| it.first_chunk()).copied();
    let Some(entries) = image::read(file, |_| right.unwrap_or_default()) else {
        return false;
    };
    assert!(entries.count() <= image::MAX_ENTRIES);
    true
}
