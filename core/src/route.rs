//! Cross calls: who takes a call, where its end goes, what a wait in it means.
//!
//! These are the decisions that the vectors of `arch` take by themselves, in a few instructions, when the answer is
//! the usual one. Whatever they pass on is decided here; a payload holds the vectors against these functions on the target
//! (`call-paths` in `tests/attacker`), so that both always agree.

use cofferdam_abi::call::is_cross_call;

/// Whether the critical partition of a core takes cross calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handler {
    /// There is none.
    None,
    /// There is one, which may not run now: the partition has spent its budget.
    Suspended,
    /// It runs at once.
    Ready,
}

impl Handler {
    /// `registered`: where the partition takes calls; `entered`: where the vectors enter now; 0 is nowhere.
    pub const fn of(registered: u64, entered: u64) -> Self {
        match (registered, entered) {
            (0, _) => Self::None,
            (_, 0) => Self::Suspended,
            _ => Self::Ready,
        }
    }
}

/// What becomes of a call of the rich partition to the critical one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The handler is entered.
    Entered,
    /// It is refused for now.
    Busy,
    /// Nobody takes it.
    Unknown,
}

/// Decides a call of the rich partition; none if it is not a cross call.
pub const fn call(id: u32, handler: Handler) -> Option<Taken> {
    if !is_cross_call(id) {
        return None;
    }
    Some(match handler {
        Handler::None => Taken::Unknown,
        Handler::Suspended => Taken::Busy,
        Handler::Ready => Taken::Entered,
    })
}

/// The cross call on a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum UnderWay {
    /// None.
    None = 0,
    /// The rich slot waits for its answer.
    Called = 1,
    /// The caller is gone.
    Orphaned = 2,
}

impl UnderWay {
    /// Reads the word that the vectors keep: they write no other values.
    pub const fn of(word: u64) -> Self {
        match word {
            0 => Self::None,
            1 => Self::Called,
            _ => Self::Orphaned,
        }
    }
}

/// What becomes of the answer when the critical partition says that a call is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The caller gets it and goes on.
    Delivered,
    /// Nobody gets it; the critical partition goes on in the wait that the call came into.
    Dropped,
    /// There was no call.
    Refused,
}

/// Decides the end of a call.
pub const fn done(call: UnderWay) -> Answer {
    match call {
        UnderWay::None => Answer::Refused,
        UnderWay::Called => Answer::Delivered,
        UnderWay::Orphaned => Answer::Dropped,
    }
}

/// Whether the core goes to the rich slot when the critical partition waits for an interrupt: not in a call, whose
/// caller waits for it.
pub const fn yields(call: UnderWay) -> bool {
    matches!(call, UnderWay::None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_without_a_handler_is_no_busy_one() {
        for (registered, entered, expected) in [
            (0, 0, Handler::None),
            (0, 4, Handler::None),
            (4, 0, Handler::Suspended),
            (4, 4, Handler::Ready),
        ] {
            assert_eq!(Handler::of(registered, entered), expected);
        }
        assert_eq!(call(0xF200_0000, Handler::None), Some(Taken::Unknown));
        assert_eq!(call(0xF200_0000, Handler::Suspended), Some(Taken::Busy));
        assert_eq!(call(0xF200_0000, Handler::Ready), Some(Taken::Entered));
    }

    #[test]
    fn calls_to_the_monitor_never_go_to_a_partition() {
        for id in [
            0,
            0x8400_0000,
            0xC700_0003,
            0x8200_3D06,
            0xEF00_0000,
            0x7200_0000,
        ] {
            assert_eq!(call(id, Handler::Ready), None, "{id:#x}");
        }
    }

    #[test]
    fn an_answer_goes_to_a_caller_that_is_there() {
        for call in [UnderWay::None, UnderWay::Called, UnderWay::Orphaned] {
            assert_eq!(UnderWay::of(call as u64), call);
        }
        assert_eq!(done(UnderWay::None), Answer::Refused);
        assert_eq!(done(UnderWay::Called), Answer::Delivered);
        assert_eq!(done(UnderWay::Orphaned), Answer::Dropped);
        assert!(yields(UnderWay::None) && !yields(UnderWay::Called));
    }
}
