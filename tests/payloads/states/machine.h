/* What the programs ask of a core, in either state. */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdint.h>

#include "partition.h"

/* The board's counter has 62.5 MHz. A division of 64 bits would need a library. */
#define NANOSECONDS_PER_TICK 16

/* Of start64.S and start32.S. */
extern uint32_t entered_at_start;
void start_second(void);
/* Called by them; `level`: CurrentEL, or the mode in AArch32. */
void program(unsigned long argument, unsigned long level);
void second_core(unsigned long argument);
void on_interrupt(void);
void on_undefined(void);

/* The monitor's own calls (cofferdam_abi::call). */
#define VERSION 0x00
#define JOB_DONE 0x01
#define CRASH 0x02
#define SET_TIMER 0x1c
#define NOT_SUPPORTED (-1)

/* PSCI (Arm DEN0022), in the 32-bit convention. */
#define CPU_OFF 0x84000002u
#define CPU_ON 0x84000003u
#define SYSTEM_RESET 0x84000009u
#define WIDE 0x40000000u
/* Of `services:` in aarch32.yaml. */
#define WARNING_SPEED 0x82000004u
#define DENIED (-2)
/* General query of services: the first word of what they identify themselves by (DEN0028). */
#define SERVICES_UID 0x8200ff01u
#define SERVICES 0xe41d1c5bu

#ifdef __aarch64__
#include "machine64.h"
#else
#include "machine32.h"
#endif

/* Registers of devices are little-endian, whatever data are. */
static inline uint32_t of_device(uint32_t value)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap32(value);
#else
    return value;
#endif
}

static inline void device_write(uintptr_t address, uint32_t value)
{
    *(volatile uint32_t *)address = of_device(value);
}

/* As it is in memory, not as it was compiled. */
static inline const char *byte_order(void)
{
    volatile uint32_t word = 0x01020304;
    return *(volatile uint8_t *)&word == 1 ? "big-endian" : "little-endian";
}

#endif
