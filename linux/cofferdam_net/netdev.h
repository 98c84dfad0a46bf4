/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COFFERDAM_NET_NETDEV_H
#define COFFERDAM_NET_NETDEV_H

#include <linux/netdevice.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "endpoint.h"

/* What happened between this driver and others than the endpoint's peer. */
struct cofd_events {
	/* Interrupts taken. */
	u64 interrupts;
	/* By the monitor's count, of all lives of this end. */
	u64 doorbells_rung;
	u64 doorbells_delivered;
	u64 floods;
	/* Times that a look by the clock found frames without a doorbell. */
	u64 found_late;
	/* Frames too short for an Ethernet header, and those without memory. */
	u64 runts;
	u64 no_memory;
	/* Calls that the monitor refused. */
	u64 rings_refused;
	u64 begins_refused;
};

struct cofd {
	struct net_device *netdev;
	struct napi_struct napi;
	/* Looks by the clock: for the link, and for frames without doorbell. */
	struct delayed_work clock;
	int irq;
	u32 channel;
	/* Of `end` and `events`: both directions change the same link. */
	spinlock_t lock;
	struct cofd_endpoint end;
	struct cofd_events events;
	/* A doorbell is asked for. */
	bool armed;
	/* Room for the longest frame. */
	void *frame;
};

extern const struct ethtool_ops cofd_ethtool_ops;

/* Fills in the endpoint that the device tree describes. */
int cofd_describe(struct device *dev, struct cofd *cofd);

void cofd_get_stats64(struct net_device *netdev,
		      struct rtnl_link_stats64 *stats);

#endif
