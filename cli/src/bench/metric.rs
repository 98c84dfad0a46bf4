//! What is measured, what is aimed at, and what the peers need.

use serde::{Deserialize, Serialize};

/// One figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// The board.
    pub board: String,
    /// What was measured.
    pub metric: String,
    /// How much.
    pub value: u64,
    /// Of what.
    pub unit: String,
}

/// All figures, as JSON has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// One each.
    pub results: Vec<Figure>,
}

impl Figures {
    /// The figure with this name, on this board.
    pub fn value(&self, board: &str, metric: &str) -> Option<u64> {
        let mut results = self.results.iter();
        results
            .find(|figure| figure.board == board && figure.metric == metric)
            .map(|figure| figure.value)
    }

    /// With those of one board in place of what there was of it.
    #[must_use]
    pub fn with(mut self, board: &str, mut of_board: Self) -> Self {
        self.results.retain(|figure| figure.board != board);
        self.results.append(&mut of_board.results);
        self
    }
}

/// What another's firmware needs, measured in the same run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peers {
    /// Which one, and its version.
    pub name: String,
    /// By metric.
    pub figures: Vec<(&'static str, u64)>,
}

impl Peers {
    /// The figure of a metric, with the name.
    pub fn value(&self, metric: &str) -> Option<String> {
        let mut figures = self.figures.iter();
        let (_, value) = figures.find(|(name, _)| *name == metric)?;
        Some(format!("{} {value}", self.name))
    }
}

/// Something that is measured on a board.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What it counts.
    pub unit: &'static str,
    /// At most, where there is an aim.
    pub target: Option<u64>,
    /// What peers need, counted the same way on the same emulator, in release builds.
    pub peers: &'static str,
}

const INSTRUCTIONS: &str = "instructions";

const fn metric(name: &'static str, target: u64, peers: &'static str) -> Metric {
    Metric {
        name,
        unit: INSTRUCTIONS,
        target: Some(target),
        peers,
    }
}

const fn shown(name: &'static str, peers: &'static str) -> Metric {
    Metric {
        name,
        unit: INSTRUCTIONS,
        target: None,
        peers,
    }
}

/// In the order of the table.
pub const ARM64: &[Metric] = &[
    metric("empty_call", 40, "TF-A 196, RF-A 293, Bao 208"),
    metric("service_call", 100, ""),
    shown("service_region", ""),
    shown("service_limit", ""),
    shown("service_c", ""),
    metric("doorbell", 150, ""),
    metric("cross_call", 360, "TF-A + TSPD 1222"),
    metric("preempt_to_handler", 150, "TF-A + TSPD 464, to a C handler"),
    metric("preempt_to_handler_eager", 195, ""),
    shown("preempt_to_handler_histograms", ""),
    shown("preempt_to_handler_counters", ""),
    shown("preempt_to_handler_hooks", ""),
    shown("hook_interrupt", ""),
    metric("stolen_per_tick", 300, "TF-A + TSPD 864, with its handler"),
    shown("migrate", ""),
    shown("floating_point_trap", ""),
    metric("longest_masked", 2_000, ""),
    shown("longest_masked_migration", ""),
    metric("longest_masked_linux", 2_000, ""),
    // The target is the same interrupt without the monitor.
    shown("rich_irq", ""),
    shown("rich_irq_bare", ""),
    metric("ring_packet", 1_000, ""),
    shown("ring_packet_plain", ""),
    shown("ring_packet_siphash", ""),
    // Of these three the target is twice what the same costs over a veth pair.
    shown("ping_rtt", ""),
    shown("tcp_segment_sent", ""),
    shown("tcp_segment_received", ""),
    shown("ping_rtt_veth", ""),
    shown("tcp_segment_sent_veth", ""),
    shown("tcp_segment_received_veth", ""),
    // The same pair with frames no longer than its MTU, as VirtualNet's are.
    shown("tcp_segment_sent_veth_frames", ""),
    shown("tcp_segment_received_veth_frames", ""),
    shown("boot_masked", ""),
    shown("reset_to_critical", ""),
    metric("reset_to_rich", 300_000, "TF-A 7.87 M"),
    shown("image_load", ""),
    Metric {
        name: "monitor_text",
        unit: "bytes",
        target: Some(32_768),
        peers: "TF-A 53 KB, RF-A 102 KB",
    },
];

/// The same on riscv64, one hart. What OpenSBI needs is measured in the same run, where it can do it.
pub const RISCV64: &[Metric] = &[
    metric("empty_call", 40, ""),
    // Each register is a store and a load of its own, where arm64 has pairs.
    metric("service_call", 100, ""),
    shown("service_region", ""),
    shown("service_limit", ""),
    metric("time_read", 60, "OpenSBI 1.9 423"),
    metric("timer_to_handler", 100, ""),
    shown("expiry_to_handler", ""),
    metric("ipi_to_handler", 60, ""),
    metric("illegal_reflect", 90, ""),
    metric("partition_switch", 220, "OpenSBI 1.9 8 860"),
    metric("partition_switch_fp", 280, "OpenSBI 1.9 8 860"),
    shown("preempt_to_handler", "OpenSBI: cannot"),
    shown("longest_masked", ""),
    shown("boot_masked", ""),
    metric("reset_to_rich", 500_000, "OpenSBI 1.9 16.5 M"),
    shown("image_load", ""),
    Metric {
        name: "image_bytes",
        unit: "bytes",
        target: Some(48 << 10),
        peers: "",
    },
];
