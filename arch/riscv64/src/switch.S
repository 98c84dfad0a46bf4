// The exchange of a hart's two slots, and the two ways to it that come with every tick of a critical partition: its timer
// takes the hart from the rich one (`preempt`), its WFI gives it back (`yield`).
//
// What they do, Rust would do in the same place (`switch.rs`), and all that is not the ordinary case is left to it. They
// look at nothing but what is this hart's own, and at what other harts ask of the slot that is loaded (`remote.rs`): who asks
// writes its word and then reads which slot is loaded, here it is said which one is, and then the words are read. So either the
// asker sees this slot and calls, which is an interrupt, or here its word is seen, and Rust goes on as if it had called.
//
// tp is the hart from the first instruction on that follows the partition's registers in the context, as in Rust.

// What another hart asked of the slot that is loaded, t2, before it saw that it is: then Rust.
.macro look_for_fences, remote
    ld      a1, {ASKED}(\remote)
    ld      a2, {DONE}(\remote)
    bne     a1, a2, recorded
.endm

// The machine's timer, and the deadline of others than who runs has come. t0: hart, t1: now. t2 is saved.
//
// Rust, if `sleeper` is zero. It is not only while the critical slot waits by WFI, its timer interrupt is enabled, that timer
// is the deadline, and no watchdog is to be looked at before it. The rich one's own timer waits for its turn.
preempt:
    ld      t2, {SLEEPER}(t0)
    beqz    t2, general_with_t2
    save_general
    mv      tp, t0
    csrr    a1, mepc
    csrr    a2, mstatus
    sd      a1, {PC}(sp)
    sd      a2, {STATUS}(sp)
    // Its timer is an interrupt now, and it runs.
    ld      a0, {PENDING}(t2)
    ori     a0, a0, {STI}
    li      a1, -1
    sd      a1, {TIMER}(t2)
    sd      zero, {STATE}(t2)
    sd      zero, {SLEEPER}(tp)
    ld      a1, {WATCH}(tp)
    ld      a2, {COMPARE}(tp)
    sd      a1, {OTHERS}(tp)
    sd      a1, 0(a2)
    mv      t3, sp
    jal     cofferdam_exchange
    ld      a1, {PUBLISHED}(tp)
    sb      zero, {LOADED}(tp)
    sb      zero, 0(a1)
    fence   rw, rw
    // Whatever else is asked of a critical slot calls, loaded or not.
    ld      a3, {REMOTE}(t2)
    look_for_fences a3
    mv      a0, t2
    j       cofferdam_resume

// A WFI below M-mode. t0: mstatus. t2 is saved.
//
// Rust, if it is not S-mode's; if an interrupt that is enabled is pending, or the timer due; if the timer's is not enabled, or
// comes behind the watchdog; if the hart has registers that are not known here (Sstc, H); if the rich slot does anything but run its partition: a thread of the monitor is to have other rules
// of PMP on some harts (`Monitor::permit`).
yield:
    // MPP: S-mode is 1, U-mode 0.
    slli    t0, t0, 63 - 11
    bgez    t0, general_with_t2
    save_general
    ld      tp, {HART}(sp)
    lbu     a1, {HAS_MORE}(tp)
    bnez    a1, general_saved
    addi    t2, tp, {RICH}
    // Other harts of an emulator had none of this turn: `cofferdam_lock::pause`, whose reads are wanted here anyway.
    csrrsi  a0, mip, {SSI}
    csrrsi  a1, mie, {SSI}
    wfi
    csrw    mie, a1
    andi    a2, a0, {SSI}
    xori    a2, a2, {SSI}
    csrc    mip, a2
    and     a0, a0, a1
    andi    a0, a0, {SUPERVISOR}
    bnez    a0, general_saved
    andi    a1, a1, {STI}
    beqz    a1, general_saved
    ld      a1, {STATE}(t2)
    bnez    a1, general_saved
    ld      a1, {CLOCK}(tp)
    ld      a2, {TIMER}(sp)
    ld      t1, 0(a1)
    ld      a3, {WATCH}(tp)
    bgeu    t1, a2, general_saved
    bgeu    a2, a3, general_saved
    csrr    a1, mepc
    csrr    a3, mstatus
    // A WFI has four bytes.
    addi    a1, a1, 4
    sd      a1, {PC}(sp)
    sd      a3, {STATUS}(sp)
    li      a1, {WAITS}
    sd      a1, {STATE}(sp)
    sd      sp, {SLEEPER}(tp)
    sd      a2, {OTHERS}(tp)
    // The rich slot's own timer is an interrupt if it is due, and else one of the two that the hart's is set to.
    ld      a0, {PENDING}(t2)
    ld      a1, {TIMER}(t2)
    bltu    t1, a1, 1f
    ori     a0, a0, {STI}
    li      a1, -1
    sd      a1, {TIMER}(t2)
1:  bgeu    a1, a2, 2f
    mv      a2, a1
2:  ld      a3, {COMPARE}(tp)
    sd      a2, 0(a3)
    mv      t3, sp
    jal     cofferdam_exchange
    li      a1, {RICH_SLOT}
    ld      a2, {PUBLISHED}(tp)
    sb      a1, {LOADED}(tp)
    sb      a1, 0(a2)
    fence   rw, rw
    ld      a3, {REMOTE}(t2)
    lbu     a1, {POSTED}(a3)
    bnez    a1, recorded
    look_for_fences a3
    mv      a0, t2
    j       cofferdam_resume

