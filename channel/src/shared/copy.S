// Copies a frame and takes its CRC32C on the way, over what is written to the copy: so each byte of the source is read
// once, and whoever changes it meanwhile changes copy and checksum alike. General registers only: critical partitions are
// compiled without floating point.
//
// In: x0 to, x1 from, both aligned to 8, of which one or both may be written by others meanwhile; x2 bytes, any number;
// x3, x4 the 16 bytes before the frame that are summed too. Out: w0 the checksum. Clobbers x1 to x8.
//
// 4 instructions for 16 bytes (Arm ARM, CRC32CX: FEAT_CRC32), 64 times: what is no multiple of 1024 bytes enters in the middle.
// No access is wider than what it is aligned to, but for pairs of words.
    .arch_extension crc
    .section .text.cofferdam_copy_summed, "ax"
    .global cofferdam_copy_summed
cofferdam_copy_summed:
    mov     w5, #-1
    crc32cx w5, w5, x3
    crc32cx w5, w5, x4
    ubfx    x8, x2, #4, #6                  // pairs of words in the first turn
    adr     x6, 2f
    sub     x6, x6, x8, lsl #4              // 16 bytes of instructions each
    lsr     x8, x2, #10                     // turns after it
    br      x6
1:  .rept 64
    ldp     x6, x7, [x1], #16
    crc32cx w5, w5, x6
    crc32cx w5, w5, x7
    stp     x6, x7, [x0], #16
    .endr
2:  cbz     x8, 3f
    sub     x8, x8, #1
    b       1b
3:
    tbz     x2, #3, 4f
    ldr     x6, [x1], #8
    crc32cx w5, w5, x6
    str     x6, [x0], #8
4:  tbz     x2, #2, 5f
    ldr     w6, [x1], #4
    crc32cw w5, w5, w6
    str     w6, [x0], #4
5:  tbz     x2, #1, 6f
    ldrh    w6, [x1], #2
    crc32ch w5, w5, w6
    strh    w6, [x0], #2
6:  tbz     x2, #0, 7f
    ldrb    w6, [x1]
    crc32cb w5, w5, w6
    strb    w6, [x0]
7:  mvn     w0, w5
    ret
    .arch_extension nocrc
