// Every trap into M-mode, and the way back.
//
// While a partition or a thread of the monitor runs, mscratch is its context, and while a handler does it is zero: so a
// trap out of a handler is told by its first two instructions. Handlers run with M-mode's interrupts off (mstatus.MIE
// is 0, and a trap keeps it so), which leaves exceptions; threads run with them on.
//
// What is short and frequent is answered before Rust is reached: it saves what it uses, does what Rust would do for the same
// trap (`call.rs`, `switch.rs`), and goes back to who ran. It needs to look at nothing that other harts ask, for that is an
// interrupt of its own. docs/costs.md counts it.

    .section .text.trap, "ax"

// The way back to the partition that ran, of a path that changed no register but t0, t1 and those of its answer.
.macro leave
    ld      t0, {T0}(sp)
    ld      t1, {T1}(sp)
    csrw    mscratch, sp
    ld      sp, {SP}(sp)
    mret
.endm

// The same behind a call that succeeded, with a0 and a1 answered. An ECALL has four bytes.
.macro leave_call
    csrr    t0, mepc
    addi    t0, t0, 4
    csrw    mepc, t0
    leave
.endm

// All general registers to the context, but for sp, t0, t1 and t2, which are there.
.macro save_general
    .irp n, 1,3,4,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    sd      x\n, 8*(\n-1)(sp)
    .endr
.endm

    .global cofferdam_trap_entry
    .balign 4
cofferdam_trap_entry:
    csrrw   sp, mscratch, sp
    beqz    sp, fault_of_monitor
    // sp: the context. All other registers are the partition's.
    sd      t0, {T0}(sp)
    sd      t1, {T1}(sp)
    csrrw   t0, mscratch, zero
    sd      t0, {SP}(sp)
    csrr    t0, mcause
    bltz    t0, interrupt
    addi    t1, t0, -{CALL}
    bnez    t1, exception

    // A call. What is answered here needs nothing but this hart; the rest, and what is wrong, goes to Rust (`sbi.rs`).
    addi    t1, zero, {BASE}
    beq     a7, t1, identify
    li      t1, {SET_TIMER}
    beq     a7, t1, set_timer
    li      t1, {IPI}
    // A branch of one instruction to where the system says: `general`, or `service` where it has some.
0:  .reloc  0b, R_RISCV_BRANCH, cofferdam_call
    bne     a7, t1, 0

    // send_ipi: of the harts base a1 and mask a0 this one alone.
    bnez    a6, general
    ld      t0, {HART}(sp)
    ld      t0, {ID}(t0)
    bltu    t0, a1, general
    sub     t0, t0, a1
    addi    t1, zero, 64
    bgeu    t0, t1, general
    li      t1, 1
    sll     t1, t1, t0
    bne     a0, t1, general
    csrsi   mip, {SSI}
    li      a0, 0
    li      a1, 0
    leave_call

    // get_spec_version.
identify:
    bnez    a6, general
    li      a0, 0
    li      a1, {VERSION}
    leave_call

    // set_timer: a0 is when.
set_timer:
    bnez    a6, general
    ld      t0, {HART}(sp)
    lbu     t1, {HAS_TIMER}(t0)
    bnez    t1, 3f
    sd      t2, {T2}(sp)
    li      t1, {STI}
    csrc    mip, t1
    ld      t1, {CLOCK}(t0)
    ld      t1, 0(t1)
    ld      t2, {OTHERS}(t0)
    bgeu    t1, a0, 2f
    sd      a0, {TIMER}(sp)
    bgeu    a0, t2, 1f
    mv      t2, a0
1:  ld      t1, {COMPARE}(t0)
    sd      t2, 0(t1)
    li      a0, 0
    li      a1, 0
    ld      t2, {T2}(sp)
    leave_call
    // It has come already.
2:  li      t1, -1
    sd      t1, {TIMER}(sp)
    li      t1, {STI}
    csrs    mip, t1
    j       1b
    // S-mode's own timer, by number: stimecmp (Sstc).
3:  csrw    0x14d, a0
    li      a0, 0
    li      a1, 0
    leave_call

interrupt:
    // Without the bit that says so.
    slli    t0, t0, 1
    addi    t0, t0, -2*7
    bnez    t0, general
    // The timer: that of who runs has come, and nobody else's (`switch.S`).
    sd      t2, {T2}(sp)
    ld      t0, {HART}(sp)
    ld      t1, {CLOCK}(t0)
    ld      t1, 0(t1)
    ld      t2, {OTHERS}(t0)
    bgeu    t1, t2, preempt
    ld      t2, {TIMER}(sp)
    bltu    t1, t2, general_with_t2
    li      t1, -1
    sd      t1, {TIMER}(sp)
    li      t1, {STI}
    csrs    mip, t1
    ld      t2, {OTHERS}(t0)
    ld      t1, {COMPARE}(t0)
    sd      t2, 0(t1)
    ld      t2, {T2}(sp)
    leave

