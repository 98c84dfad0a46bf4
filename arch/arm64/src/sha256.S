// SHA-256 over whole blocks with the processor's own instructions (FIPS 180-4; Arm ARM, SHA256H,
// SHA256H2, SHA256SU0, SHA256SU1): some 110 instructions a block, where general registers take 2 000.
//
// x0: state (eight words), x1: data, x2: blocks, at least one. Clobbers x1 to x3 and v0 to v7, v16 to v31.
// The round constants stay in v16 to v31 over all blocks.

.arch_extension sha2

// Four rounds with the message words in \w; v0, v1 = state, v2, v3 scratch.
.macro rounds w, k
    add     v3.4s, \w\().4s, \k\().4s
    mov     v2.16b, v0.16b
    sha256h q0, q1, v3.4s
    sha256h2 q1, q2, v3.4s
.endm

// The same, and \w becomes the words of four groups later.
.macro rounds_schedule w, w1, w2, w3, k
    rounds  \w, \k
    sha256su0 \w\().4s, \w1\().4s
    sha256su1 \w\().4s, \w2\().4s, \w3\().4s
.endm

    .section .text.sha256, "ax"
    .global cofferdam_sha256_blocks
cofferdam_sha256_blocks:
    adrp    x3, cofferdam_sha256_constants
    add     x3, x3, #:lo12:cofferdam_sha256_constants
    ld1     {{v16.4s, v17.4s, v18.4s, v19.4s}}, [x3], #64
    ld1     {{v20.4s, v21.4s, v22.4s, v23.4s}}, [x3], #64
    ld1     {{v24.4s, v25.4s, v26.4s, v27.4s}}, [x3], #64
    ld1     {{v28.4s, v29.4s, v30.4s, v31.4s}}, [x3]
    ld1     {{v0.4s, v1.4s}}, [x0]
1:  st1     {{v0.4s, v1.4s}}, [x0]
    ld1     {{v4.16b, v5.16b, v6.16b, v7.16b}}, [x1], #64
    rev32   v4.16b, v4.16b
    rev32   v5.16b, v5.16b
    rev32   v6.16b, v6.16b
    rev32   v7.16b, v7.16b
    rounds_schedule v4, v5, v6, v7, v16
    rounds_schedule v5, v6, v7, v4, v17
    rounds_schedule v6, v7, v4, v5, v18
    rounds_schedule v7, v4, v5, v6, v19
    rounds_schedule v4, v5, v6, v7, v20
    rounds_schedule v5, v6, v7, v4, v21
    rounds_schedule v6, v7, v4, v5, v22
    rounds_schedule v7, v4, v5, v6, v23
    rounds_schedule v4, v5, v6, v7, v24
    rounds_schedule v5, v6, v7, v4, v25
    rounds_schedule v6, v7, v4, v5, v26
    rounds_schedule v7, v4, v5, v6, v27
    rounds  v4, v28
    rounds  v5, v29
    rounds  v6, v30
    rounds  v7, v31
    ld1     {{v2.4s, v3.4s}}, [x0]
    add     v0.4s, v0.4s, v2.4s
    add     v1.4s, v1.4s, v3.4s
    subs    x2, x2, #1
    b.ne    1b
    st1     {{v0.4s, v1.4s}}, [x0]
    ret
