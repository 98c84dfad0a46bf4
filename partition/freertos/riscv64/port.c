/*
 * FreeRTOS V11 in S-mode of RV64, over any SBI with the extension TIME: start, ticks and traps. See README.md.
 */
#include "FreeRTOS.h"
#include "task.h"
#include "frame.h"

/* scause (privileged specification, scause); bits of sie. */
#define INTERRUPT        ( UINT64_C( 1 ) << 63 )
#define SOFTWARE         UINT64_C( 1 )
#define TIMER            UINT64_C( 5 )
#define EXTERNAL         UINT64_C( 9 )

/* sstatus: interrupts are off until SRET, on after it; it goes to S-mode. */
#define SIE              ( UINT64_C( 1 ) << 1 )
#define SPIE             ( UINT64_C( 1 ) << 5 )
#define SPP              ( UINT64_C( 1 ) << 8 )

/* SBI, chapter 6: the timer extension. */
#define SBI_TIME         UINT64_C( 0x54494d45 )
#define SBI_SET_TIMER    UINT64_C( 0 )

extern void vPortTrap( void );
extern void vPortRestore( void ) __attribute__( ( noreturn ) );

/* Top of the stack of handlers, for portASM.S. */
uint64_t * pullPortHandlerStack;

static uint64_t ullPeriod;
static uint64_t ullNextTick;
static uint64_t ullOrigin;

static uint64_t prvTime( void )
{
    uint64_t ullTime;

    __asm volatile ( "rdtime %0" : "=r" ( ullTime ) :: "memory" );
    return ullTime;
}

static void prvSetTimer( uint64_t ullAt )
{
    register uint64_t a0 __asm( "a0" ) = ullAt;
    register uint64_t a1 __asm( "a1" );
    register uint64_t a6 __asm( "a6" ) = SBI_SET_TIMER;
    register uint64_t a7 __asm( "a7" ) = SBI_TIME;

    /* It cannot be refused: every time is one. */
    __asm volatile ( "ecall" : "+r" ( a0 ), "=r" ( a1 ) : "r" ( a6 ), "r" ( a7 ) : "memory" );
    ( void ) a1;
}

/* A task that returns has nowhere to go. */
static void prvReturned( void )
{
    configASSERT( pdFALSE );

    for( ; ; )
    {
    }
}

StackType_t * pxPortInitialiseStack( StackType_t * pxTopOfStack,
                                     TaskFunction_t pxCode,
                                     void * pvParameters )
{
    uint64_t ullStatus;
    StackType_t * pxFrame = pxTopOfStack - FRAME_WORDS;

    __asm volatile ( "csrr %0, sstatus" : "=r" ( ullStatus ) );

    for( uint64_t ull = 0; ull < FRAME_WORDS; ull++ )
    {
        pxFrame[ ull ] = 0;
    }

    pxFrame[ FRAME_RA ] = ( StackType_t ) prvReturned;
    pxFrame[ FRAME_A0 ] = ( StackType_t ) pvParameters;
    pxFrame[ FRAME_PC ] = ( StackType_t ) pxCode;
    /* A task that creates another has interrupts on: the frame must not, or one could come while it is restored. */
    pxFrame[ FRAME_STATUS ] = ( ullStatus & ~SIE ) | SPIE | SPP;
    return pxFrame;
}

BaseType_t xPortStartScheduler( void )
{
    /* The stack in use: nobody comes back to this frame, so handlers have it from here down. */
    pullPortHandlerStack = __builtin_frame_address( 0 );

    ullPeriod = configTIMEBASE_HZ / configTICK_RATE_HZ;
    ullOrigin = prvTime();
    ullNextTick = ullOrigin + ullPeriod;

    __asm volatile ( "csrw stvec, %0" :: "r" ( vPortTrap ) );
    prvSetTimer( ullNextTick );
    /* sie.SSIE and sie.STIE; an application that has external interrupts adds SEIE. sstatus.SIE is still off. */
    __asm volatile ( "csrw sie, %0" :: "r" ( 1UL << SOFTWARE | 1UL << TIMER ) );
    vPortRestore();
}

void vPortEndScheduler( void )
{
    /* There is nothing to go back to. */
    configASSERT( pdFALSE );
}

uint64_t ullPortTimeOfTick( TickType_t xTick )
{
    return ullOrigin + xTick * ullPeriod;
}

/* A late interrupt does not move the ticks after it, and none is lost: each that is due is taken in turn. */
static void prvTick( void )
{
    BaseType_t xSwitch = pdFALSE;

    while( prvTime() >= ullNextTick )
    {
        ullNextTick += ullPeriod;
        xSwitch |= xTaskIncrementTick();
    }

    prvSetTimer( ullNextTick );
    portYIELD_FROM_ISR( xSwitch );
}

/* For portASM.S: interrupts off, the task's context saved, on the stack of handlers. */
void vPortHandleTrap( uint64_t ullCause,
                      uint64_t ullAddress,
                      uint64_t ullValue )
{
    switch( ullCause )
    {
        case INTERRUPT | SOFTWARE:
            __asm volatile ( "csrci sip, 2" ::: "memory" );
            vTaskSwitchContext();
            break;

        case INTERRUPT | TIMER:
            prvTick();
            break;

        case INTERRUPT | EXTERNAL:
            vApplicationExternalInterrupt();
            break;

        default:
            vApplicationException( ullCause, ullAddress, ullValue );
    }
}
