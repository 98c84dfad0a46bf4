// CRC-32C by the processor's instructions (Arm ARM, CRC32CX), which need no floating-point register: a handler may
// use them whatever slot it interrupted. 14 instructions for 64 bytes.
//
// In: x0 address and x1 size, both multiples of 8; w2 the state so far. Out: w0 the state. Clobbers x1 to x6.
    .arch_extension crc
    .section .text.crc32c, "ax"
    .global cofferdam_crc32c
cofferdam_crc32c:
    subs    x1, x1, #64
    b.lo    2f
1:  .rept 2
    ldp     x3, x4, [x0], #16
    ldp     x5, x6, [x0], #16
    crc32cx w2, w2, x3
    crc32cx w2, w2, x4
    crc32cx w2, w2, x5
    crc32cx w2, w2, x6
    .endr
    subs    x1, x1, #64
    b.hs    1b
2:  adds    x1, x1, #64
    b.eq    4f
3:  ldr     x3, [x0], #8
    crc32cx w2, w2, x3
    subs    x1, x1, #8
    b.ne    3b
4:  mov     w0, w2
    ret
    .arch_extension nocrc
