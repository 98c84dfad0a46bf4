use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

const CALLER: PartitionId = PartitionId(1);
const HANDLER: PartitionId = PartitionId(0);
const OTHER: PartitionId = PartitionId(2);
const OWNER: Owner = Owner {
    slot: 3,
    function: 0xc200_0005,
    caller: CALLER,
    handler: HANDLER,
    interrupt: None,
};

const fn all(word: u64) -> Words {
    [word; WORDS]
}

#[test]
fn a_request_is_answered_once() {
    let mut slot = Slot::NEW;
    let ticket = slot.submit(&OWNER, &all(1), 10).unwrap();
    assert_eq!(slot_of(ticket), 3);
    assert_eq!(slot.submit(&OWNER, &all(2), 11), Err(Error::Busy));
    assert_eq!(slot.poll(&OWNER, CALLER, ticket), Err(Error::Busy));
    assert_eq!(slot.waits_since(&OWNER, HANDLER), Some(10));
    assert_eq!(slot.take(&OWNER, HANDLER), Some((ticket, all(1))));
    assert_eq!(slot.take(&OWNER, HANDLER), None);
    assert_eq!(slot.poll(&OWNER, CALLER, ticket), Err(Error::Busy));
    let done = (Ok(()), &all(7));
    assert_eq!(slot.complete(&OWNER, HANDLER, ticket, done), Ok(()));
    let again = slot.complete(&OWNER, HANDLER, ticket, done);
    assert_eq!(again, Err(Error::Gone));
    assert_eq!(slot.poll(&OWNER, CALLER, ticket), Ok(all(7)));
    assert_eq!(slot.poll(&OWNER, CALLER, ticket), Err(Error::Gone));
}

#[test]
fn nobody_else_takes_completes_or_polls() {
    let mut slot = Slot::NEW;
    assert_eq!(slot.poll(&OWNER, CALLER, 3), Err(Error::Gone), "no request");
    let ticket = slot.submit(&OWNER, &all(1), 0).unwrap();
    assert_eq!(slot.take(&OWNER, OTHER), None);
    let done = (Ok(()), &all(7));
    let early = slot.complete(&OWNER, HANDLER, ticket, done);
    assert_eq!(early, Err(Error::Gone), "not taken");
    slot.take(&OWNER, HANDLER).unwrap();
    for by in [OTHER, CALLER] {
        let answer = slot.complete(&OWNER, by, ticket, done);
        assert_eq!(answer, Err(Error::Gone));
    }
    slot.complete(&OWNER, HANDLER, ticket, done).unwrap();
    for by in [OTHER, HANDLER] {
        assert_eq!(slot.poll(&OWNER, by, ticket), Err(Error::Gone));
    }
    assert_eq!(slot.poll(&OWNER, CALLER, ticket), Ok(all(7)));
}

#[test]
fn the_handlers_refusal_reaches_the_caller() {
    let mut slot = Slot::NEW;
    let ticket = slot.submit(&OWNER, &all(1), 0).unwrap();
    slot.take(&OWNER, HANDLER).unwrap();
    let refused = (Err(Error::Denied), &all(7));
    slot.complete(&OWNER, HANDLER, ticket, refused).unwrap();
    assert_eq!(slot.poll(&OWNER, CALLER, ticket), Err(Error::Denied));
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Submit,
    Take,
    /// With which of the tickets so far, or an invented one.
    Complete(usize, u64),
    Poll(usize, u64),
    CallerEnds,
    HandlerEnds,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Submit),
        4 => Just(Step::Take),
        4 => (0..9_usize, any::<u64>()).prop_map(|(n, other)| Step::Complete(n, other)),
        4 => (0..9_usize, any::<u64>()).prop_map(|(n, other)| Step::Poll(n, other)),
        1 => Just(Step::CallerEnds),
        1 => Just(Step::HandlerEnds),
    ]
}

