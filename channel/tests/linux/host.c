// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Linux driver's endpoint for a test that does not know its structures.
 */
#include <stdlib.h>

#include "endpoint.h"

static struct cofd_endpoint *create(const struct accesses *with, u32 slots,
				    u32 mtu, u32 side, bool crc,
				    const u8 *siphash)
{
	struct cofd_endpoint *end = calloc(1, sizeof(*end));
	struct cofd_memory memory = { .with = with };
	struct cofd_geometry geometry;

	if (!end || !cofd_geometry(&geometry, slots, mtu)) {
		free(end);
		return NULL;
	}
	cofd_init(end, memory, &geometry, side, crc, siphash);
	return end;
}

static void destroy(struct cofd_endpoint *end)
{
	free(end);
}

static const struct cofd_counters *counters(const struct cofd_endpoint *end)
{
	return &end->counters;
}

/* As if so many frames had passed in this epoch. */
static void skip(struct cofd_endpoint *end, u32 sent, u32 taken)
{
	end->sent = sent;
	end->acknowledged = sent;
	end->taken = taken;
	end->seen = taken;
}

const struct driver {
	struct cofd_endpoint *(*create)(const struct accesses *with, u32 slots,
					u32 mtu, u32 side, bool crc,
					const u8 *siphash);
	void (*destroy)(struct cofd_endpoint *end);
	const struct cofd_counters *(*counters)(const struct cofd_endpoint *end);
	void (*begin)(struct cofd_endpoint *end, u32 epoch);
	void (*close)(struct cofd_endpoint *end);
	enum cofd_link (*look)(struct cofd_endpoint *end);
	enum cofd_sent (*send)(struct cofd_endpoint *end, const void *frame,
			       u32 length);
	u32 (*receive)(struct cofd_endpoint *end, void *frame, u32 *slots);
	bool (*arm)(struct cofd_endpoint *end);
	void (*disarm)(struct cofd_endpoint *end);
	void (*reassert)(const struct cofd_endpoint *end);
	void (*skip)(struct cofd_endpoint *end, u32 sent, u32 taken);
} driver = {
	create, destroy, counters, cofd_begin, cofd_close,
	cofd_look, cofd_send, cofd_receive, cofd_arm, cofd_disarm,
	cofd_reassert, skip,
};
