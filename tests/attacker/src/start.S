// Entry of both cores, vectors, and the two routines that compare FP/SIMD registers.
//
// The monitor enters core 0 at attacker_start with the MMU off and everything masked, at EL2 or EL1. Core 1
// comes by CPU_ON to attacker_secondary with its stack in x0.

    .arch_extension fp
    .arch_extension simd

    .section .text.start, "ax"
    .global attacker_start
attacker_start:
    // What is in the registers now, somebody left there. x0 is the argument, 0 here, so it is free.
    mov     x0, #(3 << 20)                  // CPACR_EL1.FPEN, for EL1; CPTR_EL2 comes open
    msr     cpacr_el1, x0
    isb
    ldr     x0, =__entry_registers
    stp     x1,  x2,  [x0, #0]
    stp     x3,  x4,  [x0, #16]
    stp     x5,  x6,  [x0, #32]
    stp     x7,  x8,  [x0, #48]
    stp     x9,  x10, [x0, #64]
    stp     x11, x12, [x0, #80]
    stp     x13, x14, [x0, #96]
    stp     x15, x16, [x0, #112]
    stp     x17, x18, [x0, #128]
    stp     x19, x20, [x0, #144]
    stp     x21, x22, [x0, #160]
    stp     x23, x24, [x0, #176]
    stp     x25, x26, [x0, #192]
    stp     x27, x28, [x0, #208]
    stp     x29, x30, [x0, #224]
    ldr     x0, =__bss_start
    ldr     x1, =__bss_end
1:  cmp     x0, x1
    b.hs    2f
    stp     xzr, xzr, [x0], #16
    b       1b
2:  ldr     x0, =__stack_0
    mov     sp, x0
    bl      set_vectors
    // Vectors first: floating point may be refused. Nothing has changed it yet.
    ldr     x0, =__entry_registers + 256
    bl      store_vectors
    b       attacker_main

    .global attacker_secondary
attacker_secondary:
    mov     sp, x0
    mov     x0, #(3 << 20)
    msr     cpacr_el1, x0
    isb
    bl      set_vectors
    b       attacker_controller

// Where the shared core comes back after a CPU_OFF or a power-down.
    .global attacker_returned
attacker_returned:
    mov     sp, x0
    mov     x0, #(3 << 20)
    msr     cpacr_el1, x0
    isb
    bl      set_vectors
    b       attacker_hand

// A core that goes off as soon as it comes.
    .global attacker_off
attacker_off:
    ldr     x0, =0x84000002                 // CPU_OFF (DEN0022)
    smc     #0
    b       attacker_off

set_vectors:
    adr     x1, attacker_vectors
    mrs     x2, CurrentEL
    cmp     x2, #8
    b.ne    1f
    msr     vbar_el2, x1
    isb
    ret
1:  msr     vbar_el1, x1
    isb
    ret

.macro vector number
    .balign 0x80
    sub     sp, sp, #256
    stp     x0, x1, [sp]
    mov     x1, #\number
    b       trapped
.endm

    .balign 0x800
    .global attacker_vectors
attacker_vectors:
    .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    vector  \number
    .endr

trapped:
    stp     x2,  x3,  [sp, #16]
    stp     x4,  x5,  [sp, #32]
    stp     x6,  x7,  [sp, #48]
    stp     x8,  x9,  [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x19, [sp, #144]
    stp     x29, x30, [sp, #160]
    mov     x0, x1
    bl      attacker_trap                   // keeps x19 to x28 by the procedure call standard
    ldp     x2,  x3,  [sp, #16]
    ldp     x4,  x5,  [sp, #32]
    ldp     x6,  x7,  [sp, #48]
    ldp     x8,  x9,  [sp, #64]
    ldp     x10, x11, [sp, #80]
    ldp     x12, x13, [sp, #96]
    ldp     x14, x15, [sp, #112]
    ldp     x16, x17, [sp, #128]
    ldp     x18, x19, [sp, #144]
    ldp     x29, x30, [sp, #160]
    ldp     x0, x1, [sp]
    add     sp, sp, #256
    eret

.macro each_pair what
    \what   q0,  q1,  [x0, #0]
    \what   q2,  q3,  [x0, #32]
    \what   q4,  q5,  [x0, #64]
    \what   q6,  q7,  [x0, #96]
    \what   q8,  q9,  [x0, #128]
    \what   q10, q11, [x0, #160]
    \what   q12, q13, [x0, #192]
    \what   q14, q15, [x0, #224]
    \what   q16, q17, [x0, #256]
    \what   q18, q19, [x0, #288]
    \what   q20, q21, [x0, #320]
    \what   q22, q23, [x0, #352]
    \what   q24, q25, [x0, #384]
    \what   q26, q27, [x0, #416]
    \what   q28, q29, [x0, #448]
    \what   q30, q31, [x0, #480]
.endm

// x0: 512 bytes. Keeps all but x0.
    .global attacker_store_vectors
attacker_store_vectors:
store_vectors:
    each_pair stp
    ret

    .global attacker_load_vectors
attacker_load_vectors:
    each_pair ldp
    ret
