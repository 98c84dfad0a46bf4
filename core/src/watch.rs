//! Watchdogs: a partition that gives no sign of life for too long is hung.

/// One partition's watchdog. Times are counter values and ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watch {
    armed: bool,
    timeout: u64,
    last: u64,
}

impl Watch {
    /// Not armed.
    pub const OFF: Self = Self {
        armed: false,
        timeout: 0,
        last: 0,
    };

    /// Expects a sign of life in every `timeout` from `now` on.
    pub fn arm(&mut self, timeout: u64, now: u64) {
        *self = Self {
            armed: true,
            timeout,
            last: now,
        };
    }

    /// A sign of life.
    pub fn pet(&mut self, now: u64) {
        self.last = now;
    }

    /// Whether it is armed and the last sign of life is too long ago.
    pub fn expired(&self, now: u64) -> bool {
        self.armed && now.saturating_sub(self.last) > self.timeout
    }

    /// Ticks until it expires; none if it is not armed.
    pub fn left(&self, now: u64) -> Option<u64> {
        let silent = now.saturating_sub(self.last);
        self.armed.then(|| self.timeout.saturating_sub(silent))
    }
}

/// Calls of a watchdog as Linux's `arm,smc-wdt` driver makes them; times in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Asks for the shortest and the longest timeout.
    Init,
    /// Sets the timeout.
    SetTimeout(u64),
    /// Starts or stops it.
    Enable(bool),
    /// A sign of life.
    Pet,
    /// Asks how long it has.
    TimeLeft,
}

/// A request that cannot be served; it changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfRange;

/// A watchdog that a partition runs itself, within the limit that its description sets.
#[derive(Clone, Copy, Debug)]
pub struct Requested {
    /// The dog.
    pub watch: Watch,
    timeout: Option<u64>,
}

impl Requested {
    /// Not started.
    pub const OFF: Self = Self {
        watch: Watch::OFF,
        timeout: None,
    };

    /// Serves a request; what it answers are its two results. `limit`: the longest timeout, in ticks;
    /// `second`: ticks.
    pub fn serve(
        &mut self,
        request: Request,
        limit: u64,
        second: u64,
        now: u64,
    ) -> Result<[u64; 2], OutOfRange> {
        let longest = limit / second.max(1);
        match request {
            Request::Init => return Ok([1, longest]),
            Request::SetTimeout(seconds) if seconds == 0 || seconds > longest => {
                return Err(OutOfRange);
            }
            Request::SetTimeout(seconds) => {
                let timeout = seconds.saturating_mul(second);
                self.timeout = Some(timeout);
                if self.watch.armed {
                    self.watch.arm(timeout, now);
                }
            }
            Request::Enable(true) => self.watch.arm(self.timeout.unwrap_or(limit), now),
            Request::Enable(false) => self.watch = Watch::OFF,
            Request::Pet => self.watch.pet(now),
            Request::TimeLeft => {
                let left = self.watch.left(now).unwrap_or(0);
                return Ok([left / second.max(1), 0]);
            }
        }
        Ok([0, 0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_expires_and_signs_of_life_do_not() {
        let mut watch = Watch::OFF;
        assert!(!watch.expired(u64::MAX));
        watch.arm(100, 1000);
        assert!(!watch.expired(1100));
        assert!(watch.expired(1101));
        watch.pet(1101);
        assert!(!watch.expired(1201));
        assert_eq!(watch.left(1151), Some(50));
        assert!(!watch.expired(0), "a counter read before the last sign");
    }

    #[test]
    fn a_partition_cannot_ask_for_more_than_its_limit() {
        let mut dog = Requested::OFF;
        let mut serve = |request, now| dog.serve(request, 300, 10, now);
        assert_eq!(serve(Request::Init, 0), Ok([1, 30]));
        assert_eq!(serve(Request::SetTimeout(31), 0), Err(OutOfRange));
        assert_eq!(serve(Request::SetTimeout(0), 0), Err(OutOfRange));
        assert_eq!(serve(Request::SetTimeout(u64::MAX), 0), Err(OutOfRange));
        assert_eq!(serve(Request::SetTimeout(5), 0), Ok([0, 0]));
        assert_eq!(serve(Request::Enable(true), 100), Ok([0, 0]));
        assert_eq!(serve(Request::TimeLeft, 120), Ok([3, 0]));
        assert!(dog.watch.expired(151));
    }
}
