//! Shows a running demonstration: a block that is drawn anew on a terminal, a line to a report elsewhere.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::script::{Script, Stage};
use super::summary;
use crate::report::Report;

/// A view of a demonstration. All of it goes to the error output: the summary alone is the output.
#[derive(Debug)]
pub struct View {
    live: Option<Live>,
    stage: Option<Stage>,
    shown: usize,
    shift: u8,
}

#[derive(Debug)]
struct Live {
    _all: MultiProgress,
    rows: Vec<ProgressBar>,
}

const ROWS: usize = 3;

impl View {
    /// A view for the present error output.
    pub fn new(shift: u8) -> Self {
        Self {
            live: std::io::stderr().is_terminal().then(Live::new),
            stage: None,
            shown: 0,
            shift,
        }
    }

    /// Shows the state as it is now.
    pub fn show(&mut self, script: &Script) {
        if self.stage != Some(script.stage) {
            self.stage = Some(script.stage);
            self.say(script.stage.title());
        }
        let rows = rows(script, self.shift);
        match &self.live {
            Some(live) => live.draw(&rows),
            None if script.reports.len() > self.shown => eprintln!("  {}", rows.join("; ")),
            None => {}
        }
        self.shown = script.reports.len();
    }

    fn say(&self, title: &str) {
        match &self.live {
            Some(live) => live.say(title),
            None => eprintln!("{title}"),
        }
    }

    /// Removes what is drawn anew.
    pub fn end(&mut self) {
        if let Some(live) = self.live.take() {
            live.rows.iter().for_each(ProgressBar::finish_and_clear);
        }
    }
}

impl Live {
    fn new() -> Self {
        let all = MultiProgress::new();
        let rows = (0..ROWS).map(|_| {
            let row = all.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("  {spinner} {msg}") {
                row.set_style(style);
            }
            // The spinner turns although nothing is said: the machine is alive.
            row.enable_steady_tick(Duration::from_millis(200));
            row
        });
        let rows = rows.collect();
        Self { _all: all, rows }
    }

    fn say(&self, title: &str) {
        if let Some(row) = self.rows.first() {
            row.println(title);
        }
    }

    fn draw(&self, rows: &[String]) {
        for (bar, row) in self.rows.iter().zip(rows) {
            bar.set_message(row.clone());
        }
    }
}

fn rows(script: &Script, shift: u8) -> Vec<String> {
    let Some(last) = script.last() else {
        return vec!["waiting for the critical partition's first report".to_owned()];
    };
    let latency = summary::worst_latency(script, shift);
    vec![
        format!(
            "critical {:>3} s: {} deadlines met, {} missed ({} by the monitor's count), worst latency {latency} instructions",
            last.seconds,
            last.met,
            last.missed,
            number(last.monitor_missed)
        ),
        match recent_share(script) {
            Some(share) => format!(
                "core 0: critical {share:.1} %, the rest for Linux {:.1} %",
                100.0 - share
            ),
            None => "core 0: shares unknown".to_owned(),
        },
        match script.uptime {
            Some(uptime) => format!(
                "Linux: up {uptime:.1} s, start {}",
                number(last.linux_starts)
            ),
            None => format!("Linux: not up, start {}", number(last.linux_starts)),
        },
    ]
}

/// The critical partition's share of core 0 between its last two reports, in percent.
fn recent_share(script: &Script) -> Option<f64> {
    let mut reports = script.reports.iter().rev().map(|(_, report)| report);
    let (last, before) = (reports.next()?, reports.next()?);
    let ticks = |report: &Report| Some((report.held_ticks?, report.of_ticks?));
    let ((held, of), (held_before, of_before)) = (ticks(last)?, ticks(before)?);
    let whole = of.checked_sub(of_before).filter(|whole| *whole > 0)?;
    Some(held.checked_sub(held_before)? as f64 * 100.0 / whole as f64)
}

fn number(value: Option<u64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::script::Shows;
    use super::super::script::tests::play;
    use super::*;

    #[test]
    fn the_rows_say_what_the_last_reports_said() {
        let mut script = Script::new(Shows::default());
        assert_eq!(rows(&script, 3).len(), 1);
        play(&mut script);
        let rows = rows(&script, 3);
        assert_eq!(rows.len(), ROWS);
        assert!(rows[0].contains("11000 deadlines met, 0 missed (0 by"));
        assert!(rows[0].ends_with("worst latency 120 instructions"));
        assert_eq!(
            rows[1],
            "core 0: critical 25.0 %, the rest for Linux 75.0 %"
        );
        assert_eq!(rows[2], "Linux: up 3.2 s, start 2");
    }
}
