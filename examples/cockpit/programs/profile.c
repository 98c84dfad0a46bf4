// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Shows what the monitor counts of its partitions, as a table: /proc/cofferdam_profile with times in nanoseconds.
 *
 * Usage: profile [NAME...]     names of the partitions, in the order of the description
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define BUCKETS 14

struct profile {
	unsigned int partition, core;
	uint64_t held, of, switches, stolen, delays, longest_delay, calls, call_ticks, longest_call;
};

static double nanoseconds(uint64_t ticks)
{
	uint64_t frequency;

	__asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
	return (double)ticks * 1e9 / (double)frequency;
}

static int parse(const char *line, struct profile *it)
{
	return sscanf(line,
		      "partition=%u core=%u held=%" SCNu64 " of=%" SCNu64 " switches=%" SCNu64 " stolen=%" SCNu64
		      " delays=%" SCNu64 " longest_delay=%" SCNu64 " calls=%" SCNu64 " call_ticks=%" SCNu64
		      " longest_call=%" SCNu64,
		      &it->partition, &it->core, &it->held, &it->of, &it->switches, &it->stolen, &it->delays,
		      &it->longest_delay, &it->calls, &it->call_ticks, &it->longest_call) == 11;
}

static void show(const struct profile *it, const char *name)
{
	double mean = it->calls ? nanoseconds(it->call_ticks) / (double)it->calls : 0;
	char held[8] = "-";

	/* It is counted at switches: on a core without any there is nothing to tell. */
	if (it->switches && it->of)
		snprintf(held, sizeof(held), "%.2f", 100.0 * (double)it->held / (double)it->of);
	printf("profile| %-10s %4u %6s %9" PRIu64 " %12.0f %9" PRIu64 " %8.0f %9" PRIu64 " %8.0f %8.0f\n", name,
	       it->core, held, it->switches, nanoseconds(it->stolen), it->delays, nanoseconds(it->longest_delay),
	       it->calls, mean, nanoseconds(it->longest_call));
}

/* A line ` delays N N ..`: the first bucket counts what took no tick, each further one twice as long times. */
static void show_spread(const char *line)
{
	char what[16];
	int place = 0, next;

	if (sscanf(line, " %15s%n", what, &place) != 1)
		return;
	for (int bucket = 0; bucket < BUCKETS; bucket++) {
		uint64_t count;

		if (sscanf(line + place, "%" SCNu64 "%n", &count, &next) != 1)
			return;
		place += next;
		if (!count)
			continue;
		if (bucket < BUCKETS - 1)
			printf("profile|   %-6s below %8.0f ns: %" PRIu64 "\n", what,
			       nanoseconds(UINT64_C(1) << bucket), count);
		else
			printf("profile|   %-6s longer:           %" PRIu64 "\n", what, count);
	}
}

int main(int count, char **names)
{
	FILE *file = fopen("/proc/cofferdam_profile", "r");
	struct profile it;
	char line[512], number[16];

	if (!file) {
		perror("profile: /proc/cofferdam_profile");
		return 1;
	}
	printf("profile| %-10s %4s %6s %9s %12s %9s %8s %9s %8s %8s\n", "partition", "core", "held %", "switches",
	       "stolen ns", "delays", "worst ns", "calls", "mean ns", "worst ns");
	while (fgets(line, sizeof(line), file)) {
		if (!parse(line, &it)) {
			show_spread(line);
			continue;
		}
		snprintf(number, sizeof(number), "%u", it.partition);
		show(&it, it.partition + 1 < (unsigned int)count ? names[it.partition + 1] : number);
	}
	return fclose(file) ? 1 : 0;
}
