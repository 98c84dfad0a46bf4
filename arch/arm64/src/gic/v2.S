// What the vectors and the start do with a GICv2 with Security Extensions (Arm IHI 0048): its CPU interface is in
// memory. The linker knows where: `__distributor`, `__cpu_interface`.
//
// There is one Secure group, so the critical partition's interrupts are Group 0 like the monitor's. GICC_CTLR.FIQEn
// says how that is signalled: as FIQ, to EL3, while the rich slot runs; as IRQ, straight to S-EL1, while the critical
// slot does. The monitor's SGI must not be seen there. It is made active meanwhile, and an active interrupt is not
// signalled; one that is sent stays pending until the core leaves the critical slot (IHI 0048, Interrupt handling state
// machine; GICD_ISACTIVER).

.equ GICC_PMR, 0x04
.equ GICC_IAR, 0x0c
.equ GICC_EOIR, 0x10
.equ GICC_HPPIR, 0x18
.equ GICD_ISENABLER, 0x100
.equ GICD_ISACTIVER, 0x300
.equ GICD_ICACTIVER, 0x380

// The last two registers of the switch: \a and GICC_PMR, which is not banked.
.macro save_pair_gicv2 a, at
    mrs     x0, \a
    adrp    x1, __cpu_interface
    ldr     w1, [x1, #GICC_PMR]
    stp     x0, x1, [sp, #(\at)]
.endm

// The interface changes hands here and not where the other slot is left, so that a slot that starts afresh finds
// its own, too.
.macro load_pair_gicv2 a, at
    ldp     x0, x1, [sp, #(\at)]
    msr     \a, x0
    adrp    x0, __cpu_interface
    str     w1, [x0, #GICC_PMR]
  .if (\at) < 0
    mov     w1, #{SHOWN_GICV2}              // critical: Group 0, as IRQ
  .else
    ldr     w1, [sp, #{IGRPEN}]
  .endif
    str     w1, [x0]                        // GICC_CTLR
    adrp    x0, __distributor
    mov     w1, #(1 << {SGI})
  .if (\at) < 0
    str     w1, [x0, #GICD_ISACTIVER]
  .else
    str     w1, [x0, #GICD_ICACTIVER]
  .endif
    dsb     sy                              // in effect before the slot runs
.endm

// Out: x1.
.macro read_enables_gicv2
    adrp    x1, __cpu_interface
    ldr     w1, [x1]                        // GICC_CTLR
.endm

// See load_pair_gicv2.
.macro hide_rich_gicv2
.endm

.macro show_rich_gicv2
.endm

// FIQ while the rich slot runs. GICC_HPPIR names the interrupt and leaves it pending. The monitor's own are its SGI
// and, where there is no critical partition, all others: SCR_EL3 of a critical slot that was never filled is 0.
.macro fiq_rich_gicv2 slot
    stp     x0, x1, [sp, #0]
    adrp    x0, __cpu_interface
    ldr     w0, [x0, #GICC_HPPIR]
    and     w0, w0, #0x3ff                  // without the sender of an SGI
    cmp     w0, #{SGI}
    b.eq    1f
    cmp     w0, #1020                       // none any more
    b.hs    1f
    ldur    x0, [sp, #({CRITICAL} + {SCR})]
    cbnz    x0, preempt_\slot
1:  mov     w1, #{KIND_FIQ}
    b       slow_\slot
.endm

// IRQ in a monitor thread: an interrupt of the rich side ends its standby. Otherwise SCR_EL3.IRQ is 0.
.macro irq_thread_gicv2 slot, base
    vector
    slow    \slot, \base, {KIND_FIQ}
.endm

// Where cores but the first wait for the monitor's own SGI (Group 0, as all are after a reset).
    .section .text.wait.gicv2, "ax"
    .global cofferdam_wait_gicv2
cofferdam_wait_gicv2:
    ldr     x1, =__cpu_interface
    ldr     x2, =__distributor
    mov     w0, #(1 << {SGI})
    str     w0, [x2, #GICD_ISENABLER]
    mov     w0, #0xff
    str     w0, [x1, #GICC_PMR]
    mov     w0, #1
    str     w0, [x1]                        // GICC_CTLR.EnableGrp0
1:  wfi
    ldr     w0, [x1, #GICC_HPPIR]
    and     w2, w0, #0x3ff
    cmp     w2, #{SGI}
    b.ne    1b
    ldr     w0, [x1, #GICC_IAR]
    str     w0, [x1, #GICC_EOIR]
    b       cofferdam_woken
