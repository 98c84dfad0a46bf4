//! Addresses, sizes and times as people write them, and only so that all readers agree.
//!
//! YAML 1.1 and 1.2 tools disagree on `010` (8 or 10), `22:33` (a sexagesimal integer) and
//! `0x4000_0000` (a number or a string). Each such spelling is refused with a code of its own, and
//! a size or a time without a unit is refused too: 4 may be bytes, pages or megabytes to a reader.

use std::time::Duration;

use crate::code::Code;

/// Why a text is no quantity, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct QuantityError {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) help: String,
}

fn refuse<T>(
    code: Code,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Result<T, QuantityError> {
    Err(QuantityError {
        code,
        message: message.into(),
        help: help.into(),
    })
}

/// How a quantity is written, for editors; what is here refuses more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// A regular expression.
    pub(crate) text: &'static str,
    /// Whether editors may take it for a number.
    pub(crate) number: bool,
}

impl Pattern {
    pub(crate) const NUMBER: Self = Self {
        text: "^(0x[0-9a-fA-F_]+|[0-9][0-9_]*)$",
        number: true,
    };
    pub(crate) const SIGNED: Self = Self {
        text: "^-?(0x[0-9a-fA-F_]+|[0-9][0-9_]*)$",
        number: true,
    };
    pub(crate) const TIME: Self = Self {
        text: "^[0-9][0-9_]* *(ns|us|ms|s)$",
        number: false,
    };
    pub(crate) const SIZE: Self = Self {
        text: "^[0-9][0-9_]* *([KMG]i)?B$",
        number: false,
    };
    pub(crate) const RATE: Self = Self {
        text: "^[0-9][0-9_]* */s$",
        number: false,
    };
    pub(crate) const DATA_RATE: Self = Self {
        text: "^[0-9][0-9_]* *([KMG]i)?B */s$",
        number: false,
    };
}

/// A plain number: `0x4000_0000`, `1_000`, `0`.
pub(crate) fn integer(text: &str) -> Result<u64, QuantityError> {
    if text.contains(':') && text.starts_with(|c: char| c.is_ascii_digit()) {
        return refuse(
            Code::NumberSexagesimal,
            format!("`{text}` is a number to base 60 in YAML 1.1"),
            "write one number, or quote it if it is a text",
        );
    }
    let (digits, radix) = match text.strip_prefix("0x") {
        Some(hex) => (hex, 16),
        None => (text, 10),
    };
    let clean: String = digits.chars().filter(|&c| c != '_').collect();
    let misplaced = digits.starts_with('_') || digits.ends_with('_') || digits.contains("__");
    if clean.is_empty() || misplaced || !clean.chars().all(|c| c.is_digit(radix)) {
        return refuse(
            Code::NumberInvalid,
            format!("`{text}` is not a number"),
            "write decimal digits, or hexadecimal ones after `0x`; `_` may stand between digits",
        );
    }
    if radix == 10 && clean.len() > 1 && clean.starts_with('0') {
        let value = clean.trim_start_matches('0');
        let value = if value.is_empty() { "0" } else { value };
        return refuse(
            Code::NumberLeadingZero,
            format!("`{text}` is octal to some YAML readers and decimal to others"),
            format!("write `{value}` if decimal was meant"),
        );
    }
    match u64::from_str_radix(&clean, radix) {
        Ok(number) => Ok(number),
        Err(_) => refuse(
            Code::NumberTooLarge,
            format!("`{text}` does not fit in 64 bits"),
            "write a number below 2^64",
        ),
    }
}

/// A plain number, with a sign if it is negative.
pub(crate) fn signed(text: &str) -> Result<i128, QuantityError> {
    match text.strip_prefix('-') {
        Some(digits) => integer(digits).map(|number| i128::from(number).saturating_neg()),
        None => integer(text).map(i128::from),
    }
}

/// Most events a second: the counter of a board has to tell them apart.
const FASTEST: u64 = 1_000_000;