// The slot is loaded, and all of it in its context: as if a software interrupt had come out of it.
recorded:
    li      a1, {SOFTWARE}
    csrw    mcause, a1
    j       to_rust

// Puts what S-mode can write aside, into the context t3, and loads that of t2; general registers apart. t1: now, a0: mip of t2.
// Changes a0 to a7. For Rust too (`Hart::exchange`).
    .global cofferdam_exchange
cofferdam_exchange:
    // Time that t3 had the hart.
    ld      a1, {SINCE}(tp)
    ld      a2, {REMOTE}(t3)
    sub     a1, t1, a1
    ld      a3, {HELD}(a2)
    sd      t1, {SINCE}(tp)
    add     a3, a3, a1
    sd      a3, {HELD}(a2)
    // What no device holds is pending for one slot, and no software bit of SEIP stays for the other.
    csrrw   a0, mip, a0
    andi    a0, a0, {SSI} | {STI}
    sd      a0, {PENDING}(t3)
.macro exchange_register register, place
    ld      a1, \place(t2)
    csrrw   a1, \register, a1
    sd      a1, \place(t3)
.endm
    exchange_register mie, {ENABLED}
    exchange_register stvec, {VECTOR}
    exchange_register sscratch, {SCRATCH}
    exchange_register sepc, {SUPERVISOR_PC}
    exchange_register scause, {CAUSE}
    exchange_register stval, {VALUE}
    exchange_register satp, {TRANSLATION}
    exchange_register scounteren, {COUNTERS}
    ld      a1, {EXCEPTIONS}(t2)
    ld      a2, {INTERRUPTS}(t2)
    csrw    medeleg, a1
    csrw    mideleg, a2
    ld      a7, {KINDS}(tp)
    bgez    a7, 1f
    // Floating point: whatever FS says, for S-mode writes it itself (decision 0013).
    li      a1, {FLOATING_POINT}
    csrs    mstatus, a1
    .option push
    .option arch, +d
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fsd     f\n, {REGISTERS}+8*\n(t3)
    .endr
    csrr    a1, fcsr
    sd      a1, {REGISTERS}+8*32(t3)
.if {WEAKEN_SWITCH} == 0
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fld     f\n, {REGISTERS}+8*\n(t2)
    .endr
    ld      a1, {REGISTERS}+8*32(t2)
    csrw    fcsr, a1
.endif
    .option pop
1:  andi    a1, a7, {ENVIRONMENT}
    beqz    a1, 1f
    // senvcfg (1.12), by number: older assemblers do not know the name.
    exchange_register 0x10a, {SUPERVISOR_ENVIRONMENT}
    // PMP: what comes first is locked, and the monitor's. Entries beyond those of both images are nothing, ever.
1:  ld      a2, {IMAGE}(t2)
    .irp n, 3,4,5,6,7
    ld      a1, {ADDRESSES}+8*\n(a2)
    csrw    pmpaddr\n, a1
    .endr
    ld      a1, {CONFIGS}(a2)
    csrw    pmpcfg0, a1
    andi    a1, a7, {WIDE} | {EXTERNAL}
    bnez    a1, 3f
    // A reservation of LR is dropped by an SC to nowhere.
2:
    .option push
    .option arch, +a
    sc.d    zero, zero, (tp)
    .option pop
    // PMP and satp are others now (Supervisor Memory-Management Fence Instruction).
    sfence.vma
    ret

3:  andi    a1, a7, {WIDE}
.if {WEAKEN_PMP} == 0
    beqz    a1, 4f
    .irp n, 8,9,10,11,12,13,14,15
    ld      a1, {ADDRESSES}+8*\n(a2)
    csrw    pmpaddr\n, a1
    .endr
    ld      a1, {CONFIGS}+8(a2)
    csrw    pmpcfg2, a1
.endif
4:  andi    a1, a7, {EXTERNAL}
    beqz    a1, 2b
    // The rich partition's context lets nothing through while the critical one is loaded, whose own interrupts are M-mode's line
    // (`external.rs`, with the same conditions).
    addi    a1, tp, {CRITICAL}
    ld      a2, {GATE}(tp)
    li      a3, {MEI}
    li      a4, {SEI}
    bne     t2, a1, 6f
.if {WEAKEN_GATE} == 0
    lw      a1, 0(a2)
    sw      a1, {THRESHOLD}(tp)
    lw      a1, {PRIORITIES}(tp)
    sw      a1, 0(a2)
.endif
    csrr    a1, mip
    and     a1, a1, a3
    beqz    a1, 5f
    csrs    mip, a4
    csrc    mie, a3
    j       2b
5:  csrs    mie, a3
    j       2b
6:  lw      a1, {THRESHOLD}(tp)
    sw      a1, 0(a2)
    csrc    mie, a3
    ld      a1, {ENABLED}(t3)
    and     a1, a1, a4
    beqz    a1, 2b
    csrs    mie, a3
    j       2b
