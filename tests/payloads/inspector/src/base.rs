//! Base: version, implementation, and which extensions there are.

use crate::Checks;
use crate::calls::{BASE, DBCN, HSM, IPI, RFENCE, SRST, TIME, call};

const OFFERED: [u64; 7] = [BASE, TIME, IPI, RFENCE, HSM, SRST, DBCN];
/// Legacy console; SUSP, NACL, PMU, STA, CPPC; SSE, FWFT, DBTR, MPXY.
const ABSENT: [u64; 10] = [
    1,
    0x5355_5350,
    0x4e41_434c,
    0x0050_4d55,
    0x0053_5441,
    0x4350_5043,
    0x0053_5345,
    0x4657_4654,
    0x4442_5452,
    0x4d50_5859,
];

pub(crate) fn check(checks: &mut Checks) {
    let base = |function, argument| call((BASE, function), &[argument]);
    checks.expect("version", base(0, 0) == (0, 0x0200_0000));
    checks.expect("implementation", base(1, 0) == (0, 0x46_444d));
    let (error, version) = base(2, 0);
    checks.expect("its version", error == 0 && version > 0);
    let is_offered = |id: &u64| base(3, *id) == (0, 1);
    checks.expect("extensions", OFFERED.iter().all(is_offered));
    let is_absent = |id: &u64| base(3, *id) == (0, 0) && call((*id, 0), &[]).0 == -2;
    checks.expect("absent extensions", ABSENT.iter().all(is_absent));
    for (what, function) in [("vendor", 4), ("architecture", 5), ("processor", 6)] {
        checks.expect(what, base(function, 0).0 == 0);
    }
}
