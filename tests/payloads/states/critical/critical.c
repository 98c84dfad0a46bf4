/* A critical partition for each state and byte order: a job every millisecond, and what the state has for itself. */
#include "console.h"
#include "machine.h"

#define TICKS (PERIOD / NANOSECONDS_PER_TICK)
#define REPORT_EVERY 100

/* The second core ends the partition by then, once. */
#define CRASHES_AFTER 150

struct task {
    uint64_t release, worst;
    uint32_t jobs, missed;
};

static volatile struct task tasks[2];
static volatile uint32_t undefined, kept = 1;
__attribute__((section(".kept"))) static volatile uint32_t starts;

static void report(void)
{
    volatile struct task *first = tasks, *second = tasks + 1;

    print("cluster: t=");
    print_number(first->jobs / 1000);
    print(" met=");
    print_number(first->jobs - first->missed);
    print(" missed=");
    print_number(first->missed);
    print(" worst_latency_ns=");
    print_number((uint32_t)(first->worst * NANOSECONDS_PER_TICK));
    if (second->jobs) {
        print(" second=");
        print_number(second->jobs - second->missed);
        print("/");
        print_number(second->missed);
    }
    print(kept ? " registers kept\r\n" : " registers CHANGED\r\n");
}

/* A job, on the core that this runs on. The monitor judges the first core's. */
void on_interrupt(void)
{
    unsigned id = acknowledge(), core = this_core();
    volatile struct task *task = tasks + core;
    uint64_t released = task->release, late = counter() - released;

    if (id != TIMER_SECURE_INTERRUPT) {
        print("critical: an interrupt that is not its own\r\n");
        return;
    }
    if (late > task->worst)
        task->worst = late;
    task->release = released + TICKS;
    set_timer(task->release);
    end_interrupt(id);
    if ((core == 0 && monitor_call(JOB_DONE, task->jobs, released) != 0) || counter() > task->release)
        task->missed++;
    task->jobs++;
    if (core == 0 && task->jobs % REPORT_EVERY == 0)
        report();
    if (core == 1 && task->jobs == CRASHES_AFTER && starts == 1)
        monitor_call(CRASH, 0, 0);
}

/* GICR_ISENABLER0 is in the second of a core's two frames of 64 KiB (IHI 0069). */
static void work(void)
{
    unsigned core = this_core();

    device_write(REDISTRIBUTORS + core * 0x20000 + 0x10100, 1u << TIMER_SECURE_INTERRUPT);
    enable_interrupts_of_core();
    tasks[core].release = counter() + TICKS;
    set_timer(tasks[core].release);
    for (;;) {
        fill_registers(0x9a5b3c1d);
        wait();
        kept &= (uint32_t)registers_kept(0x9a5b3c1d);
        unmask();
        mask();
    }
}

/* The monitor took away what was tried. */
void on_undefined(void)
{
    undefined++;
}

#ifndef __aarch64__
/* Registers of Monitor mode (Arm ARM, traps to EL3 of monitor functionality from Secure EL1 using AArch32). */
static void try_monitor_registers(void)
{
    uint32_t value = 0;

    __asm__ volatile("mrc p15, 0, %0, c1, c1, 0" : "+r"(value));  /* SCR */
    __asm__ volatile("mcr p15, 0, %0, c1, c1, 0" : : "r"(value)); /* SCR */
    __asm__ volatile("mrc p15, 0, %0, c12, c0, 1" : "+r"(value)); /* MVBAR */
    __asm__ volatile("mcr p15, 0, %0, c1, c1, 2" : : "r"(value)); /* NSACR */
    __asm__ volatile("mrs %0, SPSR_mon" : "+r"(value));
    print("critical: of 5 registers of Monitor mode undefined: ");
    print_number(undefined);
    print("\r\n");
}
#else
static void try_monitor_registers(void)
{
}
#endif

static void try_calls(void)
{
    int known = monitor_call(VERSION, 0, 0) == 0;
    /* AArch32 has no calls of the 64-bit convention. */
    int wide = smc(0xc7000000u | VERSION, 0, 0, 0) == 0;
    /* A service that is the other's; systems for AArch64 have none. */
    int denied = smc(WARNING_SPEED, 100, 0, 0) == (sizeof(long) == 8 ? NOT_SUPPORTED : DENIED);

    print(known && denied && wide == (sizeof(long) == 8) ? "critical: calls as they should be\r\n" : "critical: calls WRONG\r\n");
}

void second_core(unsigned long argument)
{
    (void)argument;
    work();
}

void program(unsigned long argument, unsigned long level)
{
    (void)argument;
    (void)level;
    starts++;
    print("critical: start ");
    print_number(starts);
    print(", " STATE ", ");
    print(byte_order());
    print(entered_at_start ? " in memory\r\n" : " in memory, by another entry\r\n");
    /* The monitor ends it with its first job. */
    if (!CACHES && starts == 1)
        instruction_cache_on();
    try_calls();
    try_monitor_registers();
    if (CORES > 1) {
        int wrong = smc(CPU_OFF, 0, 0, 0) >= 0 || smc(CPU_ON, 7, (unsigned long)start_second, 0) >= 0 ||
                    smc(CPU_ON, 1, 0, 0) >= 0 || smc(SYSTEM_RESET, 0, 0, 0) >= 0;
        print(wrong ? "critical: cores WRONG\r\n" : "critical: cores as they should be\r\n");
        smc(CPU_ON, 1, (unsigned long)start_second, 0);
    }
    work();
}
