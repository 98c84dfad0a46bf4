// Every trap into M-mode, and the way back.
//
// While a partition or a thread of the monitor runs, mscratch is its context, and while a handler does it is zero: so a
// trap out of a handler is told by its first two instructions. Handlers run with M-mode's interrupts off (mstatus.MIE
// is 0, and a trap keeps it so), which leaves exceptions; threads run with them on.

    .section .text.trap, "ax"
    .global cofferdam_trap_entry
    .balign 4
cofferdam_trap_entry:
    csrrw   sp, mscratch, sp
    beqz    sp, 1f
    // sp: the context. All other registers are the partition's.
    .irp n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    sd      x\n, 8*(\n-1)(sp)
    .endr
    csrr    t0, mscratch
    csrw    mscratch, zero
    csrr    t1, mepc
    csrr    t2, mstatus
    sd      t0, 8*(2-1)(sp)
    sd      t1, {PC}(sp)
    sd      t2, {STATUS}(sp)
    // tp: the hart, in Rust too, which never touches it.
    ld      tp, {HART}(sp)
    ld      sp, {STACK}(tp)
    mv      a0, tp
    call    cofferdam_trap

    // a0: the context to go on with. Nothing of the monitor's stays in a register.
    .global cofferdam_resume
cofferdam_resume:
    ld      t1, {PC}(a0)
    ld      t2, {STATUS}(a0)
    csrw    mepc, t1
    csrw    mstatus, t2
    csrw    mscratch, a0
    mv      sp, a0
    .irp n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    ld      x\n, 8*(\n-1)(sp)
    .endr
    ld      sp, 8*(2-1)(sp)
    mret

    // A fault in a handler. sp is zero, mscratch the monitor's sp; the stack may be what is broken.
1:  csrrw   sp, mscratch, sp
    csrw    mscratch, sp
    ld      sp, {FATAL}(tp)
    addi    sp, sp, -31*8
    .irp n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    sd      x\n, 8*(\n-1)(sp)
    .endr
    csrr    t0, mscratch
    sd      t0, 8*(2-1)(sp)
    csrw    mscratch, zero
    mv      a0, sp
    call    cofferdam_fatal
