// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shows what the monitor below this kernel counts of its partitions, in
 * /proc/cofferdam_profile: a line for each partition on each of its cores, and
 * below it how its times are spread over powers of two, where that is counted.
 * All times are in ticks of the system counter.
 *
 * The monitor's call and its pages: abi/src/call.rs and abi/src/stats.rs.
 */

#include <linux/arm-smccc.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#define CALL_STATS 0xc7000003

#define INVALID_PARAMETER -3

/* More than a monitor can have. */
#define PARTITIONS 8
#define CORES 8

enum stats_page {
	PAGE_TIME = 0,
	PAGE_PROFILE = 2,
	PAGE_DELAYS = 3,
	PAGE_LONG_DELAYS = 4,
	PAGE_CALLS = 5,
	PAGE_LONG_CALLS = 6,
};

static long read_page(unsigned int partition, unsigned int core,
		      enum stats_page page, struct arm_smccc_1_2_regs *answer)
{
	const struct arm_smccc_1_2_regs call = {
		.a0 = CALL_STATS, .a1 = partition, .a2 = core, .a3 = page,
	};

	arm_smccc_1_2_smc(&call, answer);
	return (long)answer->a0;
}

static void show_spread(struct seq_file *file, const char *what,
			unsigned int partition, unsigned int core,
			enum stats_page first)
{
	struct arm_smccc_1_2_regs it;
	enum stats_page page;

	for (page = first; page <= first + 1; page++) {
		if (read_page(partition, core, page, &it))
			return;
		if (page == first)
			seq_printf(file, " %s", what);
		seq_printf(file, " %lu %lu %lu %lu %lu %lu %lu", it.a1, it.a2,
			   it.a3, it.a4, it.a5, it.a6, it.a7);
	}
	seq_putc(file, '\n');
}

static int show(struct seq_file *file, void *unused)
{
	struct arm_smccc_1_2_regs it, time;
	unsigned int partition, core;

	for (partition = 0; partition < PARTITIONS; partition++) {
		for (core = 0; core < CORES; core++) {
			if (read_page(partition, core, PAGE_PROFILE, &it) ||
			    read_page(partition, core, PAGE_TIME, &time))
				continue;
			seq_printf(file,
				   "partition=%u core=%u held=%lu of=%lu switches=%lu stolen=%lu delays=%lu longest_delay=%lu calls=%lu call_ticks=%lu longest_call=%lu\n",
				   partition, core, time.a3, time.a4, it.a1,
				   it.a2, it.a3, it.a4, it.a5, it.a6, it.a7);
			show_spread(file, "delays", partition, core, PAGE_DELAYS);
			show_spread(file, "calls", partition, core, PAGE_CALLS);
		}
	}
	return 0;
}

static int __init cofferdam_profile_init(void)
{
	struct arm_smccc_1_2_regs it;
	long status = read_page(0, 0, PAGE_PROFILE, &it);

	/* The first partition need not be on the first core. */
	if (status && status != INVALID_PARAMETER)
		return -ENODEV;
	return proc_create_single("cofferdam_profile", 0400, NULL, show) ?
		       0 : -ENOMEM;
}
module_init(cofferdam_profile_init);

static void __exit cofferdam_profile_exit(void)
{
	remove_proc_entry("cofferdam_profile", NULL);
}
module_exit(cofferdam_profile_exit);

MODULE_DESCRIPTION("What the Cofferdam monitor counts");
MODULE_LICENSE("GPL");
