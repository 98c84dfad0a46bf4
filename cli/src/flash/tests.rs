use super::*;

/// A minimal 64-bit little-endian ELF file with these loadable segments.
fn elf(entry: u64, segments: &[(u64, &[u8])]) -> Vec<u8> {
    let mut file = vec![0; 64];
    file[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    file[16] = 2; // ET_EXEC
    file[18] = 183; // EM_AARCH64
    file[20] = 1;
    file[24..32].copy_from_slice(&entry.to_le_bytes());
    file[32] = 64; // e_phoff
    file[52] = 64; // e_ehsize
    file[54] = 56; // e_phentsize
    file[56] = segments.len() as u8;
    let mut offset = 64 + 56 * segments.len() as u64;
    for (address, data) in segments {
        let len = data.len() as u64;
        // Linked to run elsewhere, and with 16 bytes of .bss: neither may show.
        let words = [offset, 0x1000_0000, *address, len, len + 16, 1];
        file.extend([1, 0, 0, 0, 7, 0, 0, 0]);
        file.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        offset += len;
    }
    for (_, data) in segments {
        file.extend_from_slice(data);
    }
    file
}

fn piece(partition: u32, bytes: &[u8], destination: u64, start: Option<Start>) -> Piece {
    Piece {
        partition,
        bytes: bytes.to_vec(),
        destination,
        start,
        constant: Vec::new(),
    }
}

const TABLE: u64 = 0x10_0000;
const FLASH: Flash = Flash {
    start: 0,
    rounds: None,
    size: 0x400_0000,
    table: TABLE,
};

fn small(size: u64) -> Flash {
    Flash { size, ..FLASH }
}

#[test]
fn the_monitor_finds_what_was_composed() {
    let start = Start {
        entry: 0x4020_0040,
        argument: 0x4f00_0000,
    };
    let pieces = [
        piece(0, b"cluster", 0x0e10_0000, None),
        piece(1, &[7; 0x1_0001], 0x4020_0000, Some(start)),
        piece(1, b"tree", 0x4f00_0000, None),
    ];
    let monitor = elf(0, &[(0, b"text"), (8, b"data")]);
    let flash = compose(&monitor, &pieces, FLASH).unwrap();
    assert_eq!(&flash[..12], b"text\0\0\0\0data");

    let table = &flash[TABLE as usize..];
    assert_eq!(table[..16], *b"CFDI\x01\0\0\0\x03\0\0\0\0\0\0\0");
    let entries = &table[HEADER_BYTES..][..3 * ENTRY_BYTES];
    assert_eq!(table[16..48], Sha256::digest(entries)[..]);
    for (number, piece) in pieces.iter().enumerate() {
        let bytes = entries[number * ENTRY_BYTES..].first_chunk().unwrap();
        let entry = Entry::decode(bytes);
        let image = &flash[entry.source as usize..][..entry.size as usize];
        assert_eq!(image, piece.bytes);
        assert_eq!(entry.source % ALIGNMENT, 0);
        assert_eq!(entry.digest, Sha256::digest(image)[..]);
        assert_eq!(
            (entry.partition, entry.destination),
            (piece.partition, piece.destination)
        );
        assert_eq!(entry.flags & FLAG_ENTRY != 0, piece.start.is_some());
    }
    let linux = Entry::decode(entries[ENTRY_BYTES..].first_chunk().unwrap());
    assert_eq!((linux.entry, linux.argument), (start.entry, start.argument));
}

#[test]
fn a_monitor_in_the_wrong_place_is_refused() {
    let late = elf(0x40, &[(0x40, b"text")]);
    assert!(matches!(
        compose(&late, &[], FLASH),
        Err(Error::Monitor {
            start: 0x40,
            end: 0x44,
            ..
        })
    ));
    let large = elf(0, &[(0, &vec![1; TABLE as usize + 1])]);
    assert!(matches!(
        compose(&large, &[], FLASH),
        Err(Error::Monitor { .. })
    ));
    let exact = elf(0, &[(0, &vec![1; TABLE as usize])]);
    assert!(compose(&exact, &[], FLASH).is_ok());
}

#[test]
fn what_does_not_fit_is_refused() {
    let monitor = elf(0, &[(0, b"text")]);
    let one = piece(0, &[1; 0x1_0000], 0x4000_0000, None);
    let room = TABLE + 2 * ALIGNMENT;
    assert!(compose(&monitor, std::slice::from_ref(&one), small(room)).is_ok());
    assert!(matches!(
        compose(&monitor, std::slice::from_ref(&one), small(room - 1)),
        Err(Error::Full { needed, .. }) if needed == room
    ));
    let unaligned = piece(3, b"x", 0x4000_0020, None);
    assert!(matches!(
        compose(&monitor, &[unaligned], FLASH),
        Err(Error::Unaligned {
            partition: 3,
            destination: 0x4000_0020
        })
    ));
    let many = vec![piece(0, b"x", 0, None); MAX_ENTRIES + 1];
    assert!(matches!(
        compose(&monitor, &many, FLASH),
        Err(Error::TooMany(33))
    ));
    assert!(compose(&monitor, &many[1..], FLASH).is_ok());
}

#[test]
fn an_elf_file_is_flattened_by_physical_address() {
    let file = elf(
        0x1000_0000,
        &[(0x0e10_0050, b"late"), (0x0e10_0044, b"early")],
    );
    let flat = elf::flatten("cluster", &file, 64).unwrap();
    assert_eq!((flat.start, flat.entry), (0x0e10_0040, 0x1000_0000));
    assert_eq!(flat.bytes, b"\0\0\0\0early\0\0\0\0\0\0\0late");
}

#[test]
fn a_broken_elf_file_is_refused_by_name() {
    let refused = |file: &[u8]| elf::flatten("cluster", file, 64).unwrap_err().to_string();
    assert!(refused(b"#!/bin/sh").starts_with("cluster: "));
    assert!(refused(&elf(0, &[])).contains("nothing to load"));
    assert!(refused(&elf(0, &[(0, b"abcd"), (2, b"ef")])).contains("overlap at 0x2"));
    let far = elf(0, &[(0, b"a"), (1 << 40, b"b")]);
    assert!(refused(&far).contains("out of reach"));
    let cut = elf(0, &[(0, b"abcd")]);
    assert!(refused(&cut[..cut.len() - 1]).contains("outside the file"));
}

/// The entries of the table of digests: address, size, owner, digest.
fn digests(flash: &[u8]) -> Vec<(u64, u32, u32, u32)> {
    let table = &flash[(TABLE + table::OFFSET) as usize..];
    let word = |at: usize| u32::from_le_bytes(*table[at..].first_chunk().unwrap());
    assert_eq!((word(0), word(4)), (table::MAGIC, table::VERSION));
    let bytes = word(8) as usize * table::ENTRY_BYTES;
    let entries = &table[table::HEADER_BYTES..][..bytes];
    assert_eq!(word(12), table::crc32c(entries));
    let at = |n| table::HEADER_BYTES + n * table::ENTRY_BYTES;
    let address = |n: usize| u64::from(word(at(n))) | u64::from(word(at(n) + 4)) << 32;
    let entry = |n| {
        (
            address(n),
            word(at(n) + 8),
            word(at(n) + 12),
            word(at(n) + 16),
        )
    };
    (0..word(8) as usize).map(entry).collect()
}

#[test]
fn what_must_not_change_has_its_digests() {
    let start = Some(Start {
        entry: 0x0e10_0000,
        argument: 0,
    });
    let mut cluster = piece(0, &[7; 0x2010], 0x0e10_0000, start);
    // 4 KiB, a piece of 8 bytes, and 4 bytes that share their word with what may change.
    cluster.constant.push(0x0e10_0000..0x0e10_100c);
    let rounds = Rounds {
        period: 1_000_000,
        gap: None,
        others: 10,
    };
    let flash = Flash {
        start: 0x100_0000,
        rounds: Some(rounds),
        ..FLASH
    };
    let monitor = elf(0, &[(0x100_0000, &[1; 12]), (0x100_0800, &[2; 8])]);
    let contents = compose(&monitor, &[cluster], flash).unwrap();
    let crc = table::crc32c;
    let image_table = &contents[TABLE as usize..][..HEADER_BYTES + ENTRY_BYTES];
    let expected = [
        // The last word of the text is filled up.
        (0x100_0000, 16, table::MONITOR, crc(&contents[..16])),
        (0x100_0800, 8, table::MONITOR, crc(&[2; 8])),
        (0x110_0000, 128, table::MONITOR, crc(image_table)),
        (0x0e10_0000, 4096, 0, crc(&[7; 4096])),
        (0x0e10_1000, 8, 0, crc(&[7; 8])),
    ];
    assert_eq!(digests(&contents), expected);
}

#[test]
fn a_period_that_is_too_short_for_all_steps_is_refused() {
    let monitor = elf(0, &[(0, b"textdata")]);
    let with = |period| {
        let rounds = Rounds {
            period,
            gap: Some(1000),
            others: 10,
        };
        let rounds = Some(rounds);
        compose(&monitor, &[], Flash { rounds, ..FLASH })
    };
    // Ten, the monitor's one and the image table.
    with(13_000).unwrap();
    let refused = with(12_999).unwrap_err().to_string();
    assert!(refused.contains("12 steps"), "{refused}");
    assert!(refused.contains("13000 ns at least"), "{refused}");
}
