/* AArch64. */
#define STATE "aarch64"
#define MONITOR_CALL 0xc7000000u

static inline void instruction_cache_on(void)
{
    unsigned long value;
    __asm__ volatile("mrs %0, sctlr_el1\n\torr %0, %0, #0x1000\n\tmsr sctlr_el1, %0\n\tisb" : "=&r"(value));
}

static inline uint64_t counter(void)
{
    uint64_t value;
    __asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(value));
    return value;
}

static inline unsigned this_core(void)
{
    unsigned long value;
    __asm__ volatile("mrs %0, mpidr_el1" : "=r"(value));
    return value & 0xff;
}

/* SMCCC: x0 to x17 may change. */
static inline long smc(unsigned long id, unsigned long a, unsigned long b, unsigned long c)
{
    register unsigned long x0 __asm__("x0") = id;
    register unsigned long x1 __asm__("x1") = a;
    register unsigned long x2 __asm__("x2") = b;
    register unsigned long x3 __asm__("x3") = c;
    __asm__ volatile("smc #0"
                     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
                     :
                     : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17",
                       "memory");
    return (long)x0;
}

static inline long monitor_call(unsigned number, unsigned long first, uint64_t second)
{
    return smc(MONITOR_CALL | number, first, second, 0);
}

static inline void set_timer(uint64_t at)
{
    __asm__ volatile("msr cntps_cval_el1, %0\n\tmsr cntps_ctl_el1, %1\n\tisb" : : "r"(at), "r"(1ul));
}

static inline void enable_interrupts_of_core(void)
{
    /* ICC_PMR_EL1, ICC_IGRPEN1_EL1 */
    __asm__ volatile("msr S3_0_C4_C6_0, %0\n\tmsr S3_0_C12_C12_7, %1\n\tisb" : : "r"(0xfful), "r"(1ul));
}

static inline unsigned acknowledge(void)
{
    unsigned long value;
    __asm__ volatile("mrs %0, S3_0_C12_C12_0" : "=r"(value)); /* ICC_IAR1_EL1 */
    return (unsigned)value;
}

static inline void end_interrupt(unsigned id)
{
    __asm__ volatile("msr S3_0_C12_C12_1, %0" : : "r"((unsigned long)id)); /* ICC_EOIR1_EL1 */
}

static inline void unmask(void)
{
    __asm__ volatile("msr daifclr, #2" : : : "memory");
}

static inline void mask(void)
{
    __asm__ volatile("msr daifset, #2" : : : "memory");
}

static inline void wait(void)
{
    __asm__ volatile("yield\n\twfi" : : : "memory");
}

static inline void give_way(void)
{
    __asm__ volatile("yield" : : : "memory");
}

/* The registers of AArch32 are not in reach here. */
static inline void fill_registers(uint32_t seed)
{
    (void)seed;
}

static inline int registers_kept(uint32_t seed)
{
    (void)seed;
    return 1;
}
