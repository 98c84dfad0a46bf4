// SPDX-License-Identifier: MIT OR Apache-2.0
/* Shows the vehicle's odometer, which the monitor keeps, and that Linux cannot advance it. */
#include <stdio.h>
#include <string.h>

#include "services.h"

/* odometer_advance: for the cluster alone, so nothing is generated for it here. */
#define ADVANCE 0xc2000001u

int main(void)
{
	struct cofferdam_call advance = { .function = ADVANCE, .words = { 1 } };
	int device = cofferdam_services_open();
	uint64_t metres;
	int64_t status;

	if (device < 0) {
		perror("odometer: /dev/cofferdam-services");
		return 1;
	}
	status = cofferdam_odometer_read(device, &metres);
	if (status != 0) {
		fprintf(stderr, "odometer: refused, %lld\n", (long long)status);
		return 1;
	}
	status = cofferdam_services_call(device, &advance);
	printf("cofferdam: odometer %llu m, advancing it %s\n", (unsigned long long)metres,
	       status == ENOENT || status == SERVICE_DENIED ? "is refused" : "WORKED");
	return 0;
}
