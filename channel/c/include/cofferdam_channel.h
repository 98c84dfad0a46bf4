/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * VirtualNet for C: one end of a channel. Layout, protocol and threats: docs/virtualnet.md.
 *
 * Nothing here waits, allocates or keeps a pointer to a frame. The other end is taken for an attacker: what
 * arrives was copied into the caller's memory before it was checked. A port is used by one thread at a time.
 */
#ifndef COFFERDAM_CHANNEL_H
#define COFFERDAM_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whether frames carry a CRC32C, and what computes it. Both ends have it or none. */
enum cofferdam_crc {
	COFFERDAM_CRC_NONE = 0,
	/* From 16 KiB of tables, on every processor. */
	COFFERDAM_CRC_TABLE = 1,
	/* By the processor's instructions, which it must have: FEAT_CRC32 on arm64, SSE4.2 on x86-64. */
	COFFERDAM_CRC_INSTRUCTIONS = 2,
};

/* The link, as cofferdam_port_poll answers it. */
enum cofferdam_link {
	COFFERDAM_LINK_DOWN = 0,
	COFFERDAM_LINK_UP = 1,
	/* The other end left; the next epoch brings it back. */
	COFFERDAM_LINK_LEFT = 2,
	COFFERDAM_LINK_CLOSED = 3,
	/* The other end wrote what no honest one writes. */
	COFFERDAM_LINK_QUARANTINED = 4,
};

/* Answers below zero. */
enum cofferdam_error {
	/* A null pointer, a buffer that is too short, an empty or too long frame. */
	COFFERDAM_INVALID = -1,
	COFFERDAM_NOT_UP = -2,
	COFFERDAM_FULL = -3,
};

/* What an end asks of the monitor: the calls ChannelBegin, ChannelRing and ChannelAcknowledge. */
struct cofferdam_monitor {
	void *context;
	/* An epoch that this end has not begun; 0: not now. */
	uint32_t (*begin)(void *context);
	void (*ring)(void *context);
	/* Takes the doorbell of this end; the current epoch, 0 if there is none. */
	uint32_t (*acknowledge)(void *context);
};

/* An end, as the system description says. */
struct cofferdam_channel {
	/* Aligned to 8, mapped as the other end maps it, used by nothing else. */
	void *memory;
	size_t bytes;
	uint32_t slots;
	uint32_t mtu;
	/* 0: writes the first section; 1: the second. */
	uint32_t side;
	/* enum cofferdam_crc. */
	uint32_t crc;
	/* The 32 bytes of the channel's key, copied; null: frames have no tag. Both ends have it or none. */
	const uint8_t *siphash;
	struct cofferdam_monitor monitor;
};

#define COFFERDAM_PORT_WORDS 56

/* An open end. What is in it is the library's. */
struct cofferdam_port {
	uint64_t opaque[COFFERDAM_PORT_WORDS];
};

/* What may still be spent on receiving; bad slots are paid for too. */
struct cofferdam_budget {
	uint32_t frames;
	uint32_t bytes;
};

/* Counts since the port was opened. */
struct cofferdam_counters {
	uint64_t sent;
	uint64_t received;
	uint64_t full;
	uint64_t down;
	uint64_t abandoned;
	uint64_t doorbells;
	/* By number: header, sent, taken, length, flags, sequence, epoch, checksum, tag. */
	uint64_t violations[9];
};

/* The allow-list in front of the IP stack. */
struct cofferdam_accept {
	uint8_t mac[6];
	uint8_t address[4];
	uint8_t arp;
	uint8_t echo;
	const uint16_t *tcp;
	size_t tcp_count;
	const uint16_t *udp;
	size_t udp_count;
};

/* 0, or COFFERDAM_INVALID: no such ring, or it does not fit the memory. Begins at the first poll. */
int32_t cofferdam_port_open(struct cofferdam_port *port, const struct cofferdam_channel *channel);

/* Takes a doorbell, follows the monitor's epochs, and answers enum cofferdam_link. Before each turn of receiving. */
int32_t cofferdam_port_poll(struct cofferdam_port *port);

/* The next good frame: its bytes, 0 if there is none or the budget is spent, or an error. `size` is at least 14 + mtu.
 * Here and below, a frame that is aligned to 8 takes the fewest instructions. */
int32_t cofferdam_port_receive(struct cofferdam_port *port, struct cofferdam_budget *budget,
			       uint8_t *frame, size_t size);

/* 1 if a frame would be sent now, or 0. */
int32_t cofferdam_port_can_send(struct cofferdam_port *port);

/* 0, or an error: then the frame is counted and gone. */
int32_t cofferdam_port_send(struct cofferdam_port *port, const uint8_t *frame, size_t length);

/* Asks for a doorbell at the next frame. 1: sleep; 0: frames are there already, receive them first. */
int32_t cofferdam_port_arm(struct cofferdam_port *port);

int32_t cofferdam_port_counters(const struct cofferdam_port *port, struct cofferdam_counters *counters);

/* 1 if the frame may reach the stack, 0 if not, or COFFERDAM_INVALID. */
int32_t cofferdam_accepts(const struct cofferdam_accept *accept, const uint8_t *frame, size_t length);

#ifdef __cplusplus
}
#endif

#endif
