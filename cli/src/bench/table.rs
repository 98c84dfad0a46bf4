//! The table for people: ours, the committed figure, the aim, the peers.

use super::metric::{ARM64, Figures, Metric};

/// One line for each metric that was measured.
pub fn render(ours: &Figures, baseline: &Figures) -> String {
    let mut text = format!(
        "{:<26} {:>9} {:>9} {:>9}  {:<12} {}\n",
        "metric", "ours", "baseline", "target", "unit", "peers, counted the same way"
    );
    for metric in ARM64 {
        if let Some(value) = ours.value(metric.name) {
            text += &line(metric, value, baseline.value(metric.name), ours);
        }
    }
    text
}

fn line(metric: &Metric, value: u64, baseline: Option<u64>, ours: &Figures) -> String {
    let number = |number: Option<u64>| number.map_or(String::new(), |it| it.to_string());
    let target = target(metric, ours);
    let missed = target.is_some_and(|target| value > target);
    let text = format!(
        "{:<26} {value:>9} {:>9} {:>9}{} {:<12} {}{}",
        metric.name,
        number(baseline),
        number(target),
        if missed { "!" } else { " " },
        metric.unit,
        metric.peers,
        drift(value, baseline),
    );
    format!("{}\n", text.trim_end())
}

/// An interrupt of the rich side is to cost what it costs without the monitor; the network at most twice what Linux's own pair does.
fn target(metric: &Metric, ours: &Figures) -> Option<u64> {
    match metric.name {
        "rich_irq" => ours.value("rich_irq_bare"),
        "ping_rtt" | "tcp_segment_sent" | "tcp_segment_received" => {
            let pair = ours.value(&format!("{}_veth", metric.name));
            pair.map(|it| 2 * it)
        }
        _ => metric.target,
    }
}

fn drift(value: u64, baseline: Option<u64>) -> String {
    match baseline {
        Some(before) if before != value => {
            let sign = if value > before { '+' } else { '-' };
            format!(" [{sign}{}]", value.abs_diff(before))
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::metric::Figure;
    use super::*;

    fn figures(values: &[(&str, u64)]) -> Figures {
        let figure = |(name, value): &(&str, u64)| Figure {
            board: "b".to_owned(),
            metric: (*name).to_owned(),
            value: *value,
            unit: "instructions".to_owned(),
        };
        Figures {
            results: values.iter().map(figure).collect(),
        }
    }

    #[test]
    fn a_missed_target_and_a_drift_are_marked() {
        let ours = figures(&[("empty_call", 41), ("cross_call", 360)]);
        let text = render(&ours, &figures(&[("empty_call", 40), ("cross_call", 360)]));
        let lines: Vec<_> = text.lines().collect();
        assert!(
            lines[1].contains("41        40        40! instructions"),
            "{text}"
        );
        assert!(lines[1].ends_with("[+1]"), "{text}");
        assert!(!lines[2].contains('!') && !lines[2].contains('['), "{text}");
    }

    #[test]
    fn the_rich_side_s_interrupt_is_held_against_the_bare_machine() {
        let ours = figures(&[("rich_irq", 20), ("rich_irq_bare", 18)]);
        assert!(render(&ours, &Figures::default()).contains("18! instructions"));
    }

    #[test]
    fn the_network_is_held_against_twice_a_pair_of_linux_s_own() {
        let ours = figures(&[
            ("ping_rtt", 41),
            ("ping_rtt_veth", 20),
            ("tcp_segment_sent", 9),
        ]);
        let text = render(&ours, &Figures::default());
        assert!(text.contains("40! instructions"), "{text}");
        assert_eq!(text.matches('!').count(), 1, "{text}");
    }
}
