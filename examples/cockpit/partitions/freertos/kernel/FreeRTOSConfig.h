/*
 * Configuration of the FreeRTOS kernel for this partition. The interrupt priorities are explained
 * in src/main.rs; each C function named here is in src/hooks.rs.
 */
#ifndef FREERTOS_CONFIG_H
#define FREERTOS_CONFIG_H

#include <stdint.h>

/* Scheduling: fixed priorities, one task to each, so that no two ever share time. */
#define configUSE_PREEMPTION                     1
#define configUSE_TIME_SLICING                   0
#define configMAX_PRIORITIES                     6
#define configTICK_RATE_HZ                       1000
#define configTICK_TYPE_WIDTH_IN_BITS            TICK_TYPE_WIDTH_64_BITS

/* Memory: all of it static, nothing is allocated at run time. Sizes are in words of 8 bytes. */
#define configSUPPORT_STATIC_ALLOCATION          1
#define configSUPPORT_DYNAMIC_ALLOCATION         0
#define configKERNEL_PROVIDED_STATIC_MEMORY      1
#define configMINIMAL_STACK_SIZE                 512

/* The idle hook waits for an interrupt (WFI), which gives the core to the other world. */
#define configUSE_IDLE_HOOK                      1
#define configUSE_TICK_HOOK                      0

/* What is checked. A failure ends the partition with a report to the monitor. */
#define configCHECK_FOR_STACK_OVERFLOW           2
void freertos_assertion_failed( const char * file, uint32_t line ) __attribute__( ( noreturn ) );
#define configASSERT( condition )                                                        \
    do {                                                                                 \
        if( ( condition ) == 0 ) { freertos_assertion_failed( __FILE__, __LINE__ ); }    \
    } while( 0 )

/* Services: delays and queues. */
#define INCLUDE_vTaskDelay                       1
#define INCLUDE_xTaskDelayUntil                  1
#define INCLUDE_vTaskSuspend                     1
#define configUSE_TASK_NOTIFICATIONS             0
#define configUSE_TIMERS                         0
#define configUSE_EVENT_GROUPS                   0
#define configUSE_STREAM_BUFFERS                 0
#define configENABLE_BACKWARD_COMPATIBILITY      0

/* FP/SIMD: no task has such a context, and none is saved or restored. */
#define configUSE_TASK_FPU_SUPPORT               1

/* Interrupt priorities: the Secure half, 0x00 to 0x78, in steps of 8 (secure_port.c). */
#define configUNIQUE_INTERRUPT_PRIORITIES        16
#define configMAX_API_CALL_INTERRUPT_PRIORITY    9

/* The tick. Its source is cleared before the kernel's handler is called, hence no
 * configCLEAR_TICK_INTERRUPT. */
void freertos_set_up_tick( void );
#define configSETUP_TICK_INTERRUPT()             freertos_set_up_tick()

#endif
