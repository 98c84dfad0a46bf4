/* AArch32. */
#define STATE "aarch32"
#define MONITOR_CALL 0x87000000u

__asm__(".arch_extension sec\n\t.arch_extension virt");

static inline void instruction_cache_on(void)
{
    uint32_t value;
    __asm__ volatile("mrc p15, 0, %0, c1, c0, 0\n\torr %0, %0, #0x1000\n\tmcr p15, 0, %0, c1, c0, 0\n\tisb" : "=&r"(value));
}

static inline uint64_t counter(void)
{
    uint64_t value;
    __asm__ volatile("isb\n\tmrrc p15, 0, %Q0, %R0, c14" : "=r"(value)); /* CNTPCT */
    return value;
}

static inline unsigned this_core(void)
{
    unsigned value;
    __asm__ volatile("mrc p15, 0, %0, c0, c0, 5" : "=r"(value)); /* MPIDR */
    return value & 0xff;
}

/* The monitor changes r0 to r7 at most. */
static inline long smc(unsigned long id, unsigned long a, unsigned long b, unsigned long c)
{
    register unsigned long r0 __asm__("r0") = id;
    register unsigned long r1 __asm__("r1") = a;
    register unsigned long r2 __asm__("r2") = b;
    register unsigned long r3 __asm__("r3") = c;
    __asm__ volatile("smc #0"
                     : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3)
                     :
                     : "r4", "r5", "r6", "r7", "r12", "memory");
    return (long)r0;
}

static inline long monitor_call(unsigned number, unsigned long first, uint64_t second)
{
    return smc(MONITOR_CALL | number, first, (unsigned long)second, (unsigned long)(second >> 32));
}

/* Where EL3 is AArch64, AArch32 has no register of the Secure timer. */
static inline void set_timer(uint64_t at)
{
    monitor_call(SET_TIMER, 1, at);
}

static inline void enable_interrupts_of_core(void)
{
    /* ICC_PMR, ICC_IGRPEN1 */
    __asm__ volatile("mcr p15, 0, %0, c4, c6, 0\n\tmcr p15, 0, %1, c12, c12, 7\n\tisb" : : "r"(0xff), "r"(1));
}

static inline unsigned acknowledge(void)
{
    unsigned value;
    __asm__ volatile("mrc p15, 0, %0, c12, c12, 0" : "=r"(value)); /* ICC_IAR1 */
    return value;
}

static inline void end_interrupt(unsigned id)
{
    __asm__ volatile("mcr p15, 0, %0, c12, c12, 1" : : "r"(id)); /* ICC_EOIR1 */
}

static inline void unmask(void)
{
    __asm__ volatile("cpsie i" : : : "memory");
}

static inline void mask(void)
{
    __asm__ volatile("cpsid i" : : : "memory");
}

static inline void wait(void)
{
    __asm__ volatile("yield\n\twfi" : : : "memory");
}

static inline void give_way(void)
{
    __asm__ volatile("yield" : : : "memory");
}

/* What the state has for itself: saved states and return addresses of the modes, domains, fault status. All bits but those of
 * the mode: a saved state may keep no others than that one. */
#define EACH_REGISTER(what)                                                                                            \
    what(0, "SPSR_abt", 0xf0000010) what(1, "SPSR_und", 0xf0000010) what(2, "SPSR_irq", 0xf0000010)                    \
    what(3, "SPSR_fiq", 0xf0000010) what(4, "LR_abt", 0xffffffff) what(5, "SP_abt", 0xffffffff)                        \
    what(6, "R8_fiq", 0xffffffff) what(7, "SP_usr", 0xffffffff)

static inline void fill_registers(uint32_t seed)
{
#define FILL(n, name, bits) __asm__ volatile("msr " name ", %0" : : "r"((seed * (n + 1) & bits) | (~bits & 0x13)));
    EACH_REGISTER(FILL)
#undef FILL
    __asm__ volatile("mcr p15, 0, %0, c3, c0, 0\n\tmcr p15, 0, %1, c5, c0, 1" : : "r"(seed), "r"(seed >> 24)); /* DACR, IFSR */
}

static inline int registers_kept(uint32_t seed)
{
    uint32_t value, kept = 1;
#define KEPT(n, name, bits)                                                                                            \
    __asm__ volatile("mrs %0, " name : "=r"(value));                                                                   \
    kept &= ((value ^ seed * (n + 1)) & bits & ~0x1fu) == 0;
    EACH_REGISTER(KEPT)
#undef KEPT
    __asm__ volatile("mrc p15, 0, %0, c3, c0, 0" : "=r"(value));
    kept &= value == seed;
    __asm__ volatile("mrc p15, 0, %0, c5, c0, 1" : "=r"(value));
    kept &= value == seed >> 24;
    return (int)kept;
}
