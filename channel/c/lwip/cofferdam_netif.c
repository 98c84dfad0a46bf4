/* SPDX-License-Identifier: MIT OR Apache-2.0 */

#include "cofferdam_netif.h"

#include <string.h>

#include "lwip/etharp.h"
#include "lwip/pbuf.h"

#define ETHERNET_HEADER 14

/* One copy: the ring takes whole frames, and lwIP's come in chains. */
static err_t send_frame(struct netif *netif, struct pbuf *chain)
{
	struct cofferdam_netif *end = netif->state;

	if (chain->tot_len > end->frame_max)
		return ERR_BUF;
	pbuf_copy_partial(chain, end->sent, chain->tot_len, 0);
	switch (cofferdam_port_send(&end->port, end->sent, chain->tot_len)) {
	case 0:
		return ERR_OK;
	case COFFERDAM_FULL:
		return ERR_MEM;
	default:
		return ERR_IF;
	}
}

err_t cofferdam_netif_init(struct netif *netif)
{
	struct cofferdam_netif *end = netif->state;

	netif->name[0] = 'c';
	netif->name[1] = 'f';
	netif->mtu = end->frame_max - ETHERNET_HEADER;
	netif->hwaddr_len = sizeof(end->accept.mac);
	memcpy(netif->hwaddr, end->accept.mac, sizeof(end->accept.mac));
	netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
	netif->output = etharp_output;
	netif->linkoutput = send_frame;
	return ERR_OK;
}

/* Hands a frame that was accepted to lwIP, in memory of its own. */
static void deliver(struct netif *netif, const uint8_t *frame, uint16_t length)
{
	struct cofferdam_netif *end = netif->state;
	struct pbuf *whole = pbuf_alloc(PBUF_RAW, length, PBUF_RAM);

	if (!whole) {
		end->no_memory++;
		return;
	}
	pbuf_take(whole, frame, length);
	if (netif->input(whole, netif) != ERR_OK) {
		end->no_memory++;
		pbuf_free(whole);
	}
}

static void follow_link(struct netif *netif, int up)
{
	if (up && !netif_is_link_up(netif))
		netif_set_link_up(netif);
	else if (!up && netif_is_link_up(netif))
		netif_set_link_down(netif);
}

void cofferdam_netif_poll(struct netif *netif, uint32_t frames, uint32_t bytes)
{
	struct cofferdam_netif *end = netif->state;
	struct cofferdam_budget budget = { .frames = frames, .bytes = bytes };
	int32_t length;

	follow_link(netif, cofferdam_port_poll(&end->port) == COFFERDAM_LINK_UP);
	/* Ends: each turn takes at least one frame from the budget. */
	while ((length = cofferdam_port_receive(&end->port, &budget, end->received,
						end->frame_max)) > 0) {
		if (cofferdam_accepts(&end->accept, end->received, length) == 1)
			deliver(netif, end->received, length);
		else
			end->refused++;
	}
}
