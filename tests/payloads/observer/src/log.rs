//! The log: how many records are kept, whether some were lost, and the levels that are among them.

use core::fmt;

use cofferdam_core::record::{Level, What};
use cofferdam_partition::monitor;

/// What was found.
#[derive(Default)]
pub struct Log {
    kept: u64,
    lost: bool,
    info: bool,
    debug: bool,
}

/// Reads all of it.
pub fn read() -> Log {
    let mut log = Log::default();
    let Ok([oldest, next, ..]) = monitor::event(u64::MAX) else {
        return log;
    };
    log.kept = next - oldest;
    log.lost = oldest != 0;
    for number in oldest..next {
        let [.., what, _, _, _] = monitor::event(number).unwrap_or_default();
        let is = |it: What| what & 0xff == it as u64;
        log.info |= is(What::Started) && What::Started.level() == Level::Info;
        log.debug |= is(What::CoreOn) && What::CoreOn.level() == Level::Debug;
    }
    log
}

impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kept,
            lost,
            info,
            debug,
        } = self;
        write!(f, "log kept={kept} lost={lost} info={info} debug={debug}")
    }
}
