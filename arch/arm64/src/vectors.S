// Exception vectors of EL3 and the world switch.
//
// Two tables: VBAR_EL3 points at vectors_rich while the rich slot runs (Non-secure world, or a monitor
// thread in its stead) and at vectors_critical while the critical slot runs, so no path asks where it came from.
// Each exists twice: `lazy` leaves floating point to a trap (CPTR_EL3.TFP), `eager` switches it along; and once for
// each interrupt controller. What differs between those is in macros that end in its name, in gic/v3.S and gic/v2.S.
//
// SP_EL3 is at the core's rich context whenever a lower level or a monitor thread (EL3t) runs. All of
// DAIF is masked in here, from the entry (Arm ARM, Exception entry) to the ERET: nothing nests.
//
// Each of these exists once more with `services`: where the system has services or channels, calls of the SiP and OEM
// ranges and rings take a path of their own.
//
// Cost is counted in instructions; `bench` measures it and docs/costs.md explains it.

// One vector: at most 32 instructions (Arm ARM, Exception vectors).
.macro vector
    .balign 0x80
.endm

// A cause that cannot be handled where it happened: EL3's own fault.
.macro fatal kind
    vector
    b       fatal_\kind
.endm

.macro slow slot, base, kind
    stp     x0, x1, [sp, #(\base)]
    mov     w1, #\kind
    b       slow_\slot
.endm

// Synchronous exceptions of the rich slot. Two calls do not go through Rust: PSCI_VERSION, the cheapest
// and most frequent probe, which holds the place of the empty call in the cost table; and calls to the
// critical partition's handler (owning entities 48 to 63: bits 31, 29 and 28 of the identifier). Services and
// rings, where there are some, have their own Rust.
.macro sync_rich slot, services
    stp     x2, x3, [sp, #16]
    mrs     x2, esr_el3
    lsr     x2, x2, #26
    cmp     x2, #0x17                       // SMC from AArch64 (Arm ARM, ESR_EL3, EC)
    b.ne    1f
    mov     w3, #{PSCI_VERSION}
    cmp     w0, w3
    b.eq    2f
  .if \services
    test_service w3
    b.eq    service_\slot
  .endif
    mov     w3, #{CROSS_CALL}
    bics    wzr, w3, w0
    ldp     x2, x3, [sp, #16]
    b.eq    cross_call_\slot
    stp     x0, x1, [sp]
  .if \services
    test_ring w1
    b.eq    ring_\slot
  .endif
    b       other_call_\slot
1:  ldp     x2, x3, [sp, #16]
    slow    \slot, 0, {KIND_SYNC}
2:  ldp     x2, x3, [sp, #16]
    mov     w0, #{PSCI_1_1}
    eret
    dsb     nsh
    isb
.endm

// Synchronous exceptions of the critical slot: WFI gives the core to the rich slot.
.macro sync_critical slot, services
    stp     x0, x1, [sp, #{CRITICAL}]
    mrs     x0, esr_el3
    lsr     x0, x0, #26
    cmp     x0, #1                          // WFI or WFE; SCR_EL3.TWE is 0, so WFI
    b.eq    yield_\slot
    mov     w1, #{KIND_SYNC}
    cmp     x0, #0x17                       // SMC from AArch64
    b.eq    call_\slot
    b       slow_\slot
.endm

.macro vector_table slot, base, sync, fiq, gic, services
    .balign 0x800
    .global vectors_\slot
vectors_\slot:
    // From EL3 with SP_EL0: a monitor thread in this slot.
    vector
    slow    \slot, \base, {KIND_THREAD}
    irq_thread_\gic \slot, \base
    vector
    \fiq    \slot
    fatal   serror
    // From EL3 with SP_EL3: the vectors or the handlers themselves.
    fatal   sync
    fatal   irq
    fatal   fiq
    fatal   serror
    // From a lower level in AArch64.
    vector
    \sync   \slot, \services
    fatal   irq                             // SCR_EL3.IRQ is 0: never
    vector
    \fiq    \slot
    vector
    slow    \slot, \base, {KIND_SERROR}
    // Where the level right below EL3 is in AArch32 (Arm ARM, Exception vectors). AArch32 further below comes by the
    // vectors above. Its calls and waits have no path of their own.
    vector
    slow    \slot, \base, {KIND_SYNC}
    fatal   irq
    vector
    \fiq    \slot
    vector
    slow    \slot, \base, {KIND_SERROR}
.endm

.macro fiq_critical slot
    slow    \slot, {CRITICAL}, {KIND_FIQ}
.endm

.macro paths suffix, eager, gic, services
vector_table rich_\suffix, 0, sync_rich, fiq_rich_\gic, \gic, \services
vector_table critical_\suffix, {CRITICAL}, sync_critical, fiq_critical, \gic, \services

// Rich -> critical. x0, x1 saved.
preempt_rich_\suffix:
    save_general 0, \gic
to_critical_\suffix:
    leave_rich \eager, \gic
  .if OBSERVED
observed_critical_\suffix:
    load_slot critical_\suffix, {CRITICAL}, \gic, {AARCH32_CRITICAL}
    observe after, critical
    resume  {CRITICAL}
  .endif
    .global cofferdam_enter_critical_\suffix
cofferdam_enter_critical_\suffix:
    load_slot critical_\suffix, {CRITICAL}, \gic, {AARCH32_CRITICAL}
    resume  {CRITICAL}

// Critical -> rich. x0, x1 saved.
yield_critical_\suffix:
    ldr     x0, [sp, #{IN_CALL}]
    mov     w1, #{KIND_SYNC}
    cbnz    x0, slow_critical_\suffix
    save_general {CRITICAL}, \gic, 4
to_rich_\suffix:
    leave_critical \eager, \gic
  .if OBSERVED
observed_rich_\suffix:
    load_slot rich_\suffix, 0, \gic, {AARCH32_RICH}
    observe after, rich
    resume  0
  .endif
    .global cofferdam_enter_rich_\suffix
cofferdam_enter_rich_\suffix:
    load_slot rich_\suffix, 0, \gic, {AARCH32_RICH}
    resume  0

// A call from the rich slot to the critical partition's handler, if there is one. The handler starts with
// the caller's x0 to x7, all else as it was at the WFI; what of the WFI's context it does not find in
// registers waits in the block.
cross_call_rich_\suffix:
    stp     x0, x1, [sp]
    mov     w1, #{KIND_SYNC}
    ldr     x0, [sp, #{CALL_HANDLER}]
    cbz     x0, slow_rich_\suffix
    save_general 0, \gic
    leave_rich \eager, \gic
    add     x9, sp, #{CALL_KEPT}
    keep_pair (0)
    keep_pair (16)
    keep_pair (32)
    keep_pair (48)
    ldp     x10, x0, [sp, #({CRITICAL} + {ELR} - 8)]
    ldp     x1, x10, [sp, #({CRITICAL} + {SPSR})]
    stp     x0, x1, [x9, #64]
    mov     x0, #{CALLED}
    str     x0, [sp, #{IN_CALL}]
    load_slot critical_\suffix, {CRITICAL}, \gic, {AARCH32_CRITICAL}
    observe after, critical
    ldr     x0, [sp, #{CALL_HANDLER}]
    msr     elr_el3, x0
    mov     x0, #0x3c5                      // EL1 with its own stack, all masked
    msr     spsr_el3, x0
    ldp     x0, x1, [sp, #({CRITICAL} + {SCR})]
    msr     scr_el3, x0
    msr     cptr_el3, x1
    each_pair_from_x8 ldp, {CRITICAL}
    ldp     x30, x0, [sp, #({CRITICAL} + {ELR} - 8)]
  .if OBSERVED                              // which changed the caller's arguments
    ldp     x2, x3, [sp, #16]
    ldp     x4, x5, [sp, #32]
    ldp     x6, x7, [sp, #48]
  .endif
    ldp     x0, x1, [sp]
    eret
    dsb     nsh
    isb

// SMC of the critical slot; w1 = kind. Ending a cross call is the one that does not go through Rust: x1 to
// x4 become the caller's x0 to x3, and the WFI goes on as if nothing had happened.
call_critical_\suffix:
    ldp     x0, x1, [sp, #{CRITICAL}]
    movz    w1, #({HANDLER_DONE} & 0xffff)
    movk    w1, #({HANDLER_DONE} >> 16), lsl #16
    cmp     w0, w1
  .if \services
    b.ne    service_critical_\suffix
  .else
    b.ne    other_call_critical_\suffix
  .endif
    mov     w1, #{KIND_SYNC}
    ldr     x0, [sp, #{IN_CALL}]
    cmp     x0, #{CALLED}
    b.ne    slow_critical_\suffix
    str     xzr, [sp, #{IN_CALL}]
    ldp     x0, x1, [sp, #{CRITICAL}]
    stp     x1, x2, [sp]
    stp     x3, x4, [sp, #16]
    each_pair_from_x8 stp, {CRITICAL}
    add     x9, sp, #{CALL_KEPT}
    restore_pair (0)
    restore_pair (16)
    restore_pair (32)
    restore_pair (48)
    ldp     x0, x1, [x9, #64]
    stp     x30, x0, [sp, #({CRITICAL} + {ELR} - 8)]
    stp     x1, xzr, [sp, #({CRITICAL} + {SPSR})]
  .if {CALLERS_TIME}
    // The handler ran in its caller's time: what leave_critical takes from the budget is put there first.
    mrs     x0, cntpct_el0
    ldr     x1, [sp, #({SPARE})]
    ldr     x8, [sp, #({BUDGET} + 8)]
    sub     x0, x0, x1
    add     x8, x8, x0
    str     x8, [sp, #({BUDGET} + 8)]
  .endif
    b       to_rich_\suffix

  .if \services
// A service called from the rich slot. x2, x3 saved.
service_rich_\suffix:
    stp     x0, x1, [sp]
    fast_call service, rich, \suffix, 0

// A ring of the rich slot. x0 to x3 saved.
ring_rich_\suffix:
    fast_call ring, rich, \suffix, 0

// A call from the critical slot that may be a service's. x0, x1 saved.
service_critical_\suffix:
    test_service w1
    b.ne    ring_critical_\suffix
    stp     x2, x3, [sp, #({CRITICAL} + 16)]
    fast_call service, critical, \suffix, {CRITICAL}

// A call from the critical slot that may be a ring. x0, x1 saved.
ring_critical_\suffix:
    test_ring w1
    b.ne    other_call_critical_\suffix
    stp     x2, x3, [sp, #({CRITICAL} + 16)]
    fast_call ring, critical, \suffix, {CRITICAL}
  .endif

// Everything else goes through Rust. x0, x1 saved, w1 = kind.
slow_path rich,     \suffix, 0,          critical, \gic
slow_path critical, \suffix, {CRITICAL}, rich,     \gic
.endm

// All of a slot that `resume` does not load. \slot: the end of its table's name.
.macro load_slot slot, base, gic, aarch32
    system_registers load_pair, (\base + {SYSTEM}), \gic
    aarch32_registers load, \aarch32
    adr     x0, vectors_\slot
    msr     vbar_el3, x0
.endm

// Whether x0 is a fast call, 32 or 64 bit, of owning entity 2 or 3 (DEN0028: SiP, OEM): then EQ.
.macro test_service tmp
    lsr     \tmp, w0, #25
    and     \tmp, \tmp, #0xffffffdf
    cmp     \tmp, #0x41
.endm

// Whether x0 is a ring of a channel: then EQ.
.macro test_ring tmp
    movz    \tmp, #({CHANNEL_RING} & 0xffff)
    movk    \tmp, #({CHANNEL_RING} >> 16), lsl #16
    cmp     w0, \tmp
.endm

// In: x0 to x3 saved in the context at \base. The call goes to the user's handler of a service, or to the monitor's of rings, compiled for the procedure call
// standard: x0 to x18 and x30 are all that it may change (AAPCS64: callee-saved are x19 to x28), and so all that is saved. It finds the
// caller's x0 to x17 in the context, leaves status and results there, and says in w0 whether the call was one of
// its own. If not, all is as it was.
.macro fast_call what, slot, suffix, base
    each_pair_from_x4 stp, \base
    mov     x19, sp
    add     x0, sp, #\base
    ldr     x1, [sp, #{HANDLER_STACK}]
    mov     sp, x1
    bl      cofferdam_\what\()_\slot
    mov     sp, x19
    each_pair_from_x4 ldp, \base
    ldp     x2, x3, [sp, #(\base + 16)]
    cbz     w0, other_call_\slot\()_\suffix
    ldp     x0, x1, [sp, #(\base)]
    eret
    dsb     nsh
    isb
.endm

// In: x0, x1 saved in the context at \base, w1 = kind. All of the context is in memory when Rust runs;
// it may change it, and says in x0 how the core goes on: 0 as it was, 1 in the other slot, 2 in this
// slot with all of its context loaded afresh. Calls that have no path of their own come in at `other_call`.
.macro slow_path slot, suffix, base, other, gic
other_call_\slot\()_\suffix:
    mov     w1, #{KIND_SYNC}
slow_\slot\()_\suffix:
    str     x1, [sp, #{KIND}]
    save_general \base, \gic
    ldr     x1, [sp, #{KIND}]
    mov     x19, sp
    sub     x0, x19, #{RICH_IN_BLOCK}
    ldr     x2, [sp, #{HANDLER_STACK}]
    mov     sp, x2
    bl      cofferdam_\slot
    mov     sp, x19
    tbnz    x0, #0, to_\other\()_\suffix
    tbnz    x0, #1, cofferdam_enter_\slot\()_\suffix
    resume  \base
.endm

// Every variant; the linker takes the system's (`symbols` in sossl/src/firmware.rs).
.macro variants gic, tail
variant lazy\tail,           0,       \gic, 0
variant eager\tail,          {EAGER}, \gic, 0
variant lazy_services\tail,  0,       \gic, 1
variant eager_services\tail, {EAGER}, \gic, 1
.endm

.macro variant suffix, eager, gic, services
    .section .text.vectors.\suffix, "ax"
paths \suffix, \eager, \gic, \services
.endm

// Each for either controller; for a system whose partitions are all in AArch64 or with one in AArch32; and for one that counts
// its switches, or has hooks at them.
.macro each_variant tail
variants gicv3, \tail
variants gicv2, \tail\()_gicv2
.endm

.set AARCH32, 0
.set OBSERVED, 0
each_variant
.set OBSERVED, 1
each_variant _observed
.set AARCH32, 1
each_variant _aarch32_observed
.set OBSERVED, 0
each_variant _aarch32

    .section .text.fatal, "ax"

// EL3's own faults. The stack may be what is wrong, so another is taken, found with x30 alone, which
// TPIDR_EL3 keeps. cofferdam_fatal gets the registers in x0 and the vector in x1.
.macro fatal_entry kind, number
fatal_\kind:
    msr     tpidr_el3, x30
    mrs     x30, mpidr_el1
    ubfiz   x30, x30, #12, #3               // a page for each of eight cores,
    movk    x30, #:abs_g1_nc:__fatal_stacks // which start at a multiple of 64 KiB below 4 GiB
    add     x30, x30, #(4096 - 256)
    stp     x0, x1, [x30]
    mov     x1, #\number
    b       fatal_common
.endm

fatal_entry sync, 0
fatal_entry irq, 1
fatal_entry fiq, 2
fatal_entry serror, 3

fatal_common:
    mov     x0, x30
    stp     x2,  x3,  [x0, #16]
    stp     x4,  x5,  [x0, #32]
    stp     x6,  x7,  [x0, #48]
    stp     x8,  x9,  [x0, #64]
    stp     x10, x11, [x0, #80]
    stp     x12, x13, [x0, #96]
    stp     x14, x15, [x0, #112]
    stp     x16, x17, [x0, #128]
    stp     x18, x19, [x0, #144]
    stp     x20, x21, [x0, #160]
    stp     x22, x23, [x0, #176]
    stp     x24, x25, [x0, #192]
    stp     x26, x27, [x0, #208]
    stp     x28, x29, [x0, #224]
    mrs     x2, tpidr_el3
    str     x2, [x0, #240]
    msr     spsel, #1
    mov     sp, x0
    bl      cofferdam_fatal
    b       .
