/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The monitor's calls about a channel (docs/virtualnet.md): fast secure
 * monitor calls, or calls of the SBI. They sleep nowhere and may come from
 * any context.
 */
#ifndef COFFERDAM_NET_MONITOR_H
#define COFFERDAM_NET_MONITOR_H

#include <linux/errno.h>
#include <linux/types.h>

#define COFD_CHANNEL_BEGIN 0x09
#define COFD_CHANNEL_RING 0x0a
#define COFD_CHANNEL_ACKNOWLEDGE 0x0b

#ifdef CONFIG_RISCV
/* As arm64's: the first is the status. */
struct cofd_answer {
	unsigned long a0, a1, a2, a3, a4, a5, a6, a7;
};

#define COFD_EXTENSION 0x0a46444d

/* sbi_ecall() answers two registers, and expects all others to be kept. */
static inline void cofd_call_monitor(u32 function, u32 channel,
				     struct cofd_answer *answer)
{
	register unsigned long a0 asm("a0") = channel;
	register unsigned long a1 asm("a1") = 0;
	register unsigned long a2 asm("a2") = 0;
	register unsigned long a3 asm("a3");
	register unsigned long a4 asm("a4");
	register unsigned long a5 asm("a5");
	register unsigned long a6 asm("a6") = function;
	register unsigned long a7 asm("a7") = COFD_EXTENSION;

	asm volatile("ecall"
		     : "+r"(a0), "+r"(a1), "+r"(a2), "=r"(a3), "=r"(a4),
		       "=r"(a5), "+r"(a6), "+r"(a7)
		     :
		     : "memory");

	*answer = (struct cofd_answer){
		.a0 = a0, .a1 = a1, .a2 = a2, .a3 = a3,
		.a4 = a4, .a5 = a5, .a6 = a6, .a7 = a7,
	};
}
#else
#include <linux/arm-smccc.h>

#define cofd_answer arm_smccc_1_2_regs

#define COFD_BASE 0xc7000000

static inline void cofd_call_monitor(u32 function, u32 channel,
				     struct cofd_answer *answer)
{
	const struct cofd_answer call = {
		.a0 = COFD_BASE | function,
		.a1 = channel,
	};

	arm_smccc_1_2_smc(&call, answer);
}
#endif

static inline int cofd_call(u32 function, u32 channel,
			    struct cofd_answer *answer)
{
	cofd_call_monitor(function, channel, answer);

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
