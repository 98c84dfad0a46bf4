/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The monitor's calls about a channel (docs/virtualnet.md): fast secure
 * monitor calls, which sleep nowhere and may come from any context.
 */
#ifndef COFFERDAM_NET_MONITOR_H
#define COFFERDAM_NET_MONITOR_H

#include <linux/arm-smccc.h>
#include <linux/errno.h>
#include <linux/types.h>

#define COFD_CHANNEL_BEGIN 0xc7000009
#define COFD_CHANNEL_RING 0xc700000a
#define COFD_CHANNEL_ACKNOWLEDGE 0xc700000b

static inline int cofd_call(u32 function, u32 channel,
			    struct arm_smccc_1_2_regs *answer)
{
	const struct arm_smccc_1_2_regs call = {
		.a0 = function,
		.a1 = channel,
	};

	arm_smccc_1_2_smc(&call, answer);

	switch ((long)answer->a0) {
	case 0:
		return 0;
	case -2:
		return -EPERM;
	case -3:
		return -EINVAL;
	case -4:
		return -EBUSY;
	default:
		return -EOPNOTSUPP;
	}
}

#endif
