//! DBCN: text and input of its own memory.

use crate::Checks;
use crate::calls::{DBCN, call};

static TEXT: [u8; 300] = [b'.'; 300];

pub(crate) fn check(checks: &mut Checks) {
    let at = TEXT.as_ptr().addr() as u64;
    let write = |bytes: u64| call((DBCN, 0), &[bytes, at]);
    checks.expect("a byte", write(1) == (0, 1));
    checks.expect("no bytes", write(0) == (0, 0));
    let (error, written) = write(300);
    checks.expect("part of a text", error == 0 && (1..=300).contains(&written));
    checks.expect("no bytes of nowhere", call((DBCN, 0), &[]) == (0, 0));
    checks.expect("byte by value", call((DBCN, 2), &[0xffff_ff0a]) == (0, 0));
    let input = [0x5a_u8; 16];
    let at = input.as_ptr().expose_provenance() as u64;
    let read = call((DBCN, 1), &[16, at]) == (0, 0);
    checks.expect(
        "no input",
        read && core::hint::black_box(&input) == &[0x5a; 16],
    );
}