/// `20/s`, as the time from one to the next. Never 0.
pub(crate) fn rate(text: &str) -> Result<Duration, QuantityError> {
    let Some(times) = text.strip_suffix("/s") else {
        return refuse(
            Code::RateInvalid,
            format!("`{text}` is not a rate"),
            "write how often a second at most, as in `20/s`",
        );
    };
    match integer(times.trim_end())? {
        0 => refuse(
            Code::QuantityZero,
            "a rate of 0",
            "give a rate above 0, or leave the key out",
        ),
        times @ 1..=FASTEST => {
            let nanoseconds = 1_000_000_000_u64.div_ceil(times);
            Ok(Duration::from_nanos(nanoseconds))
        }
        _ => refuse(
            Code::RateInvalid,
            format!("`{text}` is no limit"),
            format!("give at most {FASTEST}/s"),
        ),
    }
}

/// `2MiB/s`, as bytes a second. Never 0.
pub(crate) fn data_rate(text: &str) -> Result<u64, QuantityError> {
    match text.strip_suffix("/s") {
        Some(bytes) => size(bytes.trim_end()),
        None => refuse(
            Code::RateInvalid,
            format!("`{text}` is not so many bytes a second"),
            "write how much a second at most, as in `2MiB/s`",
        ),
    }
}

/// What a unit stands for.
struct Unit {
    name: &'static str,
    factor: u64,
}

const SIZES: [Unit; 4] = [
    Unit {
        name: "B",
        factor: 1,
    },
    Unit {
        name: "KiB",
        factor: 1 << 10,
    },
    Unit {
        name: "MiB",
        factor: 1 << 20,
    },
    Unit {
        name: "GiB",
        factor: 1 << 30,
    },
];

const TIMES: [Unit; 4] = [
    Unit {
        name: "ns",
        factor: 1,
    },
    Unit {
        name: "us",
        factor: 1_000,
    },
    Unit {
        name: "ms",
        factor: 1_000_000,
    },
    Unit {
        name: "s",
        factor: 1_000_000_000,
    },
];

/// Splits `4MiB` and multiplies, refusing what is ambiguous, zero or too large.
fn with_unit(text: &str, what: &str, units: &[Unit]) -> Result<u64, QuantityError> {
    let names = units.iter().map(|u| u.name).collect::<Vec<_>>().join(", ");
    // A hexadecimal number may end in letters that look like a unit (0x10B), so it takes none.
    let split = match text.strip_prefix("0x") {
        Some(_) => text.len(),
        None => text
            .find(|c: char| c.is_ascii_alphabetic())
            .unwrap_or(text.len()),
    };
    let (digits, unit) = text.split_at(split);
    let number = integer(digits.trim_end())?;
    if unit.is_empty() {
        let example = units.get(1).map_or("", |u| u.name);
        return refuse(
            Code::UnitMissing,
            format!("`{text}` has no unit"),
            format!("write the unit of the {what}, as in `{text}{example}`: one of {names}"),
        );
    }
    let Some(unit) = units.iter().find(|u| u.name == unit) else {
        return refuse(
            Code::UnitUnknown,
            format!("`{unit}` is not a unit of a {what}"),
            unit_help(unit, &names, units),
        );
    };
    if number == 0 {
        return refuse(
            Code::QuantityZero,
            format!("a {what} of 0"),
            format!("give a {what} above 0, or leave the key out"),
        );
    }
    match number.checked_mul(unit.factor) {
        Some(total) => Ok(total),
        None => refuse(
            Code::NumberTooLarge,
            format!("`{text}` does not fit in 64 bits"),
            format!("give a smaller {what}"),
        ),
    }
}

/// `MB` and `mib` are what people write when they mean `MiB`.
fn unit_help(written: &str, names: &str, units: &[Unit]) -> String {
    let letter = |text: &str| text.chars().next().map(|c| c.to_ascii_lowercase());
    let meant = units
        .iter()
        .find(|u| u.name.len() > 1 && letter(u.name) == letter(written));
    match meant {
        Some(unit) => format!("did you mean `{}`? The units are {names}", unit.name),
        None => format!("the units are {names}"),
    }
}