exception:
    addi    t1, t0, -{ILLEGAL}
    bnez    t1, general
    // An illegal instruction. S-mode takes it itself, as if it were delegated (Supervisor Trap Handling), but for WFI and for
    // what is the monitor's own.
    sd      t2, {T2}(sp)
    csrr    t0, mstatus
    srli    t1, t0, 12
    andi    t1, t1, 1
    bnez    t1, general_with_t2
    csrr    t1, mtval
    li      t2, {WAIT}
    beq     t1, t2, yield
    // A read of `time`, in any form (`counter.rs`): what differs from the opcode SYSTEM's, register and forms apart.
    li      t2, {TIME_READ}
    xor     t2, t2, t1
    li      t0, {TIME_READ_MASK}
    and     t2, t2, t0
    sext.w  t2, t2
    beqz    t2, read_time
    csrr    t0, mstatus
    csrw    stval, t1
    csrr    t1, mepc
    csrw    sepc, t1
    csrwi   scause, {ILLEGAL}
    // MPP, of which this is the lower bit, to SPP; SIE to SPIE; then SIE off, MPP is S-mode.
    srli    t1, t0, 3
    andi    t1, t1, 1 << 8
    andi    t2, t0, 1 << 1
    slli    t2, t2, 4
    or      t1, t1, t2
    andi    t0, t0, ~(1 << 1 | 1 << 5 | 1 << 8)
    or      t0, t0, t1
    li      t1, 1 << 11
    or      t0, t0, t1
    csrw    mstatus, t0
    csrr    t1, stvec
    andi    t1, t1, -4
    csrw    mepc, t1
    ld      t2, {T2}(sp)
    leave

    // A read of `time` on a hart without. t1: the instruction, of which bits 11 to 7 are the register that it goes to.
read_time:
    // MPP: S-mode is 1. U-mode may read it if S-mode says so; what it may not is Rust's to reflect.
    csrr    t0, mstatus
    slli    t0, t0, 63 - 11
    bltz    t0, 1f
    csrr    t0, scounteren
    andi    t0, t0, {TIME}
    beqz    t0, general_with_t2
1:  csrr    t0, mepc
    addi    t0, t0, 4
    csrw    mepc, t0
    ld      t0, {HART}(sp)
    ld      t0, {CLOCK}(t0)
    ld      t0, 0(t0)
    // Eight bytes for each register.
    srli    t1, t1, 7 - 3
    andi    t1, t1, 0x1f << 3
    la      t2, 2f
    add     t2, t2, t1
    jr      t2
    .option push
    .option norvc
    .balign 4
2:  j       3f
    nop
    mv      x1, t0
    j       3f
    sd      t0, {SP}(sp)
    j       3f
    mv      x3, t0
    j       3f
    mv      x4, t0
    j       3f
    sd      t0, {T0}(sp)
    j       3f
    sd      t0, {T1}(sp)
    j       3f
    sd      t0, {T2}(sp)
    .irp n, 8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    j       3f
    mv      x\n, t0
    .endr
    .option pop
3:  ld      t2, {T2}(sp)
    leave

    // Everything else: all registers in the context, and then Rust.
general_with_t2:
    ld      t2, {T2}(sp)
    .global cofferdam_call_general
cofferdam_call_general:
general:
    sd      t2, {T2}(sp)
    save_general
general_saved:
    csrr    t1, mepc
    csrr    t2, mstatus
    sd      t1, {PC}(sp)
    sd      t2, {STATUS}(sp)
    // tp: the hart, in Rust too, which never touches it.
    ld      tp, {HART}(sp)
to_rust:
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
fault_of_monitor:
    csrrw   sp, mscratch, sp
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

    // Of the monitor's own extension what is negative as a function's number (SBI 3: 32 bits, with their sign), if the system has
    // services: one of those. It comes back to who called, always, so nothing is saved but what a function may change.
    .pushsection .text.trap.services, "ax"
    .global cofferdam_call_service
cofferdam_call_service:
    li      t1, {EXTENSION}
    bne     a7, t1, 1f
    sext.w  t1, a6
    bltz    t1, 2f
1:  j       cofferdam_call_general
2:  sd      ra, 8*(1-1)(sp)
    sd      tp, 8*(4-1)(sp)
    sd      t2, {T2}(sp)
    .irp n, 28,29,30,31
    sd      x\n, 8*(\n-1)(sp)
    .endr
    ld      tp, {HART}(sp)
    ld      t0, {STACK}(tp)
    addi    t0, t0, -{CALL_BYTES}
    // `service::Call`: function and arguments; what is answered in a7, which nothing was passed in. The words behind it are
    // looked at by nobody.
    sd      a6, 8*0(t0)
    .irp n, 0,1,2,3,4,5
    sd      a\n, 8*(\n+1)(t0)
    .endr
    sd      zero, 8*7(t0)
    sd      sp, {CALL_CONTEXT}(t0)
    mv      sp, t0
    mv      a0, tp
    mv      a1, sp
    lbu     t1, {IS_BOUND}(tp)
    bnez    t1, 5f
    call    cofferdam_service
3:  bnez    a0, 4f
    // None of the services': not supported.
    li      a0, {NOT_SUPPORTED}
    sd      a0, 0(sp)
4:
    .irp n, 0,1,2,3,4,5,6,7
    ld      a\n, 8*\n(sp)
    .endr
    ld      sp, {CALL_CONTEXT}(sp)
    ld      ra, 8*(1-1)(sp)
    ld      tp, 8*(4-1)(sp)
    ld      t2, {T2}(sp)
    .irp n, 28,29,30,31
    ld      x\n, 8*(\n-1)(sp)
    .endr
    leave_call
    // On a hart with Smepmp.
5:  call    cofferdam_bound_service
    j       3b
    .popsection
