//! Shared memory, with guards on either side.

use super::*;

/// Memory with a guard of words on either side.
fn with_guards(check: impl FnOnce(Shared)) {
    let mut words = [0x5a5a_5a5a_5a5a_5a5au64; 12];
    let inside = &raw mut words[2..10];
    let base = NonNull::new(inside.cast::<u64>()).expect("an array");
    // SAFETY: the array lives to the end, and is not used before.
    let shared = unsafe { Shared::new(base, 64) }.expect("aligned");
    check(shared);
    assert_eq!([words[0], words[1]], [0x5a5a_5a5a_5a5a_5a5a; 2]);
    assert_eq!([words[10], words[11]], [0x5a5a_5a5a_5a5a_5a5a; 2]);
}

#[test]
fn frames_of_every_length_survive() {
    with_guards(|shared| {
        for length in 0..=48 {
            let frame: Vec<u8> = (1..=length).collect();
            shared.copy_in(16, &frame);
            let mut back = vec![0; frame.len()];
            shared.copy_out(16, &mut back);
            assert_eq!(back, frame);
        }
        let mut tail = [1; 8];
        shared.copy_in(16, &[7]);
        shared.copy_out(16, &mut tail);
        assert_eq!(tail, [7, 0, 0, 0, 0, 0, 0, 0], "padded with zeros");
    });
}

#[test]
fn words_are_little_endian() {
    with_guards(|shared| {
        shared.store(60, 0x0403_0201);
        let mut bytes = [0; 8];
        shared.copy_out(56, &mut bytes);
        assert_eq!(bytes[4..], [1, 2, 3, 4]);
        assert_eq!(shared.load(60), 0x0403_0201);
    });
}

#[test]
fn a_word_outside_is_not_touched() {
    with_guards(|shared| {
        for at in [64, 62, 1, usize::MAX, usize::MAX - 3] {
            shared.store(at, 0);
            assert_eq!(shared.load(at), 0);
        }
    });
}

#[test]
fn a_frame_outside_is_not_touched() {
    with_guards(|shared| {
        for (at, length) in [(64, 1), (56, 9), (4, 8), (usize::MAX - 7, 8)] {
            shared.copy_in(at, &vec![1; length]);
            let mut to = vec![2; length];
            shared.copy_out(at, &mut to);
            assert_eq!(to, vec![2; length]);
        }
    });
}

#[test]
fn memory_that_is_not_aligned_is_refused() {
    let mut words = [0u64; 2];
    let base = NonNull::from(&mut words).cast::<u64>();
    let base = NonNull::new(base.as_ptr().wrapping_byte_add(4)).expect("not null");
    // SAFETY: nothing is accessed.
    assert!(unsafe { Shared::new(base, 8) }.is_none());
}
