/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A netif of lwIP 2.1 over one end of a channel.
 */
#ifndef COFFERDAM_NETIF_H
#define COFFERDAM_NETIF_H

#include "cofferdam_channel.h"
#include "lwip/netif.h"

/* Of this netif; passed as `state` to netif_add and kept as long as the netif is. */
struct cofferdam_netif {
	struct cofferdam_port port;
	/* What may reach lwIP. `mac` is the netif's address. */
	struct cofferdam_accept accept;
	/* Longest frame: 14 + mtu. */
	uint16_t frame_max;
	/* Room for one of them each way. */
	uint8_t *received;
	uint8_t *sent;
	/* Frames that the accept rules refused, and those that lwIP had no memory for. */
	uint32_t refused;
	uint32_t no_memory;
};

/* For netif_add, with netif_input or tcpip_input: `port` is open and the rest filled in. */
err_t cofferdam_netif_init(struct netif *netif);

/*
 * Takes at most `frames` frames of `bytes` bytes and follows the link. Called at a steady pace by whoever may call
 * lwIP: the main loop with NO_SYS, or a task below the deadline's with the core lock.
 */
void cofferdam_netif_poll(struct netif *netif, uint32_t frames, uint32_t bytes);

#endif
