// What the vectors and the start do with a GICv3 (Arm IHI 0069): its CPU interface is system registers.

// The last two registers of the switch: \a and ICC_PMR_EL1.
.macro save_pair_gicv3 a, at
    save_pair \a, S3_0_C4_C6_0, (\at)
.endm

.macro load_pair_gicv3 a, at
    load_pair \a, S3_0_C4_C6_0, (\at)
.endm

// Out: x1.
.macro read_enables_gicv3
    mrs     x1, S3_6_C12_C12_7              // ICC_IGRPEN1_EL3
.endm

// Group 1 Non-secure off: not even seen while critical runs.
.macro hide_rich_gicv3
    mrs     x0, S3_6_C12_C12_7              // ICC_IGRPEN1_EL3
    and     x0, x0, #{SHOWN}
    msr     S3_6_C12_C12_7, x0
.endm

// As it was; the critical slot's own enable stays as it left it.
.macro show_rich_gicv3
    mrs     x0, S3_6_C12_C12_7
    ldr     x1, [sp, #({IGRPEN})]
    bfi     x0, x1, #0, #1
    msr     S3_6_C12_C12_7, x0
.endm

// FIQ while the rich slot runs. ICC_HPPIR0_EL1 reads 1020 when the highest pending interrupt is
// Secure Group 1 (IHI 0069, ICC_HPPIR0_EL1): it is the critical partition's, which runs at once.
.macro fiq_rich_gicv3 slot
    stp     x0, x1, [sp, #0]
    mrs     x0, S3_0_C12_C8_2               // ICC_HPPIR0_EL1
    cmp     w0, #1020
    b.eq    preempt_\slot
    mov     w1, #{KIND_FIQ}
    b       slow_\slot
.endm

// IRQ in a monitor thread: SCR_EL3.IRQ is 0, never.
.macro irq_thread_gicv3 slot, base
    fatal   irq
.endm

// Where cores but the first wait for the monitor's own SGI (Group 0).
    .section .text.wait.gicv3, "ax"
    .global cofferdam_wait_gicv3
cofferdam_wait_gicv3:
    mov     x0, #0xf
    msr     S3_6_C12_C12_5, x0              // ICC_SRE_EL3: system registers, no bypass
    isb
    mov     x0, #0xff
    msr     S3_0_C4_C6_0, x0                // ICC_PMR_EL1
    mov     x0, #1
    msr     S3_0_C12_C12_6, x0              // ICC_IGRPEN0_EL1
    isb
1:  wfi
    mrs     x0, S3_0_C12_C8_2               // ICC_HPPIR0_EL1
    cmp     x0, #{SGI}
    b.ne    1b
    mrs     x0, S3_0_C12_C8_0               // ICC_IAR0_EL1
    msr     S3_0_C12_C8_1, x0               // ICC_EOIR0_EL1
    b       cofferdam_woken
