/* AArch64. The monitor enters `start` at EL1 or EL2 with the MMU off and everything masked; x0 is the argument. */

.macro address register, symbol
    adrp    \register, \symbol
    add     \register, \register, :lo12:\symbol
.endm

    .section .text.start, "ax"
    .global start
start:
    mov     w3, #1
    b       0f
    // Eight bytes further, another entry.
    mov     w3, #0
0:  address x1, __stack_first
    mov     sp, x1
    address x1, __bss_start
    address x2, __bss_end
1:  cmp     x1, x2
    b.hs    2f
    str     xzr, [x1], #8
    b       1b
2:  mrs     x1, CurrentEL
    cmp     x1, #4
    b.ne    3f                              // at EL2 nothing is taken
    address x2, vectors
    msr     vbar_el1, x2
    isb
3:  address x2, entered_at_start
    str     w3, [x2]
    bl      program                         // x0 the argument, x1 the level
    b       .

    .global start_second
start_second:
    address x1, __stack_second
    mov     sp, x1
    mrs     x1, CurrentEL
    cmp     x1, #4
    b.ne    4f
    address x2, vectors
    msr     vbar_el1, x2
    isb
4:
    bl      second_core                     // x0 the argument
    b       .

    .balign 0x800
vectors:
    .rept   5                               // up to the synchronous exceptions of EL1 itself: none is expected
    b       .
    .balign 0x80
    .endr
    // IRQ. What C may change is put away.
    stp     x0, x1, [sp, #-176]!
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x29, [sp, #144]
    str     x30, [sp, #160]
    bl      on_interrupt
    ldp     x2, x3, [sp, #16]
    ldp     x4, x5, [sp, #32]
    ldp     x6, x7, [sp, #48]
    ldp     x8, x9, [sp, #64]
    ldp     x10, x11, [sp, #80]
    ldp     x12, x13, [sp, #96]
    ldp     x14, x15, [sp, #112]
    ldp     x16, x17, [sp, #128]
    ldp     x18, x29, [sp, #144]
    ldr     x30, [sp, #160]
    ldp     x0, x1, [sp], #176
    eret
    .balign 0x80
    .rept   10
    b       .
    .balign 0x80
    .endr

    .bss
    .global entered_at_start
    .balign 4
entered_at_start:
    .space 4
