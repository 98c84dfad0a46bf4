/* lwIP for tests/lwip.rs: its own thread, a netif over the channel, and an echo of TCP on port 7. */

#include "cofferdam_netif.h"

#include "lwip/tcp.h"
#include "lwip/tcpip.h"

#define FRAME_MAX 1514

static struct cofferdam_netif end;
static struct netif netif;
static uint8_t received[FRAME_MAX], sent[FRAME_MAX];
static const uint16_t ports[] = { 7 };

static err_t echo(void *context, struct tcp_pcb *connection, struct pbuf *chain, err_t error)
{
	struct pbuf *piece;

	(void)context;
	if (error != ERR_OK)
		return error;
	if (!chain)
		return tcp_close(connection);
	for (piece = chain; piece; piece = piece->next)
		if (tcp_write(connection, piece->payload, piece->len, TCP_WRITE_FLAG_COPY) != ERR_OK)
			return ERR_MEM;
	tcp_recved(connection, chain->tot_len);
	pbuf_free(chain);
	return tcp_output(connection);
}

static err_t accepted(void *context, struct tcp_pcb *connection, err_t error)
{
	(void)context;
	tcp_recv(connection, echo);
	return error;
}

int32_t cofferdam_lwip_start(const struct cofferdam_channel *channel)
{
	ip4_addr_t address, mask, gateway;
	struct tcp_pcb *listener;
	int32_t result = cofferdam_port_open(&end.port, channel);

	if (result)
		return result;
	end.accept = (struct cofferdam_accept){
		.mac = { 2, 0, 0, 0, 0, 1 },
		.address = { 10, 7, 0, 2 },
		.arp = 1,
		.echo = 1,
		.tcp = ports,
		.tcp_count = 1,
	};
	end.frame_max = FRAME_MAX;
	end.received = received;
	end.sent = sent;
	IP4_ADDR(&address, 10, 7, 0, 2);
	IP4_ADDR(&mask, 255, 255, 255, 0);
	IP4_ADDR(&gateway, 0, 0, 0, 0);
	tcpip_init(NULL, NULL);
	LOCK_TCPIP_CORE();
	netif_add(&netif, &address, &mask, &gateway, &end, cofferdam_netif_init, netif_input);
	netif_set_up(&netif);
	listener = tcp_new();
	tcp_bind(listener, IP_ADDR_ANY, 7);
	listener = tcp_listen(listener);
	tcp_accept(listener, accepted);
	UNLOCK_TCPIP_CORE();
	return 0;
}

void cofferdam_lwip_poll(void)
{
	LOCK_TCPIP_CORE();
	cofferdam_netif_poll(&netif, 8, 8 * FRAME_MAX);
	UNLOCK_TCPIP_CORE();
}

uint32_t cofferdam_lwip_refused(void)
{
	return end.refused;
}
