//! The table for people: ours, the committed figure, the aim, the peers.

use super::Board;
use super::metric::{Figures, Metric, Peers};

/// The metrics that are above what they are to be at most.
pub fn missed(board: &Board, ours: &Figures) -> Vec<&'static str> {
    let metrics = board.metrics.iter();
    let missed = metrics.filter(|metric| {
        let value = ours.value(board.name, metric.name);
        value.is_some_and(|value| metric.target.is_some_and(|target| value > target))
    });
    missed.map(|metric| metric.name).collect()
}

/// One line for each metric that was measured.
pub fn render(board: &Board, ours: &Figures, baseline: &Figures, peers: &Peers) -> String {
    let mut text = format!(
        "{:<26} {:>9} {:>9} {:>9}  {:<12} {}\n",
        "metric", "ours", "baseline", "target", "unit", "peers, counted the same way"
    );
    for metric in board.metrics {
        if let Some(value) = ours.value(board.name, metric.name) {
            // An interrupt of the rich side is to cost what it costs without the monitor; the network at most twice what Linux's
            // own pair does.
            let target = match metric.name {
                "rich_irq" => ours.value(board.name, "rich_irq_bare"),
                "ping_rtt" | "tcp_segment_sent" | "tcp_segment_received" => {
                    let pair = ours.value(board.name, &format!("{}_veth", metric.name));
                    pair.map(|it| 2 * it)
                }
                _ => metric.target,
            };
            let before = baseline.value(board.name, metric.name);
            let peers = peers.value(metric.name);
            let peers = peers.as_deref().unwrap_or(metric.peers);
            text += &line(metric, value, before, target, peers);
        }
    }
    text
}

fn line(
    metric: &Metric,
    value: u64,
    baseline: Option<u64>,
    target: Option<u64>,
    peers: &str,
) -> String {
    let number = |number: Option<u64>| number.map_or(String::new(), |it| it.to_string());
    let missed = target.is_some_and(|target| value > target);
    let text = format!(
        "{:<26} {value:>9} {:>9} {:>9}{} {:<12} {}{}",
        metric.name,
        number(baseline),
        number(target),
        if missed { "!" } else { " " },
        metric.unit,
        peers,
        drift(value, baseline),
    );
    format!("{}\n", text.trim_end())
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
    use super::super::arm64::BOARD;
    use super::super::metric::Figure;
    use super::*;

    fn figures(values: &[(&str, u64)]) -> Figures {
        let figure = |(name, value): &(&str, u64)| Figure {
            board: BOARD.name.to_owned(),
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
        let before = figures(&[("empty_call", 40), ("cross_call", 360)]);
        let text = render(&BOARD, &ours, &before, &Peers::default());
        let lines: Vec<_> = text.lines().collect();
        assert!(
            lines[1].contains("41        40        40! instructions"),
            "{text}"
        );
        assert!(lines[1].ends_with("[+1]"), "{text}");
        assert!(!lines[2].contains('!') && !lines[2].contains('['), "{text}");
        assert_eq!(missed(&BOARD, &ours), ["empty_call"]);
    }

    #[test]
    fn the_rich_side_s_interrupt_is_held_against_the_bare_machine() {
        let ours = figures(&[("rich_irq", 20), ("rich_irq_bare", 18)]);
        let text = render(&BOARD, &ours, &Figures::default(), &Peers::default());
        assert!(text.contains("18! instructions"));
    }

    #[test]
    fn the_network_is_held_against_twice_a_pair_of_linux_s_own() {
        let ours = figures(&[
            ("ping_rtt", 41),
            ("ping_rtt_veth", 20),
            ("tcp_segment_sent", 9),
        ]);
        let text = render(&BOARD, &ours, &Figures::default(), &Peers::default());
        assert!(text.contains("40! instructions"), "{text}");
        assert_eq!(text.matches('!').count(), 1, "{text}");
    }

    #[test]
    fn what_a_peer_needs_in_the_same_run_is_said_with_its_version() {
        let peers = Peers {
            name: "OpenSBI 1".to_owned(),
            figures: vec![("empty_call", 290)],
        };
        let ours = figures(&[("empty_call", 12)]);
        let text = render(&BOARD, &ours, &Figures::default(), &peers);
        assert!(text.contains("OpenSBI 1 290\n"), "{text}");
        let other = Figures::default().with("c", ours);
        assert_eq!(
            other.value("c", "empty_call"),
            None,
            "it is another board's"
        );
    }
}
