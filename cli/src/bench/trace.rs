//! The emulator's log of executed instructions, as a stream.
//!
//! With one instruction to a translation block and blocks not chained, `-d exec` writes one line before each
//! instruction: the core, and the address in the third field of the brackets. A line is taken back if
//! the emulator then says that the block did not run: an interrupt came first, or it starts over because
//! the instruction reaches a device.

use std::io::{self, BufRead};

/// An executed instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The core.
    pub core: usize,
    /// The address.
    pub pc: u64,
}

/// The instructions in a log.
#[derive(Debug)]
pub struct Steps<R> {
    log: R,
    line: Vec<u8>,
    /// Taken back by the next line, or not.
    pending: Option<Step>,
}

impl<R: BufRead> Steps<R> {
    /// Reads a log.
    pub fn new(log: R) -> Self {
        Self {
            log,
            line: Vec::new(),
            pending: None,
        }
    }
}

impl<R: BufRead> Iterator for Steps<R> {
    type Item = io::Result<Step>;

    fn next(&mut self) -> Option<io::Result<Step>> {
        loop {
            self.line.clear();
            match self.log.read_until(b'\n', &mut self.line) {
                Ok(0) => return self.pending.take().map(Ok),
                Ok(_) => {}
                Err(error) => return Some(Err(error)),
            }
            match parse(&self.line) {
                Line::Step(step) => {
                    if let Some(before) = self.pending.replace(step) {
                        return Some(Ok(before));
                    }
                }
                Line::Undone => self.pending = None,
                Line::Other => {}
            }
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Line {
    Step(Step),
    Undone,
    Other,
}

/// `Trace CORE: HOST [CS_BASE/PC/FLAGS/CFLAGS] SYMBOL`
fn parse(line: &[u8]) -> Line {
    if line.starts_with(b"cpu_io_recompile") || line.starts_with(b"Stopped execution") {
        return Line::Undone;
    }
    step(line).map_or(Line::Other, Line::Step)
}

fn step(line: &[u8]) -> Option<Step> {
    let rest = line.strip_prefix(b"Trace ")?;
    let colon = rest.iter().position(|byte| *byte == b':')?;
    let core = number(rest.get(..colon)?, 10)?;
    let bracket = rest.iter().position(|byte| *byte == b'[')?;
    let mut fields = rest.get(bracket + 1..)?.split(|byte| *byte == b'/');
    let pc = number(fields.nth(1)?, 16)?;
    Some(Step {
        core: usize::try_from(core).ok()?,
        pc,
    })
}

fn number(digits: &[u8], radix: u32) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    let mut number = 0_u64;
    for digit in digits {
        let digit = char::from(*digit).to_digit(radix)?;
        number = number
            .checked_mul(u64::from(radix))?
            .checked_add(u64::from(digit))?;
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_4: &str =
        "Trace 0: 0x7fddf8000280 [0000000000000000/0000000000000004/00000071/ff020201] \n";
    const AT_F8: &str =
        "Trace 1: 0x7fddf8000280 [0000000000000000/00000000000000f8/00000071/ff020201] _start\n";

    fn steps(log: &str) -> Vec<(usize, u64)> {
        let steps = Steps::new(log.as_bytes()).map(Result::unwrap);
        steps.map(|step| (step.core, step.pc)).collect()
    }

    #[test]
    fn each_line_is_an_instruction_of_a_core() {
        assert_eq!(steps(&format!("{AT_4}{AT_F8}")), [(0, 4), (1, 0xf8)]);
    }

    #[test]
    fn a_block_that_did_not_run_does_not_count() {
        let redone = "cpu_io_recompile: rewound execution of TB to 0000000000000004\n";
        assert_eq!(steps(&format!("{AT_4}{redone}{AT_4}")), [(0, 4)]);
        let stopped = "Stopped execution of TB chain before 0x7fddf8000280 [00f8] _start\n";
        assert_eq!(steps(&format!("{AT_4}{AT_F8}{stopped}")), [(0, 4)]);
    }

    #[test]
    fn what_is_no_instruction_is_passed_over() {
        assert_eq!(
            steps("hello\nTrace 0\nTrace 0: 0x1 [0/zz/0/0]\nTrace : x [0/1/0/0]\n"),
            []
        );
        // The emulator was killed in the middle of a line.
        assert_eq!(steps(&format!("{AT_4}Trace 0: 0x7fd")), [(0, 4)]);
    }
}
