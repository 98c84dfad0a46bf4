/* What a C compiler makes of the header, for tests/agree.rs to compare. */

#include "cofferdam_channel.h"

#define OFFSET(type, field) offsetof(struct type, field)

const size_t cofferdam_layout[] = {
	sizeof(struct cofferdam_port),
	_Alignof(struct cofferdam_port),
	sizeof(struct cofferdam_monitor),
	OFFSET(cofferdam_monitor, begin),
	OFFSET(cofferdam_monitor, ring),
	OFFSET(cofferdam_monitor, acknowledge),
	sizeof(struct cofferdam_channel),
	OFFSET(cofferdam_channel, bytes),
	OFFSET(cofferdam_channel, slots),
	OFFSET(cofferdam_channel, mtu),
	OFFSET(cofferdam_channel, side),
	OFFSET(cofferdam_channel, crc),
	OFFSET(cofferdam_channel, siphash),
	OFFSET(cofferdam_channel, monitor),
	sizeof(struct cofferdam_budget),
	OFFSET(cofferdam_budget, bytes),
	sizeof(struct cofferdam_counters),
	OFFSET(cofferdam_counters, received),
	OFFSET(cofferdam_counters, full),
	OFFSET(cofferdam_counters, down),
	OFFSET(cofferdam_counters, abandoned),
	OFFSET(cofferdam_counters, doorbells),
	OFFSET(cofferdam_counters, violations),
	sizeof(struct cofferdam_accept),
	OFFSET(cofferdam_accept, address),
	OFFSET(cofferdam_accept, arp),
	OFFSET(cofferdam_accept, echo),
	OFFSET(cofferdam_accept, tcp),
	OFFSET(cofferdam_accept, tcp_count),
	OFFSET(cofferdam_accept, udp),
	OFFSET(cofferdam_accept, udp_count),
};
const size_t cofferdam_layout_count = sizeof(cofferdam_layout) / sizeof(cofferdam_layout[0]);

/* The functions with the header's types: a caller in C. Answers the bytes that came through, or an error. */
int32_t cofferdam_c_passes(const struct cofferdam_channel *from, const struct cofferdam_channel *to)
{
	/* Of each call its own: tests run side by side. */
	struct cofferdam_port first = { 0 }, second = { 0 };
	uint8_t frame[2048];
	const uint8_t sent[5] = { 1, 2, 3, 4, 5 };
	struct cofferdam_budget budget = { .frames = 1, .bytes = 2048 };
	int32_t result = cofferdam_port_open(&first, from);

	if (!result)
		result = cofferdam_port_open(&second, to);
	if (result)
		return result;
	cofferdam_port_poll(&first);
	if (cofferdam_port_poll(&second) != COFFERDAM_LINK_UP || cofferdam_port_poll(&first) != COFFERDAM_LINK_UP)
		return COFFERDAM_NOT_UP;
	if (cofferdam_port_arm(&second) != 1 || cofferdam_port_can_send(&first) != 1)
		return -10;
	result = cofferdam_port_send(&first, sent, sizeof(sent));
	if (result)
		return result;
	if (cofferdam_port_arm(&second) != 0)
		return -11;
	return cofferdam_port_receive(&second, &budget, frame, sizeof(frame));
}
