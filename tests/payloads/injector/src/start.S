/* Core 0 comes here at Non-secure EL2 with the MMU off and interrupts masked. Live on entry: nothing that is used.
 * Clobbers x1 and SP. */
    .section .text.start, "ax"
    .global injector_start
injector_start:
    ldr     x1, =__stack
    mov     sp, x1
    b       injector_first
    .ltorg
