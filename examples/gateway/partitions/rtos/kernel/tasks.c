/*
 * The tasks: two with deadlines and the report, in C as most users of this kernel have them. What the monitor is asked and told
 * goes through src/main.rs.
 */
#include "FreeRTOS.h"
#include "task.h"

#define STACK_WORDS        512
/* Words of a job's work: some thousand instructions. */
#define WORK               512

/* As src/main.rs reads it. */
struct account
{
    uint64_t met;
    uint64_t missed;
    /* Ticks of `time`. */
    uint64_t worst_latency;
};

/* In src/main.rs. */
uint64_t rtos_now( void );
void rtos_job_done( uint64_t job, uint64_t release );
void rtos_report( uint64_t seconds, const struct account * fast, const struct account * slow, _Bool healthy );
void rtos_wait( void );
void rtos_fail( const char * why ) __attribute__( ( noreturn ) );

static struct account fast, slow;
static volatile _Bool healthy = 1;
static uint64_t pattern[ WORK ];

static uint64_t sum( void )
{
    uint64_t of = 0;

    for( uint64_t i = 0; i < WORK; i++ )
    {
        of = of * 31 + pattern[ i ];
    }

    return of;
}

/* Does the jobs of a task for ever. Job n is released at tick ( n + 1 ) * period and must end before the next release. */
static void work( struct account * account, TickType_t period, _Bool reports_to_monitor )
{
    const uint64_t length = ullPortTimeOfTick( period ) - ullPortTimeOfTick( 0 );
    const uint64_t expected = sum();
    TickType_t previous = 0;

    for( uint64_t job = 0; ; job++ )
    {
        ( void ) xTaskDelayUntil( &previous, period );

        const uint64_t release = ullPortTimeOfTick( ( job + 1 ) * period );
        const uint64_t latency = rtos_now() - release;

        if( latency > account->worst_latency )
        {
            account->worst_latency = latency;
        }

        healthy = healthy && ( sum() == expected );

        if( rtos_now() < release + length )
        {
            account->met++;
        }
        else
        {
            account->missed++;
        }

        if( reports_to_monitor )
        {
            rtos_job_done( job, release );
        }
    }
}

static void run_fast( void * unused )
{
    ( void ) unused;
    work( &fast, 1, 1 );
}

static void run_slow( void * unused )
{
    ( void ) unused;
    work( &slow, 10, 0 );
}

static void run_report( void * unused )
{
    TickType_t previous = 0;

    ( void ) unused;

    for( uint64_t seconds = 1; ; seconds++ )
    {
        ( void ) xTaskDelayUntil( &previous, configTICK_RATE_HZ );

        /* The others are more urgent: both accounts are of this instant. */
        taskENTER_CRITICAL();
        const struct account of_fast = fast, of_slow = slow;
        taskEXIT_CRITICAL();
        rtos_report( seconds, &of_fast, &of_slow, healthy );
    }
}

void rtos_start( void )
{
    static StaticTask_t blocks[ 3 ];
    static StackType_t stacks[ 3 ][ STACK_WORDS ];

    for( uint64_t i = 0; i < WORK; i++ )
    {
        pattern[ i ] = i * UINT64_C( 0x9e3779b97f4a7c15 );
    }

    ( void ) xTaskCreateStatic( run_fast, "fast", STACK_WORDS, NULL, 3, stacks[ 0 ], &blocks[ 0 ] );
    ( void ) xTaskCreateStatic( run_slow, "slow", STACK_WORDS, NULL, 2, stacks[ 1 ], &blocks[ 1 ] );
    ( void ) xTaskCreateStatic( run_report, "report", STACK_WORDS, NULL, 1, stacks[ 2 ], &blocks[ 2 ] );
    vTaskStartScheduler();
}

void vApplicationIdleHook( void )
{
    rtos_wait();
}

void vApplicationStackOverflowHook( TaskHandle_t task, char * name )
{
    ( void ) task;
    rtos_fail( name );
}

/* None is enabled. */
void vApplicationExternalInterrupt( void )
{
    rtos_fail( "an external interrupt" );
}
