// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the interface counts: `ip -s link` and `ethtool -S`.
 */

#include <linux/ethtool.h>

#include "netdev.h"

struct statistic {
	char name[ETH_GSTRING_LEN];
	size_t at;
};

#define OF_END(NAME, FIELD) \
	{ NAME, offsetof(struct cofd, end.counters.FIELD) }
#define OF_EVENTS(NAME, FIELD) { NAME, offsetof(struct cofd, events.FIELD) }

static const struct statistic statistics[] = {
	OF_END("tx_too_long", length),
	OF_END("tx_ring_full", full),
	OF_END("tx_link_down", down),
	OF_END("tx_abandoned", abandoned),
	OF_END("tx_doorbells", doorbells),
	OF_EVENTS("tx_doorbells_refused", rings_refused),
	OF_EVENTS("rx_interrupts", interrupts),
	OF_EVENTS("rx_doorbells_rung", doorbells_rung),
	OF_EVENTS("rx_doorbells_delivered", doorbells_delivered),
	OF_EVENTS("doorbell_floods", floods),
	OF_EVENTS("rx_found_late", found_late),
	OF_EVENTS("rx_runts", runts),
	OF_EVENTS("rx_no_memory", no_memory),
	OF_END("epochs", epochs),
	OF_EVENTS("epochs_refused", begins_refused),
	OF_END("quarantine_header", violations[COFD_VIOLATION_HEADER]),
	OF_END("quarantine_sent", violations[COFD_VIOLATION_SENT]),
	OF_END("quarantine_taken", violations[COFD_VIOLATION_TAKEN]),
	OF_END("rx_bad_length", violations[COFD_VIOLATION_LENGTH]),
	OF_END("rx_bad_flags", violations[COFD_VIOLATION_FLAGS]),
	OF_END("rx_bad_sequence", violations[COFD_VIOLATION_SEQUENCE]),
	OF_END("rx_bad_epoch", violations[COFD_VIOLATION_EPOCH]),
	OF_END("rx_bad_checksum", violations[COFD_VIOLATION_CHECKSUM]),
	OF_END("rx_bad_tag", violations[COFD_VIOLATION_TAG]),
};

static int cofd_get_sset_count(struct net_device *netdev, int set)
{
	return set == ETH_SS_STATS ? ARRAY_SIZE(statistics) : -EOPNOTSUPP;
}

static void cofd_get_strings(struct net_device *netdev, u32 set, u8 *to)
{
	int i;

	if (set != ETH_SS_STATS)
		return;
	for (i = 0; i < ARRAY_SIZE(statistics); i++)
		memcpy(to + i * ETH_GSTRING_LEN, statistics[i].name,
		       ETH_GSTRING_LEN);
}

static void cofd_get_ethtool_stats(struct net_device *netdev,
				   struct ethtool_stats *unused, u64 *to)
{
	struct cofd *cofd = netdev_priv(netdev);
	int i;

	spin_lock_bh(&cofd->lock);
	for (i = 0; i < ARRAY_SIZE(statistics); i++)
		to[i] = *(u64 *)((void *)cofd + statistics[i].at);
	spin_unlock_bh(&cofd->lock);
}

const struct ethtool_ops cofd_ethtool_ops = {
	.get_link = ethtool_op_get_link,
	.get_sset_count = cofd_get_sset_count,
	.get_strings = cofd_get_strings,
	.get_ethtool_stats = cofd_get_ethtool_stats,
};

void cofd_get_stats64(struct net_device *netdev,
		      struct rtnl_link_stats64 *stats)
{
	struct cofd *cofd = netdev_priv(netdev);
	const struct cofd_counters *counters = &cofd->end.counters;
	int i;

	spin_lock_bh(&cofd->lock);
	stats->tx_packets = counters->sent;
	stats->tx_bytes = counters->sent_bytes;
	stats->tx_errors = counters->length;
	stats->tx_dropped = counters->full + counters->down;
	stats->rx_packets = counters->received;
	stats->rx_bytes = counters->received_bytes;
	stats->rx_crc_errors = counters->violations[COFD_VIOLATION_CHECKSUM];
	stats->rx_length_errors = counters->violations[COFD_VIOLATION_LENGTH] +
				  cofd->events.runts;
	stats->rx_errors = cofd->events.runts;
	for (i = 0; i < COFD_VIOLATIONS; i++)
		stats->rx_errors += counters->violations[i];
	stats->rx_dropped = cofd->events.no_memory;
	spin_unlock_bh(&cofd->lock);
}
