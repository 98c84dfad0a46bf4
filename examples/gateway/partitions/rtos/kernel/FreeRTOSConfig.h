/*
 * Configuration of the FreeRTOS kernel for this partition. Each function named here is in src/main.rs or kernel/tasks.c.
 */
#ifndef FREERTOS_CONFIG_H
#define FREERTOS_CONFIG_H

#include <stdint.h>

/* Scheduling: fixed priorities, one task to each, so that no two ever share time. */
#define configUSE_PREEMPTION                     1
#define configUSE_TIME_SLICING                   0
#define configMAX_PRIORITIES                     4
#define configTICK_RATE_HZ                       1000
#define configTICK_TYPE_WIDTH_IN_BITS            TICK_TYPE_WIDTH_64_BITS

/* Memory: all of it static, nothing is allocated at run time. Sizes are in words of 8 bytes. */
#define configSUPPORT_STATIC_ALLOCATION          1
#define configSUPPORT_DYNAMIC_ALLOCATION         0
#define configKERNEL_PROVIDED_STATIC_MEMORY      1
#define configMINIMAL_STACK_SIZE                 256

/* The idle hook waits for an interrupt. */
#define configUSE_IDLE_HOOK                      1
#define configUSE_TICK_HOOK                      0

/* What is checked. A failure ends the partition with a report to the monitor. */
#define configCHECK_FOR_STACK_OVERFLOW           2
void rtos_assertion_failed( const char * file, uint32_t line ) __attribute__( ( noreturn ) );
#define configASSERT( condition )                                                    \
    do {                                                                             \
        if( ( condition ) == 0 ) { rtos_assertion_failed( __FILE__, __LINE__ ); }    \
    } while( 0 )

/* Services of the kernel: delays. */
#define INCLUDE_vTaskDelay                       1
#define INCLUDE_xTaskDelayUntil                  1
#define INCLUDE_vTaskSuspend                     1
#define configUSE_TASK_NOTIFICATIONS             0
#define configUSE_TIMERS                         0
#define configUSE_EVENT_GROUPS                   0
#define configUSE_STREAM_BUFFERS                 0
#define configENABLE_BACKWARD_COMPATIBILITY      0

/* The port (partition/freertos/riscv64). */
uint64_t rtos_timebase( void );
#define configTIMEBASE_HZ                        rtos_timebase()
void vApplicationExternalInterrupt( void );
void vApplicationException( uint64_t cause, uint64_t address, uint64_t value ) __attribute__( ( noreturn ) );
uint64_t ullPortTimeOfTick( uint64_t tick );

#endif