/// What a request is worth: written as it is said, without the slot's own stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Waits,
    Taken,
    Answered(Result<u64, Error>),
    Over,
}

/// All requests so far, the last one with the slot.
#[derive(Default)]
struct Model {
    requests: Vec<(u64, Fate)>,
}

impl Model {
    fn fate(&self, ticket: u64) -> Fate {
        let mut requests = self.requests.iter();
        let found = requests.find(|(own, _)| *own == ticket);
        found.map_or(Fate::Over, |(_, fate)| *fate)
    }

    fn last(&mut self) -> Option<&mut Fate> {
        self.requests.last_mut().map(|(_, fate)| fate)
    }

    fn set(&mut self, ticket: u64, fate: Fate) {
        for (own, old) in &mut self.requests {
            if *own == ticket {
                *old = fate;
            }
        }
    }

    fn step(&mut self, slot: &mut Slot, step: Step, now: u64) {
        let ticket = |n: usize, other| self.requests.get(n).map_or(other, |(own, _)| *own);
        match step {
            Step::Submit => {
                let open = matches!(self.last(), Some(Fate::Waits | Fate::Taken));
                match slot.submit(&OWNER, &all(now), now) {
                    Ok(ticket) => {
                        assert!(!open && self.requests.iter().all(|(own, _)| *own != ticket));
                        if let Some(fate) = self.last() {
                            *fate = Fate::Over;
                        }
                        self.requests.push((ticket, Fate::Waits));
                    }
                    Err(error) => assert_eq!((error, open), (Error::Busy, true)),
                }
            }
            Step::Take => {
                let waits = self.last() == Some(&mut Fate::Waits);
                let taken = slot.take(&OWNER, HANDLER);
                assert_eq!(taken.is_some(), waits);
                if let Some((ticket, _)) = taken {
                    assert_eq!(self.fate(ticket), Fate::Waits);
                    self.set(ticket, Fate::Taken);
                }
            }
            Step::Complete(n, other) => {
                let ticket = ticket(n, other);
                let taken = self.fate(ticket) == Fate::Taken;
                let done = slot.complete(&OWNER, HANDLER, ticket, (Ok(()), &all(now)));
                assert_eq!(done.is_ok(), taken);
                if taken {
                    self.set(ticket, Fate::Answered(Ok(now)));
                }
            }
            Step::Poll(n, other) => {
                let ticket = ticket(n, other);
                let wanted = match self.fate(ticket) {
                    Fate::Waits | Fate::Taken => Err(Error::Busy),
                    Fate::Answered(answer) => answer.map(all),
                    Fate::Over => Err(Error::Gone),
                };
                assert_eq!(slot.poll(&OWNER, CALLER, ticket), wanted);
                if matches!(self.fate(ticket), Fate::Answered(_)) {
                    self.set(ticket, Fate::Over);
                }
            }
            Step::CallerEnds => {
                assert!(!slot.ended(&OWNER, CALLER));
                if let Some(fate) = self.last() {
                    *fate = Fate::Over;
                }
            }
            Step::HandlerEnds => {
                let open = matches!(self.last(), Some(Fate::Waits | Fate::Taken));
                assert_eq!(slot.ended(&OWNER, HANDLER), open);
                if let Some(fate @ (Fate::Waits | Fate::Taken)) = self.last() {
                    *fate = Fate::Answered(Err(Error::Gone));
                }
            }
        }
    }
}

proptest! {
    /// In whatever order both sides call and end, with whatever tickets: each request has one answer, its own.
    #[test]
    fn the_slot_does_what_the_model_says(steps in vec(step(), 1..60)) {
        let (mut slot, mut model) = (Slot::NEW, Model::default());
        for (now, step) in (1..).zip(steps) {
            model.step(&mut slot, step, now);
            // A partition that the slot is nothing to changes nothing.
            prop_assert!(!slot.ended(&OWNER, OTHER));
        }
    }
}
