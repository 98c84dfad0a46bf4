/*
 * The compiler and the C library, as lwIP asks for them: integers of the compiler, no text output.
 */
#ifndef COFFERDAM_LWIP_CC_H
#define COFFERDAM_LWIP_CC_H

#include <limits.h>
#include <stdint.h>

#define LWIP_NO_INTTYPES_H    1
#define LWIP_NO_CTYPE_H       1
#define LWIP_NO_UNISTD_H      1

/* POSIX's, whose headers are not there. lwIP makes its own only without the limit. */
typedef long ssize_t;
#ifndef SSIZE_MAX
    #define SSIZE_MAX         LONG_MAX
#endif

void freertos_assertion_failed( const char * file, uint32_t line ) __attribute__( ( noreturn ) );
#define LWIP_PLATFORM_DIAG( message )      do { } while( 0 )
#define LWIP_PLATFORM_ASSERT( message )    freertos_assertion_failed( __FILE__, __LINE__ )

#endif
