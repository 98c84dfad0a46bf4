/* A program of Linux: shows how many jobs the critical partition has done, by a service of the monitor. */
#include <stdio.h>

#include "services.h"

int main(void)
{
	int device = cofferdam_services_open();
	uint64_t total;
	int64_t status;

	if (device < 0) {
		perror("jobs-done: /dev/cofferdam-services");
		return 1;
	}
	status = cofferdam_jobs_read(device, &total);
	if (status != 0) {
		fprintf(stderr, "jobs-done: refused, %lld\n", (long long)status);
		return 1;
	}
	printf("jobs done: %llu\n", (unsigned long long)total);
	return 0;
}
