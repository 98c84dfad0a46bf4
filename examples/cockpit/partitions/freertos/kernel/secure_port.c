/*
 * The kernel's port, for the GICv3 or for the GICv2, compiled for the Secure half of the interrupt priorities.
 *
 * The port takes configUNIQUE_INTERRUPT_PRIORITIES for the number of priorities of the whole
 * interrupt controller and derives from it how far a priority is shifted in its 8-bit field. Here
 * it is the number of those that are out of the Non-secure world's reach: the upper half of the 32
 * that a GIC with two Security states has at least (Arm IHI 0069, Interrupt prioritization; alike IHI
 * 0048), fields 0x00 to 0x78. These are 8 apart and not 16, which is all that differs. The port's
 * source is the kernel's own.
 */
#include "FreeRTOS.h"
#include "task.h"

#undef portPRIORITY_SHIFT
#define portPRIORITY_SHIFT    3

/* What every priority that the port writes or expects must be. */
_Static_assert( ( portLOWEST_INTERRUPT_PRIORITY << portPRIORITY_SHIFT ) < 0x80,
                "the Non-secure world could delay an interrupt of this priority" );
/* The tick's, as src/hardware.rs sets it. */
_Static_assert( ( portLOWEST_USABLE_INTERRUPT_PRIORITY << portPRIORITY_SHIFT ) == 0x70,
                "the tick's priority" );

/* The port for the GICv2 wants to be told where that is; build.rs does. */
#ifdef configINTERRUPT_CONTROLLER_BASE_ADDRESS
    #include "portable/GCC/ARM_AARCH64/port.c"
#else
    #include "portable/GCC/ARM_AARCH64_SRE/port.c"
#endif
