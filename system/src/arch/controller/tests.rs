//! What a controller says of itself.

use super::*;
use crate::source::Sources;

fn place() -> Place {
    Place::start_of(Sources::default().add("board.yaml".into(), String::new()))
}

#[test]
fn files_side_by_side_are_one_region() {
    let pages = |start, count| Region::from_raw(start, count * PAGE).unwrap();
    let board = Controller::Aplic {
        root: pages(0x0c00_0000, 8),
        domain: pages(0x0d00_0000, 8),
        sources: 96,
        machine_files: pages(0x2400_0000, 5),
        files: pages(0x2800_0000, 5),
        identities: 255,
        clint: pages(0x0200_0000, 16),
        timebase: 1,
    };
    let files = |cores: &[usize]| board.files_of(cores.iter().copied());
    assert_eq!(files(&[1, 0]), [pages(0x2800_0000, 2)]);
    let apart = [pages(0x2800_0000, 1), pages(0x2800_2000, 2)];
    assert_eq!(files(&[3, 0, 2]), apart);
    assert_eq!(files(&[]), []);
    assert_eq!(files(&[usize::MAX]), []);
}

#[test]
fn files_are_found_by_an_index_in_the_lower_bits() {
    let found = |value, cores| {
        let mut mistakes = Mistakes::default();
        let at = At {
            place: place(),
            value,
        };
        let region = file_pages(at, cores, &mut mistakes);
        region.filter(|_| mistakes.is_empty())
    };
    assert!(found(0x2800_4000, 3).is_some());
    assert!(
        found(0x2800_2000, 3).is_none(),
        "the third would be the first"
    );
    assert!(found(0x2800_2000, 2).is_some());
    assert!(found(!0x3fff, 3).is_some());
}
