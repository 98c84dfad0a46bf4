/* AArch32. The monitor enters `start` in Supervisor mode with the MMU off and everything masked; r0 is the argument. */
    .syntax unified

    .section .text.start, "ax"
    .global start
start:
    mov     r5, #1
    mrs     r1, cpsr
    and     r1, r1, #0x1f
    cps     #0x12
    ldr     sp, =__stack_interrupt
    cps     #0x1b
    ldr     sp, =__stack_undefined
    cps     #0x13
    ldr     sp, =__stack_first
    ldr     r2, =__bss_start
    ldr     r3, =__bss_end
    mov     r4, #0
1:  cmp     r2, r3
    strlo   r4, [r2], #4
    blo     1b
    ldr     r2, =vectors
    mcr     p15, 0, r2, c12, c0, 0          // VBAR
    isb
    ldr     r2, =entered_at_start
    str     r5, [r2]
    bl      program                         // r0 the argument, r1 the mode
    b       .
    .ltorg

    .global start_second
start_second:
    ldr     sp, =__stack_second
    bl      second_core                     // r0 the argument
    b       .
    .ltorg

    .balign 32
vectors:
    b       .
    b       undefined
    b       .
    b       .
    b       .
    b       .
    b       interrupt
    b       .

// Goes on behind the instruction, in Supervisor mode with all masked, where this program tries what it may not. Not by
// SPSR: that of a mode that EL3 enters is not what EL3 wrote, in this emulator (CAVEATS).
undefined:
    sub     sp, sp, #8
    str     lr, [sp]
    push    {r0-r3, r12, lr}
    mov     r0, #0x1d3
    str     r0, [sp, #28]
    bl      on_undefined
    pop     {r0-r3, r12, lr}
    rfeia   sp!

interrupt:
    sub     lr, lr, #4
    push    {r0-r3, r12, lr}
    bl      on_interrupt
    ldm     sp!, {r0-r3, r12, pc}^

    .bss
    .global entered_at_start
    .balign 4
entered_at_start:
    .space 4
