// SPDX-License-Identifier: MIT OR Apache-2.0
/* Has the cluster compute the CRC-32C of its argument. */
#include <stdio.h>
#include <string.h>

#include "services.h"

int main(int count, char **arguments)
{
	int device = cofferdam_services_open();
	int64_t status;
	uint32_t sum;

	if (device < 0 || count != 2) {
		fprintf(stderr, device < 0 ? "checksum: no /dev/cofferdam-services\n" : "checksum: what of?\n");
		return 1;
	}
	status = cofferdam_checksum(device, arguments[1], strlen(arguments[1]), &sum);
	if (status != 0) {
		fprintf(stderr, "checksum: refused, %lld\n", (long long)status);
		return 1;
	}
	printf("cofferdam: checksum %08x\n", sum);
	return 0;
}
