//! What an endpoint counts.

/// What the other end did that no honest one does. The numbers are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Violation {
    /// Its section is not one of this layout and geometry. Quarantine.
    Header = 0,
    /// It says that it sent more frames than there are slots, or less than were taken. Quarantine.
    Sent = 1,
    /// It says that it took more frames than were sent, or less than before. Quarantine.
    Taken = 2,
    /// A frame is empty or longer than a slot. The frame is dropped, as below.
    Length = 3,
    /// Flags that the build does not have.
    Flags = 4,
    /// A slot has another frame's number.
    Sequence = 5,
    /// A slot is of another epoch.
    Epoch = 6,
    /// The checksum is not that of the frame.
    Checksum = 7,
    /// The tag is not that of the frame, its place and its sender.
    Tag = 8,
}

impl Violation {
    /// All of them, by number.
    pub const ALL: [Self; 9] = [
        Self::Header,
        Self::Sent,
        Self::Taken,
        Self::Length,
        Self::Flags,
        Self::Sequence,
        Self::Epoch,
        Self::Checksum,
        Self::Tag,
    ];
}

/// Counts since the endpoint was made; they stop at their end, and do not wrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Frames sent.
    pub sent: u64,
    /// Frames received.
    pub received: u64,
    /// Frames not sent because the ring was full.
    pub full: u64,
    /// Frames not sent because the link was not up.
    pub down: u64,
    /// Frames sent that were perhaps not taken when an epoch ended.
    pub abandoned: u64,
    /// Doorbells that were to be rung.
    pub doorbells: u64,
    /// Violations of the other end, by [`Violation`].
    pub violations: [u64; Violation::ALL.len()],
}

impl Counters {
    pub(super) fn add(counter: &mut u64, more: u32) {
        *counter = counter.saturating_add(u64::from(more));
    }

    #[cold]
    #[inline(never)]
    pub(super) fn violation(&mut self, violation: Violation) {
        if let Some(counter) = self.violations.get_mut(violation as usize) {
            Self::add(counter, 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_violation_has_its_counter() {
        for (number, violation) in Violation::ALL.into_iter().enumerate() {
            let mut counters = Counters::default();
            counters.violation(violation);
            assert_eq!(counters.violations[number], 1);
            assert_eq!(counters.violations.iter().sum::<u64>(), 1);
        }
    }
}
