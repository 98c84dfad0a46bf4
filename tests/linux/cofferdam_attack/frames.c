// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames that an IP stack should survive: of the least and the greatest length,
 * cut headers, fragments that overlap, storms of ARP, multicast and SYN, and
 * noise. Those for a stack are well-formed up to what they attack, so that they
 * come as far as they can.
 */

#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/ip.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <net/checksum.h>

#include "attack.h"

u32 random_any(struct random *random)
{
	/* xorshift64*: never 0 again if it was not at first. */
	random->state ^= random->state << 13;
	random->state ^= random->state >> 7;
	random->state ^= random->state << 17;
	return random->state * 0x2545f4914f6cdd1dull >> 32;
}

static void fill(struct random *random, u8 *to, u32 length)
{
	while (length--)
		*to++ = random_any(random);
}

static u8 *ethernet(const struct stations *stations, u8 *frame, u16 protocol)
{
	struct ethhdr *header = (void *)frame;

	ether_addr_copy(header->h_dest, stations->to_mac);
	ether_addr_copy(header->h_source, stations->from_mac);
	header->h_proto = htons(protocol);
	return frame + ETH_HLEN;
}

static struct iphdr *internet(struct random *random,
			      const struct stations *stations, u8 *frame,
			      u8 protocol, u32 payload)
{
	struct iphdr *ip = (void *)ethernet(stations, frame, ETH_P_IP);

	*ip = (struct iphdr) {
		.version = 4,
		.ihl = 5,
		.tot_len = htons(sizeof(*ip) + payload),
		.id = htons(random_any(random)),
		.ttl = 64,
		.protocol = protocol,
		.saddr = stations->from,
		.daddr = stations->to,
	};
	return ip;
}

static u32 finish(struct iphdr *ip)
{
	ip->check = 0;
	ip->check = ip_fast_csum(ip, ip->ihl);
	return ETH_HLEN + ntohs(ip->tot_len);
}

static u32 arp(struct random *random, const struct stations *stations,
	       u8 *frame)
{
	struct arphdr *header = (void *)ethernet(stations, frame, ETH_P_ARP);
	u8 *addresses = (u8 *)(header + 1);

	eth_broadcast_addr(frame);
	*header = (struct arphdr) {
		.ar_hrd = htons(ARPHRD_ETHER),
		.ar_pro = htons(ETH_P_IP),
		.ar_hln = ETH_ALEN,
		.ar_pln = 4,
		.ar_op = htons(1 + random_below(random, 2)),
	};
	ether_addr_copy(addresses, stations->from_mac);
	memcpy(addresses + 6, &stations->from, 4);
	addresses[9] = random_any(random);
	eth_zero_addr(addresses + 10);
	memcpy(addresses + 16, &stations->to, 4);
	return ETH_HLEN + sizeof(*header) + 20;
}

static u32 syn(struct random *random, const struct stations *stations,
	       u8 *frame)
{
	struct iphdr *ip = internet(random, stations, frame, IPPROTO_TCP,
				    sizeof(struct tcphdr));
	struct tcphdr *tcp = (void *)(ip + 1);

	*tcp = (struct tcphdr) {
		.source = htons(random_any(random)),
		.dest = htons(80),
		.seq = htonl(random_any(random)),
		.doff = 5,
		.syn = 1,
		.window = htons(0xffff),
	};
	tcp->check = csum_tcpudp_magic(ip->saddr, ip->daddr, sizeof(*tcp),
				       IPPROTO_TCP,
				       csum_partial(tcp, sizeof(*tcp), 0));
	return finish(ip);
}

static u32 fragment(struct random *random, const struct stations *stations,
		    u8 *frame, u32 longest)
{
	u32 payload = 8 * random_below(random, (longest - 33) / 8);
	struct iphdr *ip = internet(random, stations, frame, IPPROTO_UDP,
				    payload);

	ip->id = htons(random_below(random, 4));
	ip->frag_off = htons(0x2000 | random_below(random, 0x1fff));
	fill(random, (u8 *)(ip + 1), payload);
	return finish(ip);
}

static u32 liar(struct random *random, const struct stations *stations,
		u8 *frame)
{
	struct iphdr *ip = internet(random, stations, frame,
				    random_below(random, 20), 26);

	ip->ihl = random_below(random, 16);
	ip->tot_len = htons(random_any(random));
	fill(random, (u8 *)(ip + 1), 26);
	ip->check = 0;
	ip->check = ip_fast_csum(ip, ip->ihl < 5 ? 5 : ip->ihl);
	return ETH_HLEN + sizeof(*ip) + 26;
}

static u32 multicast(struct random *random, const struct stations *stations,
		     u8 *frame)
{
	struct iphdr *ip = internet(random, stations, frame, IPPROTO_UDP, 64);

	fill(random, (u8 *)(ip + 1), 64);
	ip->daddr = htonl(0xe0000001);
	frame[0] = 0x01;
	frame[1] = 0x00;
	frame[2] = 0x5e;
	return finish(ip);
}

u32 attack_frame(struct random *random, const struct stations *stations,
		 enum sort sort, u8 *frame, u32 longest)
{
	switch (sort) {
	case SORT_ARP:
		return arp(random, stations, frame);
	case SORT_SYN:
		return syn(random, stations, frame);
	case SORT_FRAGMENT:
		return fragment(random, stations, frame, longest);
	case SORT_LIAR:
		return liar(random, stations, frame);
	case SORT_MULTICAST:
		return multicast(random, stations, frame);
	case SORT_SHORTEST:
		return 1 + random_below(random, ETH_HLEN + 20);
	case SORT_LONGEST:
		fill(random, ethernet(stations, frame, ETH_P_IP), 64);
		return longest;
	default:
		fill(random, frame, longest);
		return 1 + random_below(random, longest);
	}
}
