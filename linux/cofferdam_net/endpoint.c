// SPDX-License-Identifier: GPL-2.0-only
/*
 * One end of a VirtualNet link: the protocol of docs/virtualnet.md.
 *
 * Of the other end's section each word is read once, into a private copy; the
 * copy is checked, and only it is used. Positions are kept here. What is added
 * to a position wraps as the protocol says, and no loop is longer than a
 * frame or than the caller's number of slots.
 *
 * Includes nothing of the kernel's but through memory.h: the tests of channel/
 * compile this file for the host, against memory that an attacker writes.
 */

#include "endpoint.h"
#include "layout.h"

static u32 up_to_multiple(u32 value, u32 of)
{
	return (value + of - 1) & ~(of - 1);
}

bool cofd_geometry(struct cofd_geometry *geometry, u32 slots, u32 mtu)
{
	if (slots < COFD_SLOTS_MIN || slots > COFD_SLOTS_MAX ||
	    (slots & (slots - 1)))
		return false;
	if (mtu < COFD_MTU_MIN || mtu > COFD_MTU_MAX)
		return false;

	geometry->slots = slots;
	geometry->frame_max = mtu + COFD_ETHERNET_HEADER;
	geometry->stride = up_to_multiple(SLOT_FRAME + geometry->frame_max,
					  LINE);
	geometry->section = up_to_multiple(SECTION_FIRST_SLOT +
					   slots * geometry->stride, PAGE);
	return true;
}

void cofd_init(struct cofd_endpoint *end, struct cofd_memory memory,
	       const struct cofd_geometry *geometry, u32 side, bool crc,
	       const u8 *siphash)
{
	*end = (struct cofd_endpoint) {
		.memory = memory,
		.geometry = *geometry,
		.own = side ? geometry->section : 0,
		.peer = side ? 0 : geometry->section,
		.flags = (crc ? FLAG_CRC : 0) | (siphash ? FLAG_TAG : 0),
		.side = side,
		.link = COFD_CLOSED,
	};
	if (siphash)
		memcpy(end->key, siphash, sizeof(end->key));
}

static u32 read_word(const struct cofd_endpoint *end, size_t at)
{
	return cofd_load(&end->memory, end->peer + at);
}

static u32 read_acquire(const struct cofd_endpoint *end, size_t at)
{
	return cofd_load_acquire(&end->memory, end->peer + at);
}

static void write_word(const struct cofd_endpoint *end, size_t at, u32 value)
{
	cofd_store(&end->memory, end->own + at, value);
}

static void publish(const struct cofd_endpoint *end, size_t at, u32 value)
{
	cofd_store_release(&end->memory, end->own + at, value);
}

/* Where the slot of a frame begins, in a section. Any number has one. */
static size_t slot_of(const struct cofd_endpoint *end, u32 seq)
{
	const struct cofd_geometry *geometry = &end->geometry;

	return SECTION_FIRST_SLOT +
	       (size_t)(seq & (geometry->slots - 1)) * geometry->stride;
}

void cofd_begin(struct cofd_endpoint *end, u32 epoch)
{
	cofd_close(end);
	end->counters.abandoned += end->sent - end->acknowledged;
	end->counters.epochs++;
	end->epoch = epoch;
	end->link = COFD_DOWN;
	end->sent = 0;
	end->acknowledged = 0;
	end->answered = 0;
	end->taken = 0;
	end->seen = 0;
	end->request = 0;
	write_word(end, SECTION_MAGIC, MAGIC);
	write_word(end, SECTION_VERSION, VERSION);
	write_word(end, SECTION_SLOTS, end->geometry.slots);
	write_word(end, SECTION_FRAME_MAX, end->geometry.frame_max);
	write_word(end, SECTION_PROD, 0);
	write_word(end, SECTION_CONS, 0);
	write_word(end, SECTION_WANT_IRQ, 0);
	publish(end, SECTION_EPOCH, epoch);
}

void cofd_reassert(const struct cofd_endpoint *end)
{
	if (end->link == COFD_CLOSED)
		return;
	publish(end, SECTION_PROD, end->sent);
	write_word(end, SECTION_CONS, end->taken);
	write_word(end, SECTION_EPOCH, end->epoch);
}

void cofd_close(struct cofd_endpoint *end)
{
	write_word(end, SECTION_EPOCH, 0);
	/* Who sees anything that is written from here on sees the 0 too. */
	cofd_wmb(&end->memory);
	end->link = COFD_CLOSED;
}

