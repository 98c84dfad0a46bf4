/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COFFERDAM_ATTACK_H
#define COFFERDAM_ATTACK_H

#include <linux/if_ether.h>
#include <linux/types.h>

/* The same numbers for the same seed. */
struct random {
	u64 state;
};

u32 random_any(struct random *random);

/* A number below `end`. */
static inline u32 random_below(struct random *random, u32 end)
{
	return (u64)random_any(random) * end >> 32;
}

/* Who the frames are for and say to be from. */
struct stations {
	u8 to_mac[ETH_ALEN];
	u8 from_mac[ETH_ALEN];
	__be32 to;
	__be32 from;
};

/* Frames that no honest end sends. */
enum sort {
	/* Requests and replies from another station each: a table of neighbours has an end. */
	SORT_ARP,
	/* From another port each: a listening socket has an end. */
	SORT_SYN,
	/* Pieces of datagrams that are never whole, one over the other. */
	SORT_FRAGMENT,
	/* Lengths inside that lie about what is there. */
	SORT_LIAR,
	SORT_MULTICAST,
	/* Shorter than any header, and than Ethernet's own. */
	SORT_SHORTEST,
	/* To the one who listens, as long as it can be. */
	SORT_LONGEST,
	SORT_NOISE,
	SORTS,
};

/* Makes one, and answers its length. */
u32 attack_frame(struct random *random, const struct stations *stations,
		 enum sort sort, u8 *frame, u32 longest);

#endif
