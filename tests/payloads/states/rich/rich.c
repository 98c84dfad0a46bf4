/* A rich partition for each state and byte order: its second core, a restart, and what the state has for itself. */
#include "console.h"
#include "machine.h"

#define ARGUMENT 0x5ec0d
#define SEED 0x65a4c3e2
#define MILLISECONDS (1000000 / NANOSECONDS_PER_TICK)

static volatile uint32_t argument_of_second, undefined;
__attribute__((section(".kept"))) static volatile uint32_t starts;

void on_interrupt(void)
{
}

void on_undefined(void)
{
    undefined++;
}

void second_core(unsigned long argument)
{
    argument_of_second = (uint32_t)argument;
    smc(CPU_OFF, 0, 0, 0);
}

static const char *name(unsigned long level)
{
    switch (level) {
    case 0x4:
        return "EL1";
    case 0x8:
        return "EL2";
    case 0x13:
        return "Supervisor mode";
    default:
        return "a level that it should not be in";
    }
}

/* Whether the second core comes, with what it was to be given. */
static void try_second_core(void)
{
    uint64_t end = counter() + 100 * MILLISECONDS;
    int wide = smc(CPU_ON | WIDE, 9, (unsigned long)start_second, 0) != NOT_SUPPORTED;

    smc(CPU_ON, 1, (unsigned long)start_second, ARGUMENT);
    while (argument_of_second != ARGUMENT && counter() < end)
        give_way();
    print(argument_of_second == ARGUMENT ? "rich: second core up\r\n" : "rich: second core MISSING\r\n");
    print(wide == (sizeof(long) == 8) ? "rich: calls as they should be\r\n" : "rich: calls WRONG\r\n");
}

/* Over many turns of the critical partition. */
static void try_registers(void)
{
    uint64_t end = counter() + 20 * MILLISECONDS;

    fill_registers(SEED);
    while (counter() < end)
        give_way();
    print(registers_kept(SEED) ? "rich: registers kept\r\n" : "rich: registers CHANGED\r\n");
}

#ifndef __aarch64__
static long set_warning_speed(unsigned long kmh, unsigned long *before)
{
    register unsigned long r0 __asm__("r0") = WARNING_SPEED;
    register unsigned long r1 __asm__("r1") = kmh;

    __asm__ volatile("smc #0" : "+r"(r0), "+r"(r1) : : "r2", "r3", "r4", "r5", "r6", "r7", "r12", "memory");
    *before = r1;
    return (long)r0;
}

static void try_services(void)
{
    unsigned long before = 0;
    int answers = set_warning_speed(100, &before) == 0 && before == 130 && set_warning_speed(130, &before) == 0 &&
                  before == 100;
    int refuses = set_warning_speed(9, &before) == INVALID_PARAMETER &&
                  smc(WARNING_SPEED | WIDE, 100, 0, 0) == NOT_SUPPORTED;

    print(answers && (uint32_t)smc(SERVICES_UID, 0, 0, 0) == SERVICES ? "rich: service answers\r\n" :
                                                                       "rich: service WRONG\r\n");
    print(refuses ? "rich: service refuses\r\n" : "rich: service refuses the WRONG\r\n");
}

/* A register of the monitor's interrupts: ICC_IGRPEN0 (IHI 0069), which SCR_EL3.FIQ traps. */
static void try_group_0(void)
{
    uint32_t value = 0;

    __asm__ volatile("mrc p15, 0, %0, c12, c12, 6" : "+r"(value));
    print(undefined == 1 ? "rich: Group 0 undefined\r\n" : "rich: Group 0 WRONG\r\n");
}
#else
static void try_services(void)
{
}

static void try_group_0(void)
{
}
#endif

void program(unsigned long argument, unsigned long level)
{
    (void)argument;
    starts++;
    print("rich: start ");
    print_number(starts);
    print(", " STATE " at ");
    print(name(level));
    print(", ");
    print(byte_order());
    print(" in memory\r\n");
    try_second_core();
    try_services();
    try_group_0();
    try_registers();
    if (starts == 1)
        smc(SYSTEM_RESET, 0, 0, 0);
    print("rich: done\r\n");
    for (;;)
        wait();
}
