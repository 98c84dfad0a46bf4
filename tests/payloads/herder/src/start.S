/*
 * Both cores come here at Non-secure EL2 with the MMU off and interrupts masked: core 0 at its start, and each from CPU_ON. Live on
 * entry: from CPU_ON, x0, its number. Clobbers x1 to x3 and SP.
 */
    .section .text.start, "ax"
    .global herder_start
herder_start:
    mov     x0, #0
    .global herder_core_start
herder_core_start:
    ldr     x1, =__stack_0
    ldr     x2, =__stack_1
    cmp     x0, #0
    csel    x1, x1, x2, eq
    mov     sp, x1
    b       herder_core
    .ltorg
