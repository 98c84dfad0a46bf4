/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls of the monitor: secure monitor calls, or calls of the SBI, which have
 * the same identifiers. They sleep nowhere.
 */
#ifndef COFFERDAM_SERVICES_MONITOR_H
#define COFFERDAM_SERVICES_MONITOR_H

#include <linux/types.h>

#ifdef CONFIG_RISCV
/*
 * As arm64's: a function and its arguments, then a status and results. Those
 * behind a7 are nowhere: no service has so many.
 */
struct cofferdam_registers {
	unsigned long a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12,
		a13, a14, a15, a16, a17;
};

/* The monitor's own extension of the SBI. */
#define COFFERDAM_EXTENSION 0x0a46444d

/* The monitor's own call for the answer of a submitted request. */
#define COFFERDAM_POLL 0x12

static inline bool cofferdam_monitor_can_be_called(void)
{
	return true;
}

/* sbi_ecall() answers two registers, and expects all others to be kept. */
static inline void cofferdam_call_monitor(const struct cofferdam_registers *call,
					  struct cofferdam_registers *answer)
{
	register unsigned long a0 asm("a0") = call->a1;
	register unsigned long a1 asm("a1") = call->a2;
	register unsigned long a2 asm("a2") = call->a3;
	register unsigned long a3 asm("a3") = call->a4;
	register unsigned long a4 asm("a4") = call->a5;
	register unsigned long a5 asm("a5") = call->a6;
	/* A number of 32 bits, with its sign. */
	register unsigned long a6 asm("a6") = (s32)call->a0;
	register unsigned long a7 asm("a7") = COFFERDAM_EXTENSION;

	asm volatile("ecall"
		     : "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3), "+r"(a4),
		       "+r"(a5), "+r"(a6), "+r"(a7)
		     :
		     : "memory");

	*answer = (struct cofferdam_registers){
		.a0 = a0, .a1 = a1, .a2 = a2, .a3 = a3,
		.a4 = a4, .a5 = a5, .a6 = a6, .a7 = a7,
	};
}
#else
#include <linux/arm-smccc.h>

#define cofferdam_registers arm_smccc_1_2_regs

#define COFFERDAM_POLL 0xc7000012

static inline bool cofferdam_monitor_can_be_called(void)
{
	return arm_smccc_get_version() >= ARM_SMCCC_VERSION_1_2;
}

static inline void cofferdam_call_monitor(const struct cofferdam_registers *call,
					  struct cofferdam_registers *answer)
{
	arm_smccc_1_2_smc(call, answer);
}
#endif

#endif
