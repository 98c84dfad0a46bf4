// From reset to Rust, for every hart.
//
// On entry: M-mode, interrupts off, no translation, nothing else known (privileged specification, Reset). s1 keeps
// the hart's index all along; tp is the hart from label 2 on, in Rust too, which never touches it.

    .option arch, +m
    .section .text.start, "ax"
    .global _start
_start:
    csrw    mie, zero
    // Zero says that the monitor runs: see trap.S.
    csrw    mscratch, zero

    // Which hart of the table is this? One that is not in it sleeps for good.
    csrr    t0, mhartid
    la      t1, cofferdam_hardware_ids
    li      s1, 0
1:  ld      t2, 0(t1)
    beq     t2, t0, 2f
    addi    t1, t1, 8
    addi    s1, s1, 1
    li      t2, {CORES}
    bltu    s1, t2, 1b
3:  wfi
    j       3b

2:  la      tp, cofferdam_harts
    li      t0, {HART_BYTES}
    mul     t0, t0, s1
    add     tp, tp, t0
    // The stacks of this hart (stack.rs).
    la      t1, __stacks
    li      t0, {STACKS_BYTES}
    mul     t0, t0, s1
    add     t1, t1, t0
    li      t0, {STACK_TOP}
    add     sp, t1, t0
    bnez    s1, 6f

    // The first hart fills .data and clears .bss, both multiples of 64 bytes.
    la      t0, __data_start
    la      t2, __data_end
    la      t3, __data_load
4:  bgeu    t0, t2, 4f
    ld      t4, 0(t3)
    sd      t4, 0(t0)
    addi    t3, t3, 8
    addi    t0, t0, 8
    j       4b
4:  la      t0, __bss_start
    la      t2, __bss_end
5:  bgeu    t0, t2, 7f
    sd      zero, 0(t0)
    addi    t0, t0, 8
    j       5b

    // The others sleep until the first one calls them (Monitor::boot).
6:  li      t0, {MSI}
    csrw    mie, t0
5:  wfi
    csrr    t2, mip
    and     t2, t2, t0
    beqz    t2, 5b
    csrw    mie, zero

7:  sd      sp, {STACK}(tp)
    li      t0, {FATAL_BYTES}
    add     t0, sp, t0
    sd      t0, {FATAL}(tp)
    sd      s1, {CORE}(tp)
    la      t0, cofferdam_trap_entry
    csrw    mtvec, t0
    mv      a0, tp
    tail    cofferdam_enter
