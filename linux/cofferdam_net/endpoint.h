/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One end of a VirtualNet link. Layout, protocol and who believes what are in
 * docs/virtualnet.md; the other end takes this one for an attacker too.
 */
#ifndef COFFERDAM_NET_ENDPOINT_H
#define COFFERDAM_NET_ENDPOINT_H

#include "memory.h"

#define COFD_SLOTS_MIN 2
#define COFD_SLOTS_MAX 4096
#define COFD_MTU_MIN 68
#define COFD_MTU_MAX 9000
#define COFD_ETHERNET_HEADER 14

/* Half of it for frames, half for what is made of them. */
#define COFD_KEY_BYTES 32

/* Whether frames can pass. */
enum cofd_link {
	/* This end is in no epoch. */
	COFD_CLOSED,
	/* The other end is not in this epoch yet. */
	COFD_DOWN,
	COFD_UP,
	/* The other end left this epoch, and cannot come back to it. */
	COFD_LEFT,
	/* Nothing of the other end is read until the next epoch. */
	COFD_QUARANTINED,
};

/* What the other end did that no honest one does. */
enum cofd_violation {
	/* These three quarantine the link. */
	COFD_VIOLATION_HEADER,
	COFD_VIOLATION_SENT,
	COFD_VIOLATION_TAKEN,
	/* These drop a frame. */
	COFD_VIOLATION_LENGTH,
	COFD_VIOLATION_FLAGS,
	COFD_VIOLATION_SEQUENCE,
	COFD_VIOLATION_EPOCH,
	COFD_VIOLATION_CHECKSUM,
	COFD_VIOLATION_TAG,
	COFD_VIOLATIONS,
};

enum cofd_sent {
	COFD_SENT,
	/* Sent, and the other end asked for a doorbell. */
	COFD_SENT_RING,
	/* Empty, or longer than a slot. */
	COFD_REFUSED_LENGTH,
	COFD_REFUSED_FULL,
	COFD_REFUSED_DOWN,
};

struct cofd_counters {
	u64 sent;
	u64 sent_bytes;
	u64 received;
	u64 received_bytes;
	/* Frames not sent: too long, the ring full, the link not up. */
	u64 length;
	u64 full;
	u64 down;
	/* Frames sent that were perhaps not taken when an epoch ended. */
	u64 abandoned;
	/* Doorbells to be rung. */
	u64 doorbells;
	/* Epochs begun. */
	u64 epochs;
	u64 violations[COFD_VIOLATIONS];
};

/* From the build, for both ends; never from the shared memory. */
struct cofd_geometry {
	u32 slots;
	u32 frame_max;
	/* Bytes from slot to slot, and of a section. */
	u32 stride;
	u32 section;
};

/* All positions are private. */
struct cofd_endpoint {
	struct cofd_memory memory;
	struct cofd_geometry geometry;
	/* Where the section begins that this end writes, and the other's. */
	size_t own;
	size_t peer;
	/* The flags of every frame. */
	u32 flags;
	/* 0: writes the first section. */
	u32 side;
	/* If frames have a tag. */
	u8 key[COFD_KEY_BYTES];
	u32 epoch;
	enum cofd_link link;
	/* Frames sent, and how many of them are known to be taken. */
	u32 sent;
	u32 acknowledged;
	/* The other end's request that was rung for last. */
	u32 answered;
	/* Frames taken, and how many are known to be sent. */
	u32 taken;
	u32 seen;
	/* This end's last request for a doorbell. */
	u32 request;
	struct cofd_counters counters;
};

/* False if there is no such ring. */
bool cofd_geometry(struct cofd_geometry *geometry, u32 slots, u32 mtu);

/*
 * An end in no epoch, in memory of at least two sections. Frames have a tag if
 * there is a key for it, of COFD_KEY_BYTES.
 */
void cofd_init(struct cofd_endpoint *end, struct cofd_memory memory,
	       const struct cofd_geometry *geometry, u32 side, bool crc,
	       const u8 *siphash);

/* Begins anew in an epoch that the monitor never gave before. */
void cofd_begin(struct cofd_endpoint *end, u32 epoch);

/*
 * Writes once more, unchanged, what the other end goes by: nothing that it
 * wrote to this end's section outlives it.
 */
void cofd_reassert(const struct cofd_endpoint *end);

/* Tells the other end that this one is gone. */
void cofd_close(struct cofd_endpoint *end);

/* Looks whether frames can pass now. */
enum cofd_link cofd_look(struct cofd_endpoint *end);

enum cofd_sent cofd_send(struct cofd_endpoint *end, const void *frame,
			 u32 length);

/*
 * Receives the next good frame and answers its length, 0 if there is none or
 * `slots`, the number that may be looked at, is spent. `frame` has room for
 * the longest, up to a multiple of 8 bytes.
 */
u32 cofd_receive(struct cofd_endpoint *end, void *frame, u32 *slots);

/*
 * Asks for a doorbell at the next frame. False: frames came in the meantime,
 * none is asked for, receive them first.
 */
bool cofd_arm(struct cofd_endpoint *end);
void cofd_disarm(struct cofd_endpoint *end);

#endif
