// What a switch of slots saves and loads: the macros of which vectors.S and gic/*.S make their paths. The
// order of each list is that of a structure in context.rs; SP_EL3 is at the core's rich context.

.macro save_pair a, b, at
    mrs     x0, \a
    mrs     x1, \b
    stp     x0, x1, [sp, #(\at)]
.endm

.macro load_pair a, b, at
    ldp     x0, x1, [sp, #(\at)]
    msr     \a, x0
    msr     \b, x1
.endm

// The same list for both directions; SYSTEM_REGISTERS in context.rs is its order.
.macro system_registers what, base, gic
    \what   sctlr_el1,      cpacr_el1,   (\base + 0)
    \what   ttbr0_el1,      ttbr1_el1,   (\base + 16)
    \what   tcr_el1,        mair_el1,    (\base + 32)
    \what   amair_el1,      vbar_el1,    (\base + 48)
    \what   contextidr_el1, tpidr_el1,   (\base + 64)
    \what   tpidr_el0,      tpidrro_el0, (\base + 80)
    \what   sp_el0,         sp_el1,      (\base + 96)
    .if {SWITCHED}                          // not in a positive control
    \what   elr_el1,        spsr_el1,    (\base + 112)
    .endif
    \what   esr_el1,        far_el1,     (\base + 128)
    \what   afsr0_el1,      afsr1_el1,   (\base + 144)
    \what   par_el1,        cntkctl_el1, (\base + 160)
    \what   actlr_el1,      csselr_el1,  (\base + 176)
    \what\()_\gic mdscr_el1, (\base + 192)  // and the priority mask
.endm

// What AArch32 alone has, in the order of Aarch32 in context.rs, where a partition of the system is in it (AARCH32). x9 is changed, and
// CPTR_EL3, which every way out sets again: FPEXC32_EL2 would trap to EL3 itself (Arm ARM, CPTR_EL3.TFP).
.macro aarch32_registers what, at
  .if AARCH32
    add     x9, sp, #\at
    msr     cptr_el3, xzr
    isb
    .if {SWITCHED}                          // not in a positive control
    \what\()_pair_at_x9 spsr_abt,    spsr_und,    0
    \what\()_pair_at_x9 spsr_irq,    spsr_fiq,    16
    \what\()_pair_at_x9 dacr32_el2,  ifsr32_el2,  32
    \what\()_pair_at_x9 fpexc32_el2, sder32_el3,  48
    .endif
  .endif
.endm

.macro save_pair_at_x9 a, b, at
    mrs     x0, \a
    mrs     x1, \b
    stp     x0, x1, [x9, #\at]
.endm

.macro load_pair_at_x9 a, b, at
    ldp     x0, x1, [x9, #\at]
    msr     \a, x0
    msr     \b, x1
.endm

.macro each_pair_from_x2 what, base
    \what   x2,  x3,  [sp, #(\base + 16)]
    \what   x4,  x5,  [sp, #(\base + 32)]
    \what   x6,  x7,  [sp, #(\base + 48)]
    each_pair_from_x8 \what, \base
.endm

.macro each_pair_from_x8 what, base
    \what   x8,  x9,  [sp, #(\base + 64)]
    \what   x10, x11, [sp, #(\base + 80)]
    \what   x12, x13, [sp, #(\base + 96)]
    \what   x14, x15, [sp, #(\base + 112)]
    \what   x16, x17, [sp, #(\base + 128)]
    \what   x18, x19, [sp, #(\base + 144)]
    \what   x20, x21, [sp, #(\base + 160)]
    \what   x22, x23, [sp, #(\base + 176)]
    \what   x24, x25, [sp, #(\base + 192)]
    \what   x26, x27, [sp, #(\base + 208)]
    \what   x28, x29, [sp, #(\base + 224)]
.endm

// What a function may change, but for x0 to x3. x19 and ELR, which is saved elsewhere, fill the pairs.
.macro each_pair_from_x4 what, base
    \what   x4,  x5,  [sp, #(\base + 32)]
    \what   x6,  x7,  [sp, #(\base + 48)]
    \what   x8,  x9,  [sp, #(\base + 64)]
    \what   x10, x11, [sp, #(\base + 80)]
    \what   x12, x13, [sp, #(\base + 96)]
    \what   x14, x15, [sp, #(\base + 112)]
    \what   x16, x17, [sp, #(\base + 128)]
    \what   x18, x19, [sp, #(\base + 144)]
    \what   x30, xzr, [sp, #(\base + {ELR} - 8)]
.endm

// x0 and x1 are saved. Saves the other general registers, ELR, SPSR and the group enables.
// \skip: bytes to add to ELR, for an instruction that is not to be taken again.
.macro save_general base, gic, skip=0
    each_pair_from_x2 stp, \base
    mrs     x0, elr_el3
  .if \skip
    add     x0, x0, #\skip
  .endif
    stp     x30, x0, [sp, #(\base + {ELR} - 8)]
    mrs     x0, spsr_el3
    read_enables_\gic
    stp     x0, x1, [sp, #(\base + {SPSR})]
.endm

// Ends in the slot at \base. Nothing is live but SP.
.macro resume base
    ldp     x30, x0, [sp, #(\base + {ELR} - 8)]
    ldp     x2, x1, [sp, #(\base + {SPSR})] // SPSR; the group enables are set elsewhere
    msr     elr_el3, x0
    msr     spsr_el3, x2
    ldp     x0, x1, [sp, #(\base + {SCR})]
    msr     scr_el3, x0
    msr     cptr_el3, x1
    each_pair_from_x2 ldp, \base
    ldp     x0, x1, [sp, #(\base)]
    eret
    dsb     nsh                             // no speculation past the ERET
    isb
.endm

// The monitor is compiled without floating point; only these two lists touch its registers.
.arch_extension fp
.arch_extension simd
.macro each_q what, base
    \what   q0,  q1,  [\base, #0]
    \what   q2,  q3,  [\base, #32]
    \what   q4,  q5,  [\base, #64]
    \what   q6,  q7,  [\base, #96]
    \what   q8,  q9,  [\base, #128]
    \what   q10, q11, [\base, #160]
    \what   q12, q13, [\base, #192]
    \what   q14, q15, [\base, #224]
    \what   q16, q17, [\base, #256]
    \what   q18, q19, [\base, #288]
    \what   q20, q21, [\base, #320]
    \what   q22, q23, [\base, #352]
    \what   q24, q25, [\base, #384]
    \what   q26, q27, [\base, #416]
    \what   q28, q29, [\base, #448]
    \what   q30, q31, [\base, #480]
.endm

.macro keep_pair at
    ldp     x0, x1, [sp, #({CRITICAL} + \at)]
    stp     x0, x1, [x9, #\at]
.endm

.macro restore_pair at
    ldp     x0, x1, [x9, #\at]
    stp     x0, x1, [sp, #({CRITICAL} + \at)]
.endm

// Out: x9 is changed.
.macro switch_floating_point from, to
    add     x9, sp, #\from
    each_q  stp, x9
    mrs     x0, fpcr
    mrs     x1, fpsr
    str     x0, [x9, #512]
    str     x1, [x9, #520]
    add     x9, sp, #\to
    ldr     x0, [x9, #512]
    ldr     x1, [x9, #520]
    msr     fpcr, x0
    msr     fpsr, x1
    each_q  ldp, x9
.endm

// Where somebody wants to know of a switch: calls Rust before a slot is left and after the other one is loaded, on the handler
// stack, which nobody uses now. All registers of the one are saved, and the general ones of the other not loaded yet: x0
// to x30 are free, but for a cross call's arguments, which it loads again.
.macro observe when, slot
  .if OBSERVED
    mov     x19, sp
    sub     x0, x19, #{RICH_IN_BLOCK}
    ldr     x1, [sp, #{HANDLER_STACK}]
    mov     sp, x1
    bl      cofferdam_\when\()_\slot
    mov     sp, x19
  .endif
.endm

// The rich slot's general registers are saved. Saves the rest, keeps the account, hides the rich side's
// interrupts, and sets the timer that bounds the critical slot: what is left of its budget, or all of it
// if its period is over. x2 to x7 are kept, unless somebody observes.
.macro leave_rich eager, gic
    system_registers save_pair, ({SYSTEM}), \gic
    aarch32_registers save, {AARCH32_RICH}
    mrs     x0, cntpct_el0
    ldp     x1, x8, [sp, #({SPARE})]        // last switch, held by rich
    sub     x1, x0, x1
    add     x8, x8, x1
    stp     x0, x8, [sp, #({SPARE})]
    add     x9, sp, #{BUDGET}
    ldp     x10, x11, [x9]                  // end of the period, left of the time
    ldp     x12, x13, [x9, #16]             // period, time
    add     x12, x12, x0
    cmp     x0, x10
    csel    x10, x12, x10, hs
    csel    x11, x13, x11, hs
    stp     x10, x11, [x9]
    add     x11, x11, x0
    msr     cnthp_cval_el2, x11
    mov     x0, #1
    msr     cnthp_ctl_el2, x0
    hide_rich_\gic
  .if \eager
    switch_floating_point {FP_RICH}, {FP_CRITICAL}
  .endif
    observe before, rich
.endm

// The critical slot's general registers are saved. Saves the rest and keeps the accounts; the monitor's
// timer is off before the rich side, which could reach it, runs.
.macro leave_critical eager, gic
    system_registers save_pair, ({CRITICAL} + {SYSTEM}), \gic
    aarch32_registers save, {AARCH32_CRITICAL}
    msr     cnthp_ctl_el2, xzr
    mrs     x0, cntpct_el0
    ldr     x1, [sp, #({SPARE})]
    str     x0, [sp, #({SPARE})]
    sub     x1, x0, x1
    ldur    x8, [sp, #({CRITICAL} + {SPARE})]
    add     x8, x8, x1
    stur    x8, [sp, #({CRITICAL} + {SPARE})]
    ldr     x8, [sp, #({BUDGET} + 8)]
    sub     x8, x8, x1
    str     x8, [sp, #({BUDGET} + 8)]
    show_rich_\gic
  .if \eager
    switch_floating_point {FP_CRITICAL}, {FP_RICH}
  .endif
    observe before, critical
.endm
