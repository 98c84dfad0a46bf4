// SHA-256 over whole blocks with the hart's own instructions (FIPS 180-4; RISC-V cryptography extensions, Zknh; rev8 of Zbb):
// some 1 350 instructions a block.
//
// On entry a0: state (eight words), a1: data, at a multiple of eight bytes, a2: blocks, at least one. Everything that a function
// may change is, and nothing else. All words stay in registers: s0 to s7 are a to h, a0 to a7, s8 to s11 and t3 to t6 the message's
// last 16; t0 to t2 scratch; ra the round's constants. Upper halves of registers are of no meaning but in sums that are
// stored.

    .option push
    .option arch, +m, +zknh, +zbb

    .equ    FRAME, 128
    .equ    STATE, 104
    .equ    DATA, 112
    .equ    END, 120

// One round, with the \n-th constant of this group. \y is b ^ c, \x becomes a ^ b: the next round's b ^ c.
.macro round a, b, c, d, e, f, g, h, w, n, x, y
    sha256sum1 t0, \e
    add     \h, \h, t0
    xor     t0, \f, \g
    and     t0, t0, \e
    xor     t0, t0, \g
    add     \h, \h, t0
    lw      t0, 4*\n(ra)
    add     \h, \h, t0
    add     \h, \h, \w
    add     \d, \d, \h
    sha256sum0 t0, \a
    add     \h, \h, t0
    xor     \x, \a, \b
    and     \y, \y, \x
    xor     \y, \y, \b
    add     \h, \h, \y
.endm

// Word \w becomes the one of 16 rounds later.
.macro schedule w, w1, w9, w14
    sha256sig0 t0, \w1
    add     \w, \w, t0
    sha256sig1 t0, \w14
    add     \w, \w, t0
    add     \w, \w, \w9
.endm

.macro rounds_16
    round   s0, s1, s2, s3, s4, s5, s6, s7, a0, 0, t1, t2
    round   s7, s0, s1, s2, s3, s4, s5, s6, a1, 1, t2, t1
    round   s6, s7, s0, s1, s2, s3, s4, s5, a2, 2, t1, t2
    round   s5, s6, s7, s0, s1, s2, s3, s4, a3, 3, t2, t1
    round   s4, s5, s6, s7, s0, s1, s2, s3, a4, 4, t1, t2
    round   s3, s4, s5, s6, s7, s0, s1, s2, a5, 5, t2, t1
    round   s2, s3, s4, s5, s6, s7, s0, s1, a6, 6, t1, t2
    round   s1, s2, s3, s4, s5, s6, s7, s0, a7, 7, t2, t1
    round   s0, s1, s2, s3, s4, s5, s6, s7, s8, 8, t1, t2
    round   s7, s0, s1, s2, s3, s4, s5, s6, s9, 9, t2, t1
    round   s6, s7, s0, s1, s2, s3, s4, s5, s10, 10, t1, t2
    round   s5, s6, s7, s0, s1, s2, s3, s4, s11, 11, t2, t1
    round   s4, s5, s6, s7, s0, s1, s2, s3, t3, 12, t1, t2
    round   s3, s4, s5, s6, s7, s0, s1, s2, t4, 13, t2, t1
    round   s2, s3, s4, s5, s6, s7, s0, s1, t5, 14, t1, t2
    round   s1, s2, s3, s4, s5, s6, s7, s0, t6, 15, t2, t1
.endm

    .section .text.sha256, "ax"
    .global cofferdam_sha256_blocks
cofferdam_sha256_blocks:
    addi    sp, sp, -FRAME
    sd      ra, 0(sp)
    sd      s0, 8(sp)
    sd      s1, 16(sp)
    sd      s2, 24(sp)
    sd      s3, 32(sp)
    sd      s4, 40(sp)
    sd      s5, 48(sp)
    sd      s6, 56(sp)
    sd      s7, 64(sp)
    sd      s8, 72(sp)
    sd      s9, 80(sp)
    sd      s10, 88(sp)
    sd      s11, 96(sp)
    sd      a0, STATE(sp)
    sd      a1, DATA(sp)
    slli    a2, a2, 6
    add     a2, a2, a1
    sd      a2, END(sp)
    lw      s0, 0(a0)
    lw      s1, 4(a0)
    lw      s2, 8(a0)
    lw      s3, 12(a0)
    lw      s4, 16(a0)
    lw      s5, 20(a0)
    lw      s6, 24(a0)
    lw      s7, 28(a0)

1:  ld      t0, DATA(sp)
    ld      a1, 0(t0)
    rev8    a1, a1
    srli    a0, a1, 32
    ld      a3, 8(t0)
    rev8    a3, a3
    srli    a2, a3, 32
    ld      a5, 16(t0)
    rev8    a5, a5
    srli    a4, a5, 32
    ld      a7, 24(t0)
    rev8    a7, a7
    srli    a6, a7, 32
    ld      s9, 32(t0)
    rev8    s9, s9
    srli    s8, s9, 32
    ld      s11, 40(t0)
    rev8    s11, s11
    srli    s10, s11, 32
    ld      t4, 48(t0)
    rev8    t4, t4
    srli    t3, t4, 32
    ld      t6, 56(t0)
    rev8    t6, t6
    srli    t5, t6, 32
    addi    t0, t0, 64
    sd      t0, DATA(sp)
    la      ra, cofferdam_sha256_constants
    xor     t2, s1, s2
    rounds_16
2:  addi    ra, ra, 64
    schedule a0, a1, s9, t5
    schedule a1, a2, s10, t6
    schedule a2, a3, s11, a0
    schedule a3, a4, t3, a1
    schedule a4, a5, t4, a2
    schedule a5, a6, t5, a3
    schedule a6, a7, t6, a4
    schedule a7, s8, a0, a5
    schedule s8, s9, a1, a6
    schedule s9, s10, a2, a7
    schedule s10, s11, a3, s8
    schedule s11, t3, a4, s9
    schedule t3, t4, a5, s10
    schedule t4, t5, a6, s11
    schedule t5, t6, a7, t3
    schedule t6, a0, s8, t4
    rounds_16
    la      t0, cofferdam_sha256_constants + 192
    bne     ra, t0, 2b

    ld      t0, STATE(sp)
    lw      t1, 0(t0)
    addw    s0, s0, t1
    sw      s0, 0(t0)
    lw      t1, 4(t0)
    addw    s1, s1, t1
    sw      s1, 4(t0)
    lw      t1, 8(t0)
    addw    s2, s2, t1
    sw      s2, 8(t0)
    lw      t1, 12(t0)
    addw    s3, s3, t1
    sw      s3, 12(t0)
    lw      t1, 16(t0)
    addw    s4, s4, t1
    sw      s4, 16(t0)
    lw      t1, 20(t0)
    addw    s5, s5, t1
    sw      s5, 20(t0)
    lw      t1, 24(t0)
    addw    s6, s6, t1
    sw      s6, 24(t0)
    lw      t1, 28(t0)
    addw    s7, s7, t1
    sw      s7, 28(t0)
    ld      t0, DATA(sp)
    ld      t1, END(sp)
    bne     t0, t1, 1b

    ld      ra, 0(sp)
    ld      s0, 8(sp)
    ld      s1, 16(sp)
    ld      s2, 24(sp)
    ld      s3, 32(sp)
    ld      s4, 40(sp)
    ld      s5, 48(sp)
    ld      s6, 56(sp)
    ld      s7, 64(sp)
    ld      s8, 72(sp)
    ld      s9, 80(sp)
    ld      s10, 88(sp)
    ld      s11, 96(sp)
    addi    sp, sp, FRAME
    ret
    .option pop
