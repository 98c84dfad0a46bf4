/*
 * Holds the kernel's types against what src/kernel.rs and src/mailbox.rs say of them.
 */
#include "FreeRTOS.h"
#include "queue.h"
#include "task.h"

_Static_assert( sizeof( StaticTask_t ) <= 512, "TASK_BYTES in src/kernel.rs" );
_Static_assert( _Alignof( StaticTask_t ) <= 16, "TaskMemory in src/kernel.rs" );
_Static_assert( sizeof( StaticQueue_t ) <= 256, "QUEUE_BYTES in src/mailbox.rs" );
_Static_assert( _Alignof( StaticQueue_t ) <= 16, "QueueBlock in src/mailbox.rs" );
_Static_assert( sizeof( StackType_t ) == 8, "a word of a stack" );
_Static_assert( sizeof( TickType_t ) == 8, "ticks" );
_Static_assert( sizeof( UBaseType_t ) == 8, "unsigned arguments" );
_Static_assert( sizeof( BaseType_t ) == 8, "signed arguments and results" );
_Static_assert( sizeof( configSTACK_DEPTH_TYPE ) == 8, "the size of a stack" );
