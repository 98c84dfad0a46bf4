//! The cluster's state as JSON (RFC 8259): what `/status.json` answers.

use core::fmt::{self, Write};

use crate::digest::Health;
use crate::report::Report;
use cofferdam_net::text::Text;

/// Bytes that the longest status takes.
pub const LONGEST: usize = 640;

/// What passed the link, as its device counts it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traffic {
    /// Frames to the other end.
    pub sent: u64,
    /// Frames from it, those that the filter refuses among them.
    pub received: u64,
    /// Frames that the filter refused.
    pub refused: u64,
    /// What the other end wrote that no honest end writes.
    pub violations: u64,
    /// The link's epoch.
    pub epoch: u64,
}

/// All that the page shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Status {
    /// The accounts.
    pub report: Report,
    /// What the needle shows now.
    pub speed_kmh: i32,
    /// The link, until now.
    pub traffic: Traffic,
}

impl Status {
    /// The status as one JSON object.
    pub fn json(&self) -> Text<LONGEST> {
        let mut text = Text::new();
        // There is room for the largest numbers, which a test holds.
        let _too_long = self.write(&mut text);
        text
    }

    fn write(&self, to: &mut impl Write) -> fmt::Result {
        let Self {
            report,
            speed_kmh,
            traffic,
        } = self;
        write!(to, "{{\"speed_kmh\":{speed_kmh}")?;
        for (name, value) in [
            ("seconds", Some(report.seconds)),
            ("met", Some(report.met)),
            ("missed", Some(report.missed)),
            ("worst_latency_ns", Some(report.worst_latency_ns)),
            ("worst_completion_ns", Some(report.worst_completion_ns)),
            ("monitor_jobs", report.monitor_jobs),
            ("monitor_missed", report.monitor_missed),
            ("linux_starts", report.linux_starts),
            ("odometer_m", report.odometer),
            ("frames_sent", Some(traffic.sent)),
            ("frames_received", Some(traffic.received)),
            ("frames_refused", Some(traffic.refused)),
            ("violations", Some(traffic.violations)),
            ("epoch", Some(traffic.epoch)),
        ] {
            match value {
                Some(value) => write!(to, ",\"{name}\":{value}")?,
                None => write!(to, ",\"{name}\":null")?,
            }
        }
        let digest = match report.digest {
            Health::Unknown => "null",
            Health::Ok => "true",
            Health::Bad => "false",
        };
        write!(to, ",\"image_intact\":{digest}}}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(status: &Status) -> String {
        String::from_utf8(status.json().as_bytes().to_vec()).expect("ASCII")
    }

    #[test]
    fn what_is_known_is_a_number_and_what_is_not_is_null() {
        let report = Report {
            seconds: 3,
            met: 2999,
            missed: 1,
            odometer: Some(42),
            digest: Health::Ok,
            ..Report::default()
        };
        let json = text(&Status {
            report,
            speed_kmh: 57,
            traffic: Traffic {
                sent: 8,
                ..Traffic::default()
            },
        });
        assert_eq!(
            json,
            "{\"speed_kmh\":57,\"seconds\":3,\"met\":2999,\"missed\":1,\"worst_latency_ns\":0,\
             \"worst_completion_ns\":0,\"monitor_jobs\":null,\"monitor_missed\":null,\
             \"linux_starts\":null,\"odometer_m\":42,\"frames_sent\":8,\"frames_received\":0,\
             \"frames_refused\":0,\"violations\":0,\"epoch\":0,\"image_intact\":true}"
        );
    }

    #[test]
    fn the_largest_numbers_fit() {
        let most = u64::MAX;
        let report = Report {
            seconds: most,
            met: most,
            missed: most,
            worst_latency_ns: most,
            worst_completion_ns: most,
            monitor_jobs: Some(most),
            monitor_missed: Some(most),
            linux_starts: Some(most),
            odometer: Some(most),
            digest: Health::Bad,
            ..Report::default()
        };
        let traffic = Traffic {
            sent: most,
            received: most,
            refused: most,
            violations: most,
            epoch: most,
        };
        let json = text(&Status {
            report,
            speed_kmh: i32::MIN,
            traffic,
        });
        assert_eq!(json.matches(":18446744073709551615").count(), 14);
        assert!(json.ends_with(":false}"), "{json}");
    }
}
