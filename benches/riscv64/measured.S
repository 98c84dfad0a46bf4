// What is measured in S-mode: from_NAME is the instruction that begins it, to_NAME the first one that is not counted any
// more, at_NAME the first one behind a trap that is counted from its entry. Functions; they clobber what a function may.
//
// A trap handler here is the rest of the function that waits for it: t4 keeps stvec, t5 sstatus, t6 sie. A call to the
// monitor changes a0 and a1 alone (SBI, 3), but for those of services.

    .section .text.measured, "ax"
    .global measured_start
measured_start:

// The call that costs least: Base, get_spec_version.
    .global empty_call
empty_call:
    li      a7, 0x10
    li      a6, 0
    .global from_empty_call
from_empty_call:
    ecall
    .global to_empty_call
to_empty_call:
    ret

// Services of the monitor's extension, each by its number. a0, a1: a region, where it takes one.
.macro service name, number
    .global \name
\name:
    li      a7, {EXTENSION}
    li      a6, -0x3e000000 + \number
    .global from_\name
from_\name:
    ecall
    .global to_\name
to_\name:
    ret
.endm

    service service_call, 0
    service service_region, 1
    service service_limit, 2

// The counter, which a hart without it traps.
    .global time_read
time_read:
    .global from_time_read
from_time_read:
    rdtime  a0
    .global to_time_read
to_time_read:
    ret

// Opens one interrupt, \bit of sie, to \handler.
.macro open handler, bit
    la      t0, \handler
    csrrw   t4, stvec, t0
    csrr    t5, sstatus
    li      t0, \bit
    csrrw   t6, sie, t0
    csrsi   sstatus, 2
.endm

// As before `open`, after a trap, which has turned interrupts off.
.macro close
    csrw    sie, t6
    csrw    stvec, t4
    andi    t5, t5, 2
    csrs    sstatus, t5
    ret
.endm

// A timer in the past: TIME, set_timer.
    .global timer_to_handler
timer_to_handler:
    open    on_past_timer, 1 << 5
    li      a0, 0
    li      a6, 0
    li      a7, 0x54494d45
    .global from_timer_to_handler
from_timer_to_handler:
    ecall
1:  j       1b
    .balign 4
on_past_timer:
    .global to_timer_to_handler
to_timer_to_handler:
    li      a0, -1
    ecall
    close

// A timer that expires. a0: when.
    .global expiry_to_handler
expiry_to_handler:
    open    on_timer, 1 << 5
    li      a6, 0
    li      a7, 0x54494d45
    ecall
1:  j       1b
    .balign 4
on_timer:
    .global at_expiry_to_handler
at_expiry_to_handler:
    li      a0, -1
    ecall
    close

// A software interrupt to this hart, number 0: IPI, send_ipi.
    .global ipi_to_handler
ipi_to_handler:
    open    on_software, 1 << 1
    li      a0, 1
    li      a1, 0
    li      a6, 0
    li      a7, 0x735049
    .global from_ipi_to_handler
from_ipi_to_handler:
    ecall
1:  j       1b
    .balign 4
on_software:
    .global to_ipi_to_handler
to_ipi_to_handler:
    csrci   sip, 2
    close

// An instruction that there is not, and back from a handler that skips it.
    .global illegal_reflect
illegal_reflect:
    la      t0, on_illegal
    csrrw   t4, stvec, t0
    .global from_illegal_reflect
from_illegal_reflect:
    .4byte  0xffffffff
    .global to_illegal_reflect
to_illegal_reflect:
    csrw    stvec, t4
    ret
    .balign 4
on_illegal:
    csrr    t0, sepc
    addi    t0, t0, 4
    csrw    sepc, t0
    sret

// Turns of a loop, a0 of them, in which others come.
    .global spin
spin:
    addi    a0, a0, -1
    bnez    a0, spin
    ret

    .global measured_end
measured_end:
