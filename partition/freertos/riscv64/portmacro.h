/*
 * FreeRTOS V11 in S-mode of RV64: what the kernel asks of its port. See README.md.
 */
#ifndef PORTMACRO_H
#define PORTMACRO_H

#include <stdint.h>

#ifdef __riscv_flen
    #error "floating-point registers are not part of a task's context: compile for a target without them"
#endif

/* Types. */
#define portSTACK_TYPE                uint64_t
#define portBASE_TYPE                 int64_t
#define portPOINTER_SIZE_TYPE         uint64_t
typedef portSTACK_TYPE   StackType_t;
typedef int64_t          BaseType_t;
typedef uint64_t         UBaseType_t;

#if ( configTICK_TYPE_WIDTH_IN_BITS != TICK_TYPE_WIDTH_64_BITS )
    #error "configTICK_TYPE_WIDTH_IN_BITS: this port counts ticks in 64 bits, which never wrap"
#endif
typedef uint64_t         TickType_t;
#define portMAX_DELAY                 UINT64_MAX
#define portTICK_TYPE_IS_ATOMIC       1

/* Stacks: downwards, aligned as the calling convention asks (RISC-V ELF psABI, integer calling convention). */
#define portSTACK_GROWTH              ( -1 )
#define portBYTE_ALIGNMENT            16

#define portTICK_PERIOD_MS            ( ( TickType_t ) 1000 / configTICK_RATE_HZ )

/* Interrupts: sstatus.SIE. Handlers run with it off, one at a time, so nothing is masked in them. */
#define portDISABLE_INTERRUPTS()      __asm volatile ( "csrci sstatus, 2" ::: "memory" )
#define portENABLE_INTERRUPTS()       __asm volatile ( "csrsi sstatus, 2" ::: "memory" )

/* Critical sections: the kernel counts their nesting in the task. */
#define portCRITICAL_NESTING_IN_TCB   1
void vTaskEnterCritical( void );
void vTaskExitCritical( void );
#define portENTER_CRITICAL()          vTaskEnterCritical()
#define portEXIT_CRITICAL()           vTaskExitCritical()

/* A task gives way by a software interrupt, which is taken at once, or at the end of the critical section. */
#define portYIELD()                   __asm volatile ( "csrsi sip, 2" ::: "memory" )

/* A handler gives way at its end: its task's context is saved already. */
#define portEND_SWITCHING_ISR( xSwitchRequired ) \
    do { if( ( xSwitchRequired ) != pdFALSE ) { vTaskSwitchContext(); } } while( 0 )
#define portYIELD_FROM_ISR( xSwitchRequired )    portEND_SWITCHING_ISR( xSwitchRequired )

#define portTASK_FUNCTION_PROTO( vFunction, pvParameters )    void vFunction( void * pvParameters )
#define portTASK_FUNCTION( vFunction, pvParameters )          void vFunction( void * pvParameters )

#define portINLINE                    __inline
#define portFORCE_INLINE              inline __attribute__( ( always_inline ) )
#define portMEMORY_BARRIER()          __asm volatile ( "" ::: "memory" )
#define portNOP()                     __asm volatile ( "nop" )

#endif /* PORTMACRO_H */
