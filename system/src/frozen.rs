//! `services.lock`, beside the system file: the numbers that services were given, for good.
//!
//! A number stays its service's after the service is gone, so that no old caller ever reaches another.
//! It is written by [`crate::freeze`] alone, and committed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::fields::{At, Fields, FromNode, named};
use crate::mistake::Mistakes;
use crate::model::ServiceRange;
use crate::raw::service::Service;
use crate::raw::version;
use crate::yaml::Node;

/// Numbers in a range: SMCCC keeps the upper ones, and the index of services is dense.
pub(crate) const NUMBERS: u32 = 0x100;

/// A frozen number.
#[derive(Debug)]
pub(crate) struct Number {
    pub(crate) name: At<String>,
    pub(crate) range: ServiceRange,
    pub(crate) number: At<u32>,
}

/// The file.
#[derive(Debug, Default)]
pub(crate) struct Frozen {
    pub(crate) version: Option<At<u64>>,
    pub(crate) numbers: Vec<Number>,
}

impl Frozen {
    pub(crate) fn read(root: &Node, out: &mut Mistakes) -> Option<Self> {
        let mut f = Fields::open("a file of frozen numbers", root.place, root, out)?;
        let version = version(&mut f, "cofferdam_services");
        let mut numbers = Vec::new();
        for range in ServiceRange::ALL {
            let Some(entry) = f.entry(range.as_str()) else {
                continue;
            };
            numbers.extend(named(&entry.value, f.out, |name, node, out| {
                let number = At::from_node(node, out)?;
                Some(Number {
                    name,
                    range,
                    number,
                })
            }));
        }
        f.close();
        Some(Self { version, numbers })
    }

    /// The number of a service.
    pub(crate) fn of(&self, range: ServiceRange, name: &str) -> Option<&Number> {
        self.in_range(range).find(|it| it.name.value == name)
    }

    pub(crate) fn in_range(&self, range: ServiceRange) -> impl Iterator<Item = &Number> {
        self.numbers.iter().filter(move |it| it.range == range)
    }

    /// The file that has a number for each of these services: its own as given or frozen, or the first that
    /// nobody ever had. `None` when a range is full.
    pub(crate) fn with(&self, services: &[Service]) -> Option<String> {
        let mut text = String::from(
            "# Numbers of services. Written by `cofferdam gen`; commit it, and change nothing by hand: a number stays\n\
             # its service's for good, also when the service is gone.\n\
             cofferdam_services: 1\n",
        );
        for range in ServiceRange::ALL {
            let mut numbers = self.extended(range, services)?;
            numbers.sort_unstable_by_key(|(_, number)| *number);
            if numbers.is_empty() {
                continue;
            }
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{}:", range.as_str());
            for (name, number) in numbers {
                let _ = writeln!(text, "  {name}: {number:#04x}");
            }
        }
        Some(text)
    }

    fn extended<'a>(
        &'a self,
        range: ServiceRange,
        services: &'a [Service],
    ) -> Option<Vec<(&'a str, u32)>> {
        let mut numbers: Vec<(&str, u32)> = self
            .in_range(range)
            .map(|it| (it.name.value.as_str(), it.number.value))
            .collect();
        let new: Vec<&Service> = services
            .iter()
            .filter(|it| it.range() == range && self.of(range, &it.name.value).is_none())
            .collect();
        let given = new
            .iter()
            .filter_map(|it| Some((it.name.value.as_str(), it.number()?.value)));
        numbers.extend(given);
        let mut taken: BTreeSet<u32> = numbers.iter().map(|(_, number)| *number).collect();
        for service in new.iter().filter(|it| it.number().is_none()) {
            let free = (0..NUMBERS).find(|number| !taken.contains(number))?;
            taken.insert(free);
            numbers.push((&service.name.value, free));
        }
        Some(numbers)
    }
}
