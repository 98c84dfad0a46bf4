/*
 * Both cores come here at Non-secure EL2 with the MMU off and interrupts masked, core 0 from a start or restart of the
 * partition, core 1 from CPU_ON. Live on entry: nothing that is used. Clobbers x1, SP and v0: under `fpu: lazy` the other
 * world's next use of floating point is to trap.
 */
    .arch_extension fp
    .section .text.start, "ax"
    .global restarter_start
restarter_start:
    ldr     x1, =__stack_0
    mov     sp, x1
    fmov    d0, xzr
    b       restarter_first

    .global restarter_second_start
restarter_second_start:
    ldr     x1, =__stack_1
    mov     sp, x1
    fmov    d0, xzr
    b       restarter_second
    .ltorg
