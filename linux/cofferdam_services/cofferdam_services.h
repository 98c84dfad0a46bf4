/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Calls of the monitor's services from user space: one request on
 * /dev/cofferdam-services. What is generated from a system description wraps it
 * in one function for each service.
 */
#ifndef COFFERDAM_SERVICES_UAPI_H
#define COFFERDAM_SERVICES_UAPI_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* x1 to x17 of SMCCC 1.2. */
#define COFFERDAM_WORDS 17
#define COFFERDAM_BUFFERS 8

/* Memory of the caller, which the driver copies: the monitor gets no user address. */
struct cofferdam_buffer {
	__u64 address;
	__u64 length;
};

struct cofferdam_call {
	/* SMCCC function identifier of the service. */
	__u32 function;
	/* How many of buffer[] are used: as many as the service has regions. */
	__u32 buffers;
	/* Of the monitor or of who handles the service: 0, or why not. */
	__s64 status;
	/* Arguments, without those of regions; then, if status is 0, results. */
	__u64 words[COFFERDAM_WORDS];
	/* In the order of the service's regions. */
	struct cofferdam_buffer buffer[COFFERDAM_BUFFERS];
};

/*
 * Fails with ENOENT for what is no service that Linux may call, EINVAL for
 * buffers that do not fit it, EBUSY while the same service still works on a
 * request whose caller was killed, EINTR if a signal ended the wait: then the
 * service may have been done, or be done yet.
 */
#define COFFERDAM_CALL _IOWR(0xcf, 0x01, struct cofferdam_call)

#endif
