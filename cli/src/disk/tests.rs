use super::*;

const MIB: u64 = 1 << 20;

/// An image of this many bytes with things written into it.
fn image(size: u64, written: &[(u64, &[u8])]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(size).unwrap();
    for (place, bytes) in written {
        file.as_file().write_all_at(bytes, *place).unwrap();
    }
    file
}

/// A superblock of a file system with this many blocks of 4 KiB.
fn superblock(blocks: u64) -> Vec<u8> {
    let mut bytes = vec![0; 1024];
    bytes[0x04..0x08].copy_from_slice(&(blocks as u32).to_le_bytes());
    bytes[0x18] = 2;
    bytes[0x38..0x3A].copy_from_slice(&[0x53, 0xEF]);
    bytes[0x60] = 0x80;
    bytes[0x150..0x154].copy_from_slice(&((blocks >> 32) as u32).to_le_bytes());
    bytes
}

fn mbr(kind: u8, sector: u32) -> Vec<u8> {
    let mut bytes = vec![0; 512];
    bytes[446 + 4] = kind;
    bytes[446 + 8..446 + 12].copy_from_slice(&sector.to_le_bytes());
    bytes[510..].copy_from_slice(&[0x55, 0xAA]);
    bytes
}

fn refused(file: &tempfile::NamedTempFile) -> String {
    Disk::open(file.path()).unwrap_err().to_string()
}

#[test]
fn a_file_system_that_fills_the_image_is_taken() {
    let file = image(MIB, &[(1024, &superblock(256))]);
    let options = Disk::open(file.path()).unwrap().options().join(" ");
    let name = file.path().display();
    assert!(
        options.contains(&format!("file={name},format=raw")),
        "{options}"
    );
}

#[test]
fn a_file_system_in_a_partition_is_found() {
    let table = mbr(0x83, 2048);
    let inside = (MIB + 1024, &superblock(256)[..]);
    assert!(Disk::open(image(2 * MIB, &[(0, &table), inside]).path()).is_ok());

    let (mut header, mut entry) = (vec![0; 512], vec![0; 128]);
    header[..8].copy_from_slice(b"EFI PART");
    header[72] = 2;
    header[80] = 4;
    header[84] = 128;
    entry[0] = 1;
    entry[32..34].copy_from_slice(&2048u16.to_le_bytes());
    let table = mbr(0xEE, 1);
    let (header, entry) = ((512, &header[..]), (1024 + 128, &entry[..]));
    assert!(Disk::open(image(2 * MIB, &[(0, &table), header, entry, inside]).path()).is_ok());
    assert!(refused(&image(2 * MIB, &[(0, &table), header, inside])).contains("holds no"));
}

#[test]
fn the_last_byte_of_a_file_system_must_be_there() {
    let written = [(1024, &superblock(256)[..])];
    let message = refused(&image(MIB - 1, &written));
    assert!(message.contains("too small"), "{message}");
    assert!(
        message.contains("1048575") && message.contains("1048576"),
        "{message}"
    );
    // The upper half counts too.
    let message = refused(&image(MIB, &[(1024, &superblock(1 << 32))]));
    assert!(message.contains("too small"), "{message}");
}

#[test]
fn what_linux_could_not_start_from_is_refused_with_the_cure() {
    let missing = Disk::open(Path::new("/nowhere/disk.img")).unwrap_err();
    assert!(missing.to_string().contains("cofferdam disk"), "{missing}");
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Disk::open(folder.path()), Err(Error::NotAFile(_))));
    for size in [0, 511, MIB] {
        let message = refused(&image(size, &[]));
        assert!(message.contains("holds no ext2, ext3 or ext4"), "{message}");
    }
    let message = refused(&image(MIB, &[(0, b"QFI\xfb")]));
    assert!(message.contains("qemu-img convert"), "{message}");
}

#[test]
fn hostile_numbers_are_only_compared() {
    let mut far = superblock(u64::MAX);
    far[0x18] = 6;
    assert!(refused(&image(MIB, &[(1024, &far)])).contains("too small"));
    far[0x18] = 7;
    assert!(refused(&image(MIB, &[(1024, &far)])).contains("holds no"));
    let (header, table) = ([0xFF; 512], mbr(0xEE, 1));
    let named = (512, &b"EFI PART"[..]);
    assert!(refused(&image(MIB, &[(0, &table), (512, &header), named])).contains("holds no"));
    assert!(refused(&image(MIB, &[(0, &mbr(0x83, u32::MAX))])).contains("holds no"));
}

#[test]
fn a_comma_in_a_name_does_not_end_it() {
    let disk = Disk {
        path: "a,b.img".into(),
    };
    assert!(disk.options()[1].starts_with("file=a,,b.img,format"));
}