/* Whether a frame could have the number, and so the tag, of an earlier one. */
static bool is_spent(const struct cofd_endpoint *end)
{
	return (end->flags & FLAG_TAG) &&
	       (end->sent == U32_MAX || end->taken == U32_MAX);
}

/*
 * Whether the other end is in this epoch, and so was what was read of it by
 * read_acquire before: had that been of a later epoch, the 0 that it puts here
 * first would be seen now.
 */
static bool still_up(struct cofd_endpoint *end)
{
	if (read_word(end, SECTION_EPOCH) == end->epoch && !is_spent(end))
		return true;
	end->link = COFD_LEFT;
	return false;
}

/* Stops believing, unless the other end was only starting anew. */
static void quarantine(struct cofd_endpoint *end, enum cofd_violation violation)
{
	if (!still_up(end))
		return;
	end->counters.violations[violation]++;
	end->link = COFD_QUARANTINED;
}

static void look_for_peer(struct cofd_endpoint *end)
{
	const struct {
		size_t at;
		u32 value;
	} expected[] = {
		{ SECTION_MAGIC, MAGIC },
		{ SECTION_VERSION, VERSION },
		{ SECTION_SLOTS, end->geometry.slots },
		{ SECTION_FRAME_MAX, end->geometry.frame_max },
	};
	bool same = true;
	int i;

	if (read_acquire(end, SECTION_EPOCH) != end->epoch)
		return;

	end->link = COFD_UP;
	for (i = 0; same && i < 4; i++)
		same = read_word(end, expected[i].at) == expected[i].value;
	if (!same) {
		/* One that starts anew has other words here for a while. */
		cofd_rmb(&end->memory);
		quarantine(end, COFD_VIOLATION_HEADER);
	}
}

enum cofd_link cofd_look(struct cofd_endpoint *end)
{
	if (end->link == COFD_DOWN)
		look_for_peer(end);
	else if (end->link == COFD_UP)
		still_up(end);
	return end->link;
}

/* Looks at the other end's word only if no slot is free by what is known. */
static bool has_room(struct cofd_endpoint *end)
{
	u32 open = end->sent - end->acknowledged;
	u32 taken;

	if (open < end->geometry.slots)
		return true;

	/* Acquire: it has read the slot before it is written again here. */
	taken = read_acquire(end, SECTION_CONS);
	if (taken - end->acknowledged > open) {
		quarantine(end, COFD_VIOLATION_TAKEN);
		return false;
	}
	if (!still_up(end))
		return false;
	end->acknowledged = taken;
	return end->sent - taken < end->geometry.slots;
}

static void write_tag(const struct cofd_endpoint *end, size_t start,
		      const u32 header[HEADER_WORDS], const void *frame)
{
	u32 tag[TAG_WORDS];
	int i;

	cofd_tag(end->key, end->side, header, frame, tag);
	for (i = 0; i < TAG_WORDS; i++)
		write_word(end, start + SLOT_TAG + 4 * i, tag[i]);
}

static void fill_slot(const struct cofd_endpoint *end, const void *frame,
		      u32 length)
{
	const u32 header[] = { length, end->flags, end->sent, end->epoch };
	size_t start = slot_of(end, end->sent);
	int i;

	for (i = 0; i < HEADER_WORDS; i++)
		write_word(end, start + SLOT_HEADER + 4 * i, header[i]);
	write_word(end, start + SLOT_CRC,
		   end->flags & FLAG_CRC ? cofd_checksum(header, frame) : 0);
	cofd_copy_in(&end->memory, end->own + start + SLOT_FRAME, frame,
		     length);
	if (end->flags & FLAG_TAG)
		write_tag(end, start, header, frame);
}

/* Whether the other end asked for a doorbell since it was last rung for. */
static bool doorbell_wanted(struct cofd_endpoint *end)
{
	u32 request;

	/*
	 * Either it sees the frame after it asked, or its request is seen
	 * here; see cofd_arm.
	 */
	cofd_mb(&end->memory);
	request = read_word(end, SECTION_WANT_IRQ);
	if (!request || request == end->answered)
		return false;
	end->answered = request;
	end->counters.doorbells++;
	return true;
}

