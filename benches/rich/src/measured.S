// The instructions between which the benchmarks count. A measurement starts at a label
// `from_NAME` and ends before the label `to_NAME`, both instructions of this file.
//
// Runs at EL2, MMU off, exceptions masked until `open`.

    .section .text.measured, "ax"

// First instruction of the partition on its first core. Nothing is live but x0.
    .global start
start:
    .global from_start
from_start:
    adrp    x1, bss_start
    add     x1, x1, #:lo12:bss_start
    adrp    x2, bss_end
    add     x2, x2, #:lo12:bss_end
1:  cmp     x1, x2
    b.hs    2f
    stp     xzr, xzr, [x1], #16
    b       1b
2:  mov     x0, #0
// First instruction on another core, or of one that comes back from a power-down. x0: number of the core.
    .global start_core
start_core:
    adrp    x1, stacks
    add     x1, x1, #:lo12:stacks
    add     x2, x0, #1
    add     x1, x1, x2, lsl #15
    mov     sp, x1
    adr     x1, vectors
    msr     vbar_el2, x1
    mov     x1, #0b111 << 3                 // HCR_EL2: AMO, IMO, FMO: interrupts come here
    msr     hcr_el2, x1
    isb
    b       main

// The call that costs least. Clobbers what SMCCC says.
    .global empty_call
empty_call:
    movz    w0, #0x8400, lsl #16            // PSCI_VERSION
    .global from_empty_call
from_empty_call:
    smc     #0
    .global to_empty_call
to_empty_call:
    ret

// The call that the critical partition's handler answers at once. Clobbers what SMCCC says.
    .global cross_call
cross_call:
    movz    w0, #0xb200, lsl #16            // a call to a trusted operating system (DEN0028: owning entity 50)
    .global from_cross_call
from_cross_call:
    smc     #0
    .global to_cross_call
to_cross_call:
    ret

// The service that does nothing. Clobbers what SMCCC says.
    .global service_call
service_call:
    movz    w0, #0xc200, lsl #16            // SiP service 0, 64-bit convention
    .global from_service_call
from_service_call:
    smc     #0
    .global to_service_call
to_service_call:
    ret

// The same with a region. x1: its address; x2: its length.
    .global service_region
service_region:
    movz    w0, #0xc200, lsl #16
    movk    w0, #1
    .global from_service_region
from_service_region:
    smc     #0
    .global to_service_region
to_service_region:
    ret

// The same with a limit.
    .global service_limit
service_limit:
    movz    w0, #0xc200, lsl #16
    movk    w0, #2
    .global from_service_limit
from_service_limit:
    smc     #0
    .global to_service_limit
to_service_limit:
    ret

// The same in C.
    .global service_c
service_c:
    movz    w0, #0xc200, lsl #16
    movk    w0, #3
    .global from_service_c
from_service_c:
    smc     #0
    .global to_service_c
to_service_c:
    ret

// An SGI to this core, until its handler has run. x0: for ICC_SGI1R_EL1; x1: address of a word that the handler
// sets.
    .global interrupt
interrupt:
    msr     daifclr, #2
    str     xzr, [x1]
    .global from_rich_irq
from_rich_irq:
    msr     S3_0_C12_C11_5, x0              // ICC_SGI1R_EL1
    isb
1:  ldr     x2, [x1]
    cbz     x2, 1b
    .global to_rich_irq
to_rich_irq:
    msr     daifset, #2
    ret

// An interrupt of the board's PL031 (Arm DDI 0224), where a hook has it: the time of its alarm is now. x0: its registers.
    .global hook_interrupt
hook_interrupt:
    mov     w1, #1
    str     w1, [x0, #0x10]                 // RTCIMSC
    ldr     w1, [x0]                        // RTCDR
    .global from_hook_interrupt
from_hook_interrupt:
    str     w1, [x0, #4]                    // RTCMR
    .global to_hook_interrupt
to_hook_interrupt:
    ret

// A function of Rust, whole. x0: its argument; x1: the function. Clobbers what a call does.
    .global ring_packet
ring_packet:
    stp     x29, x30, [sp, #-16]!
    .global from_ring_packet
from_ring_packet:
    blr     x1
    .global to_ring_packet
to_ring_packet:
    ldp     x29, x30, [sp], #16
    ret

// Floating point for one instruction.
    .arch_extension fp
    .global use_floating_point
use_floating_point:
    fmov    d0, x0
    ret

// IRQ at EL2: ends the interrupt and says so in the word at `handled`. The timer's is turned off.
irq:
    stp     x0, x1, [sp, #-16]!
    mrs     x0, S3_0_C12_C12_0              // ICC_IAR1_EL1
    msr     cntp_ctl_el0, xzr
    msr     S3_0_C12_C12_1, x0              // ICC_EOIR1_EL1
    adrp    x1, handled
    add     x1, x1, #:lo12:handled
    mov     x0, #1
    str     x0, [x1]
    ldp     x0, x1, [sp], #16
    eret

.macro unexpected
    .balign 0x80
    b       unexpected_exception
.endm

    .balign 0x800
vectors:
    .rept 5
    unexpected
    .endr
    .balign 0x80
    b       irq
    .rept 10
    unexpected
    .endr
