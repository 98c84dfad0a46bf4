/* A rich partition for each state and byte order: its second core, a restart, and what the state has for itself. */
#include "console.h"
#include "machine.h"
#ifndef __aarch64__
#include "services.h"
#endif

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
/* By the generated functions. */
static void try_services(void)
{
    uint32_t before = 0;
    int answers = service_warning_speed(100, &before) == 0 && before == 130 && service_warning_speed(130, &before) == 0 &&
                  before == 100;
    int refuses = service_warning_speed(9, &before) == SERVICE_INVALID_PARAMETER &&
                  smc(WARNING_SPEED | WIDE, 100, 0, 0) == NOT_SUPPORTED;

    print(answers && (uint32_t)smc(SERVICES_UID, 0, 0, 0) == SERVICES ? "rich: service answers\r\n" :
                                                                       "rich: service WRONG\r\n");
    print(refuses ? "rich: service refuses\r\n" : "rich: service refuses the WRONG\r\n");
}

static void try_regions(void)
{
    static char number[24] __attribute__((aligned(8)));
    void *monitor = (void *)0x0e000000;
    uint32_t bytes = 0;
    int answers = service_vehicle_number(number) == 0 && number[0] == 'W' && number[16] == '1' &&
                  service_trip_label(number, 17, &bytes) == 0 && bytes == 17;
    int refuses = service_vehicle_number(monitor) == SERVICE_INVALID_PARAMETER &&
                  service_trip_label(monitor, 8, &bytes) == SERVICE_INVALID_PARAMETER &&
                  service_trip_label(number, 33, &bytes) == SERVICE_INVALID_PARAMETER;

    print(answers && refuses ? "rich: regions as they should be\r\n" : "rich: regions WRONG\r\n");
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

static void try_regions(void)
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
    try_regions();
    try_group_0();
    try_registers();
    if (starts == 1)
        smc(SYSTEM_RESET, 0, 0, 0);
    print("rich: done\r\n");
    for (;;)
        wait();
}
