//! The monitor's counters of this core against what the partition knows itself: its ticks, its calls.

use core::fmt;

use cofferdam_abi::call::Error;
use cofferdam_abi::stats::Page;
use cofferdam_partition::monitor;

use crate::observer::generated::{BOOT_CORE, partition};
use crate::observer::{pass, services};

/// Ticks of a comparison.
const TICKS: u64 = 100;
/// Calls of it.
const CALLS: u64 = 50;

/// What came out.
pub enum Verdict {
    /// The monitor counts nothing.
    Off,
    /// All is as it was counted here.
    Agrees,
    /// This is not.
    Wrong(&'static str, u64, u64),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("profile: off"),
            Self::Agrees => f.write_str(
                "profile: switches, delays, calls, a slow call, stolen time and both histograms agree",
            ),
            Self::Wrong(what, expected, found) => {
                write!(f, "profile: WRONG {what}: {found}, expected {expected}")
            }
        }
    }
}

/// One partition's counters on this core.
struct Profile {
    switches: u64,
    stolen: u64,
    delays: u64,
    longest_delay: u64,
    calls: u64,
    longest_call: u64,
}

impl Profile {
    fn of(partition: u64) -> Result<Self, Error> {
        let [
            switches,
            stolen,
            delays,
            longest_delay,
            calls,
            _,
            longest_call,
        ] = monitor::stats(partition, BOOT_CORE, Page::Profile)?;
        Ok(Self {
            switches,
            stolen,
            delays,
            longest_delay,
            calls,
            longest_call,
        })
    }
}

fn held(partition: u64) -> u64 {
    monitor::stats(partition, BOOT_CORE, Page::Time).map_or(0, |[_, _, held, ..]| held)
}

/// How many times are in a histogram.
fn spread(pages: [Page; 2]) -> u64 {
    let pages = pages.map(|page| monitor::stats(partition::CLUSTER, BOOT_CORE, page));
    pages.iter().flatten().flatten().sum()
}

/// Does what it can count, and compares.
pub fn compare() -> Verdict {
    match differences() {
        Err(_) => Verdict::Off,
        Ok(None) => Verdict::Agrees,
        Ok(Some((what, expected, found))) => Verdict::Wrong(what, expected, found),
    }
}

type Difference = (&'static str, u64, u64);

fn differences() -> Result<Option<Difference>, Error> {
    let (own, rich) = (partition::CLUSTER, partition::LINUX);
    // One tick more, so that it begins right after one.
    pass(1);
    let (before, rich_before, held_before) = (Profile::of(own)?, Profile::of(rich)?, held(own));
    pass(TICKS);
    let (after, rich_after, held_after) = (Profile::of(own)?, Profile::of(rich)?, held(own));
    let switches = after.switches - before.switches;
    let delays = after.delays - before.delays;
    let stolen = rich_after.stolen - rich_before.stolen;
    let held = held_after - held_before;
    let calls = Profile::of(own)?.calls;
    for _ in 0..CALLS {
        monitor::version()?;
    }
    // The first of the two that read the counters was not counted yet when it read them.
    let calls = Profile::of(own)?.calls - calls - 1;
    let fast = Profile::of(own)?.longest_call;
    let first = services::slow().is_ok();
    let slow = Profile::of(own)?.longest_call;
    let delays_spread = spread([Page::Delays, Page::LongDelays]);
    let now = Profile::of(own)?;
    let calls_spread = spread([Page::Calls, Page::LongCalls]);
    let differences = [
        ("switches", TICKS, switches, switches.abs_diff(TICKS) <= 1),
        ("delays", TICKS, delays, delays.abs_diff(TICKS) <= 1),
        ("longest delay", 1, now.longest_delay, now.longest_delay > 0),
        (
            "stolen from the other",
            held,
            stolen,
            stolen >= held / 2 && stolen > 0,
        ),
        ("calls", CALLS, calls, calls == CALLS),
        (
            "slow call",
            fast,
            slow,
            first && slow >= fast && slow >= SLOW,
        ),
        (
            "delays in the histogram",
            now.delays,
            delays_spread,
            now.delays.abs_diff(delays_spread) <= 1,
        ),
        // The page that was read first, and the one after it.
        (
            "calls in the histogram",
            now.calls,
            calls_spread,
            calls_spread.abs_diff(now.calls) <= 2,
        ),
    ];
    let wrong = differences.into_iter().find(|(.., right)| !right);
    Ok(wrong.map(|(what, expected, found, _)| (what, expected, found)))
}

/// Ticks that the slow service takes at least: 600 instructions of 8 ns, in ticks of 16 ns.
const SLOW: u64 = 300;
