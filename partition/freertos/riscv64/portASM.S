/*
 * Traps of FreeRTOS in S-mode: the context of the task goes to its stack, the handler runs on the stack on which the scheduler
 * was started, and the context of whichever task is current then comes back.
 */
#include "frame.h"

    .section .text.freertos, "ax"

/*
 * stvec, in direct mode (privileged specification, stvec). Interrupts are off until SRET, so this is never entered twice.
 * Every register is the task's, and sp its stack, with room for a frame: configMINIMAL_STACK_SIZE and more.
 */
    .balign 4
    .global vPortTrap
vPortTrap:
    addi    sp, sp, -FRAME_WORDS * 8
    sd      x1, FRAME_RA * 8(sp)
    .irp    n, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    sd      x\n, FRAME_X(\n) * 8(sp)
    .endr
    csrr    t0, sepc
    csrr    t1, sstatus
    sd      t0, FRAME_PC * 8(sp)
    sd      t1, FRAME_STATUS * 8(sp)

    /* pxTopOfStack, the first of a task's block. */
    la      t0, pxCurrentTCB
    ld      t0, 0(t0)
    sd      sp, 0(t0)

    csrr    a0, scause
    csrr    a1, sepc
    csrr    a2, stval
    la      t0, pullPortHandlerStack
    ld      sp, 0(t0)
    call    vPortHandleTrap

/* Goes on with the current task. */
    .global vPortRestore
vPortRestore:
    la      t0, pxCurrentTCB
    ld      t0, 0(t0)
    ld      sp, 0(t0)
    ld      t0, FRAME_PC * 8(sp)
    ld      t1, FRAME_STATUS * 8(sp)
    csrw    sepc, t0
    csrw    sstatus, t1
    ld      x1, FRAME_RA * 8(sp)
    .irp    n, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    ld      x\n, FRAME_X(\n) * 8(sp)
    .endr
    addi    sp, sp, FRAME_WORDS * 8
    sret