enum cofd_sent cofd_send(struct cofd_endpoint *end, const void *frame,
			 u32 length)
{
	if (!length || length > end->geometry.frame_max) {
		end->counters.length++;
		return COFD_REFUSED_LENGTH;
	}
	if (cofd_look(end) != COFD_UP || !has_room(end)) {
		if (end->link == COFD_UP) {
			end->counters.full++;
			return COFD_REFUSED_FULL;
		}
		end->counters.down++;
		return COFD_REFUSED_DOWN;
	}
	fill_slot(end, frame, length);
	end->sent++;
	publish(end, SECTION_PROD, end->sent);
	end->counters.sent++;
	end->counters.sent_bytes += length;
	return doorbell_wanted(end) ? COFD_SENT_RING : COFD_SENT;
}

/* Looks at the other end's word only if there is no frame by what is known. */
static bool anything_sent(struct cofd_endpoint *end)
{
	u32 sent;

	if (end->seen != end->taken)
		return true;

	sent = read_acquire(end, SECTION_PROD);
	if (sent - end->taken > end->geometry.slots) {
		quarantine(end, COFD_VIOLATION_SENT);
		return false;
	}
	if (!still_up(end))
		return false;
	end->seen = sent;
	return end->seen != end->taken;
}

/* What is wrong with a header; COFD_VIOLATIONS: nothing. */
static enum cofd_violation violation_in(const struct cofd_endpoint *end,
					const u32 header[HEADER_WORDS])
{
	if (header[EPOCH] != end->epoch)
		return COFD_VIOLATION_EPOCH;
	if (header[SEQ] != end->taken)
		return COFD_VIOLATION_SEQUENCE;
	if (!header[LEN] || header[LEN] > end->geometry.frame_max)
		return COFD_VIOLATION_LENGTH;
	if (header[FLAGS] != end->flags)
		return COFD_VIOLATION_FLAGS;
	return COFD_VIOLATIONS;
}

/* Whether the tag is that of a frame; takes as long for each wrong one. */
static bool is_authentic(const struct cofd_endpoint *end, size_t start,
			 const u32 header[HEADER_WORDS], const void *frame)
{
	u32 tag[TAG_WORDS];
	u32 difference = 0;
	int i;

	cofd_tag(end->key, !end->side, header, frame, tag);
	for (i = 0; i < TAG_WORDS; i++)
		difference |= read_word(end, start + SLOT_TAG + 4 * i) ^ tag[i];
	return !difference;
}

/* The next slot's frame; 0: it has none that is good. */
static u32 read_slot(struct cofd_endpoint *end, void *frame)
{
	size_t start = slot_of(end, end->taken);
	enum cofd_violation violation;
	u32 header[HEADER_WORDS];
	u32 crc;
	int i;

	for (i = 0; i < HEADER_WORDS; i++)
		header[i] = read_word(end, start + SLOT_HEADER + 4 * i);
	crc = read_word(end, start + SLOT_CRC);

	violation = violation_in(end, header);
	if (violation == COFD_VIOLATIONS) {
		cofd_copy_out(&end->memory, end->peer + start + SLOT_FRAME,
			      frame, header[LEN]);
		if ((end->flags & FLAG_CRC) &&
		    cofd_checksum(header, frame) != crc)
			violation = COFD_VIOLATION_CHECKSUM;
		else if ((end->flags & FLAG_TAG) &&
			 !is_authentic(end, start, header, frame))
			violation = COFD_VIOLATION_TAG;
		else
			return header[LEN];
	}
	end->counters.violations[violation]++;
	return 0;
}

u32 cofd_receive(struct cofd_endpoint *end, void *frame, u32 *slots)
{
	u32 length = 0;

	while (!length && cofd_look(end) == COFD_UP && *slots &&
	       anything_sent(end)) {
		--*slots;
		length = read_slot(end, frame);
		end->taken++;
		/* Release: the slot is read when it may be written again. */
		publish(end, SECTION_CONS, end->taken);
	}
	if (length) {
		end->counters.received++;
		end->counters.received_bytes += length;
	}
	return length;
}

bool cofd_arm(struct cofd_endpoint *end)
{
	/* Another number than the last, and not 0, which asks for nothing. */
	end->request++;
	if (!end->request)
		end->request++;
	write_word(end, SECTION_WANT_IRQ, end->request);
	/*
	 * Either the other end sees the request after it sent, or its frame is
	 * seen here; see doorbell_wanted.
	 */
	cofd_mb(&end->memory);
	if (cofd_look(end) == COFD_UP && anything_sent(end)) {
		cofd_disarm(end);
		return false;
	}
	return true;
}

void cofd_disarm(struct cofd_endpoint *end)
{
	write_word(end, SECTION_WANT_IRQ, 0);
}
