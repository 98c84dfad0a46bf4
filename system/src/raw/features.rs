//! `features:` as written.

use std::time::Duration;

use super::nested;
use crate::fields::{At, Fields, FromNode, Size, Word};
use crate::mistake::Mistakes;
use crate::model::{Failure, LogLevel, OnFault, Profiling};
use crate::source::Place;
use crate::yaml::{Node, Value};

#[derive(Debug, Default)]
pub(crate) struct Features {
    /// Of `features:`, if it is there.
    pub(crate) place: Option<Place>,
    pub(crate) fpu: Option<Fpu>,
    pub(crate) self_tests: Option<SelfTests>,
    pub(crate) health_monitor: Option<HealthMonitor>,
    pub(crate) profiling: Option<Profiling>,
    pub(crate) log: Option<Log>,
}

#[derive(Debug)]
pub(crate) enum Fpu {
    Lazy,
    Eager,
    /// The partition by its name.
    Exclusive(At<String>),
}

#[derive(Debug)]
pub(crate) struct SelfTests {
    pub(crate) place: Place,
    pub(crate) at: Option<Vec<TestTime>>,
    pub(crate) on_failure: Option<At<Failure>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TestTime {
    Boot,
    Period,
}

impl Word for TestTime {
    const WHAT: &'static str = "a time for self-tests";
    const WORDS: &'static [(&'static str, Self)] =
        &[("boot", Self::Boot), ("period", Self::Period)];
}

#[derive(Debug)]
pub(crate) struct HealthMonitor {
    pub(crate) period: Option<At<Duration>>,
    pub(crate) on_fault: Option<At<OnFault>>,
}

#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) level: Option<LogLevel>,
    pub(crate) device: Option<At<String>>,
    pub(crate) ring: Option<At<Size>>,
}

impl Features {
    pub(crate) fn read(place: Place, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("the features", place, node, out)?;
        let fpu = f.optional("fpu");
        let self_tests = nested(&mut f, "self_tests", SelfTests::read);
        let health_monitor = nested(&mut f, "health_monitor", HealthMonitor::read);
        let profiling = f.optional("profiling");
        let log = nested(&mut f, "log", Log::read);
        f.close();
        Some(Self {
            place: Some(place),
            fpu,
            self_tests,
            health_monitor,
            profiling,
            log,
        })
    }
}

#[derive(Clone, Copy)]
enum FpuWord {
    Lazy,
    Eager,
}

impl Word for FpuWord {
    const WHAT: &'static str = "a way to switch floating-point registers";
    const WORDS: &'static [(&'static str, Self)] = &[("lazy", Self::Lazy), ("eager", Self::Eager)];
}

impl FromNode for Fpu {
    fn from_node(node: &Node, out: &mut Mistakes) -> Option<Self> {
        if !matches!(node.value, Value::Map(_)) {
            return Some(match FpuWord::from_node(node, out)? {
                FpuWord::Lazy => Self::Lazy,
                FpuWord::Eager => Self::Eager,
            });
        }
        let mut f = Fields::open("`fpu`", node.place, node, out)?;
        let owner = f.required("exclusive");
        f.close();
        owner.map(Self::Exclusive)
    }
}

impl SelfTests {
    fn read(place: Place, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("the self-tests", place, node, out)?;
        let at = f.required("at");
        let on_failure = f.optional("on_failure");
        f.close();
        Some(Self {
            place,
            at,
            on_failure,
        })
    }
}

impl HealthMonitor {
    fn read(place: Place, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("the health monitor", place, node, out)?;
        let period = f.required("period");
        let on_fault = f.required("on_fault");
        f.close();
        Some(Self { period, on_fault })
    }
}

impl Log {
    fn read(place: Place, node: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("the log", place, node, out)?;
        let level = f.optional("level");
        let device = f.optional("device");
        let ring = f.optional("ring");
        f.close();
        Some(Self {
            level,
            device,
            ring,
        })
    }
}