/// `4MiB`, in bytes. Never 0.
pub(crate) fn size(text: &str) -> Result<u64, QuantityError> {
    with_unit(text, "size", &SIZES)
}

/// `400us`. Never 0.
pub(crate) fn duration(text: &str) -> Result<Duration, QuantityError> {
    with_unit(text, "time", &TIMES).map(Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code<T: std::fmt::Debug>(result: Result<T, QuantityError>) -> Code {
        result.expect_err("refused").code
    }

    #[test]
    fn numbers() {
        assert_eq!(integer("0x4000_0000"), Ok(0x4000_0000));
        assert_eq!(integer("1_000"), Ok(1000));
        assert_eq!(integer("0"), Ok(0));
        assert_eq!(code(integer("010")), Code::NumberLeadingZero);
        assert_eq!(code(integer("00")), Code::NumberLeadingZero);
        assert_eq!(code(integer("22:33:44:55:11:10")), Code::NumberSexagesimal);
        assert_eq!(
            code(integer("0x1_0000_0000_0000_0000")),
            Code::NumberTooLarge
        );
        for bad in [
            "", "0x", "_1", "1_", "1__0", "1.5", "-1", "+1", "1e3", "0o17", "0X10", "x",
        ] {
            assert_eq!(code(integer(bad)), Code::NumberInvalid, "{bad}");
        }
    }

    #[test]
    fn sizes() {
        assert_eq!(size("4MiB"), Ok(4 << 20));
        assert_eq!(size("64 KiB"), Ok(64 << 10));
        assert_eq!(size("1_000B"), Ok(1000));
        assert_eq!(code(size("4")), Code::UnitMissing);
        assert_eq!(code(size("0x1000")), Code::UnitMissing);
        assert_eq!(code(size("4MB")), Code::UnitUnknown);
        assert!(size("4MB").expect_err("refused").help.contains("MiB"));
        assert_eq!(code(size("4ms")), Code::UnitUnknown);
        assert_eq!(code(size("010MiB")), Code::NumberLeadingZero);
        assert_eq!(code(size("0MiB")), Code::QuantityZero);
        assert_eq!(code(size("17179869184GiB")), Code::NumberTooLarge);
        assert_eq!(code(size("MiB")), Code::NumberInvalid);
    }

    #[test]
    fn times() {
        assert_eq!(duration("400us"), Ok(Duration::from_micros(400)));
        assert_eq!(duration("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(code(duration("5")), Code::UnitMissing);
        assert_eq!(code(duration("5min")), Code::UnitUnknown);
        assert_eq!(code(duration("1:30")), Code::NumberSexagesimal);
    }

    #[test]
    fn rates() {
        assert_eq!(rate("20/s"), Ok(Duration::from_millis(50)));
        assert_eq!(rate("1000000/s"), Ok(Duration::from_micros(1)));
        assert_eq!(code(rate("1000001/s")), Code::RateInvalid);
        assert_eq!(code(rate("20")), Code::RateInvalid);
        assert_eq!(code(rate("20/min")), Code::RateInvalid);
        assert_eq!(code(rate("0/s")), Code::QuantityZero);
    }

    #[test]
    fn signs() {
        assert_eq!(signed("-5"), Ok(-5));
        assert_eq!(signed("-0xffff_ffff_ffff_ffff"), Ok(-i128::from(u64::MAX)));
        assert_eq!(code(signed("--5")), Code::NumberInvalid);
        assert_eq!(code(signed("-05")), Code::NumberLeadingZero);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(number in any::<u64>()) {
            prop_assert_eq!(integer(&number.to_string()), Ok(number));
            prop_assert_eq!(integer(&format!("{number:#x}")), Ok(number));
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,12}") {
            let _ = (integer(&text), signed(&text), size(&text), duration(&text), rate(&text));
        }
    }
}
