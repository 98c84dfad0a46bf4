// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hostile end of a VirtualNet channel, with all that a kernel can do: for a
 * time, from a core of its own, it rewrites words of the shared memory while
 * the other end reads them, rings as fast as calls go, throws the epoch over,
 * and sends frames that no honest end sends.
 *
 *	insmod cofferdam_attack.ko kinds=15 ms=1000 seed=1; rmmod cofferdam_attack
 *
 * The first returns when the time is over. For tests only: it may well harm the
 * system that it runs on.
 */

#include <linux/completion.h>
#include <linux/etherdevice.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/of_net.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "attack.h"
#include "endpoint.h"
#include "monitor.h"

/* Bits of `kinds`. */
#define KIND_WORDS BIT(0)
#define KIND_FRAMES BIT(1)
#define KIND_DOORBELLS BIT(2)
#define KIND_EPOCHS BIT(3)

/* Frames of a storm, words or rings in a row. */
#define STORM 32

static unsigned int kinds = 15;
module_param(kinds, uint, 0444);
MODULE_PARM_DESC(kinds, "1: words, 2: frames, 4: doorbells, 8: epochs");

static unsigned int ms = 1000;
module_param(ms, uint, 0444);
MODULE_PARM_DESC(ms, "How long");

static unsigned long long seed = 1;
module_param(seed, ullong, 0444);
MODULE_PARM_DESC(seed, "Of what is done");

static int cpu = -1;
module_param(cpu, int, 0444);
MODULE_PARM_DESC(cpu, "Where; the last core if not given");

static int only = -1;
module_param(only, int, 0444);
MODULE_PARM_DESC(only, "Frames of this sort alone (1: SYN), by the numbers of attack.h");

static bool own;
module_param(own, bool, 0444);
MODULE_PARM_DESC(own, "No words of the other end's: hardware may keep them");

static unsigned int to = 0x0a070002;
module_param(to, uint, 0444);
MODULE_PARM_DESC(to, "IPv4 address of the other end");

struct attack {
	struct cofd_memory memory;
	struct cofd_endpoint end;
	u32 channel;
	struct random random;
	struct stations stations;
	u8 *frame;
	u64 words;
	u64 frames[SORTS];
	u64 rings;
	u64 epochs;
	u64 refused;
	struct completion done;
};

static u32 call(struct attack *attack, u32 function)
{
	struct cofd_answer answer;

	if (!cofd_call(function, attack->channel, &answer))
		return answer.a1;
	attack->refused++;
	return 0;
}

static u32 current_epoch(struct attack *attack)
{
	struct cofd_answer answer;

	if (cofd_call(COFD_CHANNEL_ACKNOWLEDGE, attack->channel, &answer))
		return 0;
	return answer.a2;
}

/* Writes a word that matters, or any, with a value near the one it had, or any. */
static void spoil_word(struct attack *attack)
{
	static const u16 control[] = { 0x08, 0x40, 0x80, 0xc0 };
	struct random *random = &attack->random;
	const struct cofd_geometry *geometry = &attack->end.geometry;
	u32 side = own ? attack->end.side : random_below(random, 2);
	size_t at = side * geometry->section;
	u32 value = random_any(random);
	u32 slot = random_below(random, geometry->slots);

	switch (random_below(random, 4)) {
	case 0:
		at += control[random_below(random, ARRAY_SIZE(control))];
		break;
	case 1:
	case 2:
		at += 0x100 + slot * geometry->stride +
		      4 * random_below(random, 5);
		break;
	default:
		at += 4 * random_below(random, geometry->section / 4);
	}
	switch (random_below(random, 4)) {
	case 0:
		value = cofd_load(&attack->memory, at) + value % 5 - 2;
		break;
	case 1:
		value %= geometry->frame_max + 3;
		break;
	case 2:
		value = attack->end.epoch;
	}
	cofd_store(&attack->memory, at, value);
	attack->words++;
}

static void begin(struct attack *attack)
{
	u32 epoch = call(attack, COFD_CHANNEL_BEGIN);

	if (epoch) {
		cofd_begin(&attack->end, epoch);
		attack->epochs++;
	}
}

static void send_frame(struct attack *attack, enum sort sort)
{
	u32 longest = attack->end.geometry.frame_max;
	u32 length;

	length = attack_frame(&attack->random, &attack->stations, sort,
			      attack->frame, longest);
	switch (cofd_send(&attack->end, attack->frame, length)) {
	case COFD_SENT_RING:
		call(attack, COFD_CHANNEL_RING);
		fallthrough;
	case COFD_SENT:
		attack->frames[sort]++;
		break;
	default:
		break;
	}
}

/* Frames of one sort, as fast as the ring takes them. */
static void storm(struct attack *attack)
{
	u32 any = random_below(&attack->random, SORTS);
	int n;

	/* Whoever is quarantined or left alone comes again. */
	if (cofd_look(&attack->end) != COFD_UP) {
		call(attack, COFD_CHANNEL_ACKNOWLEDGE);
		if (attack->end.link != COFD_DOWN)
			begin(attack);
		return;
	}
	for (n = 0; n < STORM; n++)
		send_frame(attack, only < 0 ? any : only % SORTS);
}

