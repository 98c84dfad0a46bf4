// From reset to Rust, for every core.
//
// On entry: EL3, MMU and caches off, DAIF masked, nothing else known (Arm ARM, Reset behavior). x19 keeps the
// core's index all along.

    .section .text.start, "ax"
    .global _start
_start:
    // SCTLR_EL3: RES1 bits, instruction cache on; data cache, MMU and alignment check off.
    ldr     x0, ={SCTLR_OFF}
    msr     sctlr_el3, x0
    // FIQ comes to EL3, or it would be no wake-up event of the WFI below (Arm ARM, WFI wakeup events).
    mov     x0, #(1 << 2)
    msr     scr_el3, x0
    isb

    // Cortex-A53 and A35 only; any other core is refused once there is a console to say it on.
    mrs     x0, midr_el1
    ubfx    w0, w0, #4, #12
    sub     w0, w0, #0xd03
    cmp     w0, #1
    b.hi    9f
    // SMPEN, before any cache is on (Cortex-A53 TRM, CPUECTLR_EL1): coherent with the other cores.
    mrs     x1, S3_1_C15_C2_1
    orr     x1, x1, #(1 << 6)
    msr     S3_1_C15_C2_1, x1
    cbnz    w0, 9f
    // Cortex-A53 erratum 855873: ENDCCASCI makes a clean an invalidation too, Linux's included (CPUACTLR_EL1).
    mrs     x1, S3_1_C15_C2_0
    orr     x1, x1, #(1 << 44)
    msr     S3_1_C15_C2_0, x1
9:  isb

    // Which core of the table is this? One that is not in it sleeps for good.
    mrs     x0, mpidr_el1
    ldr     x1, ={AFFINITY_MASK}
    and     x0, x0, x1
    adrp    x1, cofferdam_hardware_ids
    add     x1, x1, #:lo12:cofferdam_hardware_ids
    mov     x19, #0
1:  ldr     x2, [x1], #8
    cmp     x2, x0
    b.eq    2f
    add     x19, x19, #1
    cmp     x19, #{CORES}
    b.ne    1b
3:  wfi
    b       3b

2:  // SP_EL3 and SP_EL0 of this core.
    bl      set_stack
    // The other cores wait until the first has set up memory and the interrupt controller: there is nothing to look
    // at but hardware in its reset state. How they do is the controller's (gic/v3.S, gic/v2.S); the linker names it.
    cbnz    x19, cofferdam_wait

    // The first core fills .data and clears .bss, both multiples of 64 bytes.
    adrp    x0, __data_start
    add     x0, x0, #:lo12:__data_start
    adrp    x1, __data_end
    add     x1, x1, #:lo12:__data_end
    ldr     x2, =__data_load
    b       8f
7:  ldp     x3, x4, [x2], #16
    stp     x3, x4, [x0], #16
8:  cmp     x0, x1
    b.lo    7b
    adrp    x0, __bss_start
    add     x0, x0, #:lo12:__bss_start
    adrp    x1, __bss_end
    add     x1, x1, #:lo12:__bss_end
    b       5f
4:  stp     xzr, xzr, [x0], #16
    stp     xzr, xzr, [x0], #16
    stp     xzr, xzr, [x0], #16
    stp     xzr, xzr, [x0], #16
5:  cmp     x0, x1
    b.lo    4b
    bl      mmu_on
    b       cofferdam_boot

    // `cofferdam_wait` of the other cores comes back here.
    .global cofferdam_woken
cofferdam_woken:
    bl      mmu_on
    mov     x0, x19
    b       cofferdam_boot_secondary

// SP_EL3 = top of the handler stack of core x19. Clobbers x0, x1.
set_stack:
    msr     spsel, #1
    ldr     x0, =__stacks
    mov     x1, #{STACKS_OF_CORE}
    madd    x0, x1, x19, x0
    add     x0, x0, #{STACK}
    mov     sp, x0
    ret

// Memory attributes and the constant translation tables. Clobbers x0.
mmu_on:
    ldr     x0, ={MAIR}
    msr     mair_el3, x0
    ldr     x0, ={TCR}
    msr     tcr_el3, x0
    ldr     x0, =cofferdam_tables
    msr     ttbr0_el3, x0
    tlbi    alle3
    ic      iallu
    dsb     nsh
    isb
    ldr     x0, ={SCTLR_ON}
    msr     sctlr_el3, x0
    isb
    ret

// Where a core waits when its rich slot has nothing to run: preempted like any other occupant.
    .global cofferdam_idle
cofferdam_idle:
    wfi
    yield
    b       cofferdam_idle

// The handlers' way to the registers of the floating-point unit. x0: a FloatingPoint.
    .global cofferdam_fp_save
cofferdam_fp_save:
    each_q  stp, x0
    mrs     x1, fpcr
    mrs     x2, fpsr
    str     x1, [x0, #512]
    str     x2, [x0, #520]
    ret

    .global cofferdam_fp_load
cofferdam_fp_load:
    each_q  ldp, x0
    ldr     x1, [x0, #512]
    ldr     x2, [x0, #520]
    msr     fpcr, x1
    msr     fpsr, x2
    ret

// From the boot stack into a slot. x0: the core's rich context; x1: one of cofferdam_enter_*.
    .global cofferdam_enter
cofferdam_enter:
    mov     sp, x0
    br      x1
