/*
 * The service `checksum`, done for Linux by what is generated in C from the system description.
 */
#include "requests.h"

/* The most bytes, as the description has it. */
#define MOST 256

/* CRC-32C (RFC 3720, 12.1), the lowest bit first. */
#define POLYNOMIAL 0x82f63b78u

int64_t handle_checksum( uint64_t caller, struct service_memory bytes, uint32_t * sum )
{
    uint8_t copy[ MOST ];
    uint32_t remainder = UINT32_MAX;
    uint64_t n;
    int bit;

    ( void ) caller;

    if( !service_copy_from( bytes, copy, sizeof( copy ) ) )
    {
        return SERVICE_INVALID_PARAMETER;
    }

    for( n = 0; n < bytes.length; n++ )
    {
        remainder ^= copy[ n ];

        for( bit = 0; bit < 8; bit++ )
        {
            remainder = ( remainder >> 1 ) ^ ( ( remainder & 1u ) ? POLYNOMIAL : 0u );
        }
    }

    *sum = ~remainder;
    return SERVICE_DONE;
}

/* Does one request. Answers whether there was one. */
bool freertos_serve( void )
{
    return service_serve();
}