/* As fast as calls go. */
static void ring(struct attack *attack)
{
	int n;

	for (n = 0; n < STORM; n++)
		call(attack, COFD_CHANNEL_RING);
	attack->rings += STORM;
}

static void strike(struct attack *attack)
{
	int n;

	switch (kinds & BIT(random_below(&attack->random, 4))) {
	case KIND_WORDS:
		for (n = 0; n < STORM; n++)
			spoil_word(attack);
		break;
	case KIND_FRAMES:
		storm(attack);
		break;
	case KIND_DOORBELLS:
		ring(attack);
		break;
	case KIND_EPOCHS:
		begin(attack);
		break;
	}
}

static int attack_thread(void *data)
{
	ktime_t until = ktime_add_ms(ktime_get(), ms);
	struct attack *attack = data;

	if (kinds & KIND_FRAMES)
		begin(attack);
	while (ktime_before(ktime_get(), until)) {
		strike(attack);
		cond_resched();
	}
	cofd_close(&attack->end);
	complete(&attack->done);
	return 0;
}

static int attack_map(struct attack *attack, const struct device_node *node)
{
	struct cofd_geometry geometry;
	struct device_node *region;
	u32 side, slots, mtu;
	struct resource found;
	int error;

	if (of_property_read_u32(node, "cofferdam,channel", &attack->channel) ||
	    of_property_read_u32(node, "cofferdam,side", &side) ||
	    of_property_read_u32(node, "cofferdam,slots", &slots) ||
	    of_property_read_u32(node, "cofferdam,mtu", &mtu) ||
	    !cofd_geometry(&geometry, slots, mtu))
		return -EINVAL;
	region = of_parse_phandle(node, "memory-region", 0);
	error = of_address_to_resource(region, 0, &found);
	of_node_put(region);
	if (error)
		return error;
	attack->memory.base = memremap(found.start, 2 * geometry.section,
				       MEMREMAP_WB);
	if (!attack->memory.base)
		return -ENOMEM;
	cofd_init(&attack->end, attack->memory, &geometry, side,
		  of_property_read_bool(node, "cofferdam,crc"), NULL);
	return 0;
}

/* The addresses that the monitor's device tree gives to both ends. */
static void attack_address(struct attack *attack, struct device_node *node)
{
	struct stations *stations = &attack->stations;

	of_get_mac_address(node, stations->from_mac);
	if (of_property_read_u8_array(node, "cofferdam,peer-mac-address",
				      stations->to_mac, ETH_ALEN)) {
		/* The two differ in their last bit, which is that of the side. */
		ether_addr_copy(stations->to_mac, stations->from_mac);
		stations->to_mac[ETH_ALEN - 1] ^= 1;
	}
	stations->to = htonl(to);
	stations->from = htonl(to ^ 3);
}

static void attack_report(struct attack *attack)
{
	u64 *frames = attack->frames;

	pr_info("cofferdam_attack: over: epoch=%u words=%llu rings=%llu epochs=%llu refused=%llu\n",
		current_epoch(attack), attack->words, attack->rings,
		attack->epochs, attack->refused);
	pr_info("cofferdam_attack: frames: arp=%llu syn=%llu fragments=%llu liars=%llu multicast=%llu shortest=%llu longest=%llu noise=%llu\n",
		frames[SORT_ARP], frames[SORT_SYN], frames[SORT_FRAGMENT],
		frames[SORT_LIAR], frames[SORT_MULTICAST],
		frames[SORT_SHORTEST], frames[SORT_LONGEST],
		frames[SORT_NOISE]);
}

static int attack_run(struct attack *attack, struct device_node *node)
{
	struct task_struct *thread;
	int error;

	attack->random.state = seed | 1;
	init_completion(&attack->done);
	attack->frame = kzalloc(COFD_MTU_MAX + 64, GFP_KERNEL);
	if (!attack->frame)
		return -ENOMEM;
	error = attack_map(attack, node);
	if (error)
		goto free;
	attack_address(attack, node);

	thread = kthread_create(attack_thread, attack, "cofferdam_attack");
	if (IS_ERR(thread)) {
		error = PTR_ERR(thread);
		goto unmap;
	}
	kthread_bind(thread, cpu < 0 ? cpumask_last(cpu_online_mask) : cpu);
	get_task_struct(thread);
	wake_up_process(thread);
	wait_for_completion(&attack->done);
	/* Its code goes with this module: it must be out of it. */
	kthread_stop(thread);
	put_task_struct(thread);
	attack_report(attack);
unmap:
	memunmap(attack->memory.base);
free:
	kfree(attack->frame);
	return error;
}

static int __init attack_init(void)
{
	struct device_node *node;
	struct attack *attack;
	int error;

	node = of_find_compatible_node(NULL, NULL, "cofferdam,virtualnet-1");
	if (!node)
		return -ENODEV;
	attack = kzalloc(sizeof(*attack), GFP_KERNEL);
	error = attack ? attack_run(attack, node) : -ENOMEM;
	kfree(attack);
	of_node_put(node);
	return error;
}
module_init(attack_init);

/* Nothing is left: it is here so that the module can be unloaded. */
static void __exit attack_exit(void)
{
}
module_exit(attack_exit);

MODULE_DESCRIPTION("A hostile end of a VirtualNet channel, for tests");
MODULE_AUTHOR("The Cofferdam authors");
MODULE_LICENSE("GPL");
