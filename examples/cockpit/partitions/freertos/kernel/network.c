/*
 * The partition's end of a channel by VirtualNet's library for C: it answers who asks for its address, and echo
 * requests. Nothing else passes the filter.
 *
 * A frame that the filter accepted has all its headers, of the lengths that are used here (RFC 826; RFC 791 without
 * options; RFC 792), and is for this end. It is turned round where it lies.
 */
#include <string.h>

#include "cofferdam_channel.h"

#define FRAME_MAX     1514
#define MAC           6
#define ADDRESS       4

/* Where things are in a frame: of ARP, of IPv4, of ICMP. */
#define KIND          12
#define OPERATION     20
#define SENDER        22
#define TARGET        32
#define IP_SOURCE     26
#define IP_TARGET     30
#define ICMP_TYPE     34
#define ICMP_SUM      36

static struct cofferdam_port port;
static struct cofferdam_accept accept;
static uint8_t frame[ FRAME_MAX ];

int32_t freertos_network_open( const struct cofferdam_channel * channel,
                               const struct cofferdam_accept * rules )
{
    accept = *rules;
    return cofferdam_port_open( &port, channel );
}

/* The sender's addresses become the target's, and ours the sender's. */
static void answer_arp( void )
{
    frame[ OPERATION + 1 ] = 2;
    memcpy( &frame[ TARGET ], &frame[ SENDER ], MAC + ADDRESS );
    memcpy( &frame[ SENDER ], accept.mac, MAC );
    memcpy( &frame[ SENDER + MAC ], accept.address, ADDRESS );
}

/* Type 8 becomes 0. The checksum is a complement: what leaves the sum is added to it (RFC 1624). */
static void answer_echo( void )
{
    uint32_t sum = ( ( uint32_t ) frame[ ICMP_SUM ] << 8 | frame[ ICMP_SUM + 1 ] ) + 0x0800;

    sum = ( sum & 0xffff ) + ( sum >> 16 );
    frame[ ICMP_SUM ] = ( uint8_t ) ( sum >> 8 );
    frame[ ICMP_SUM + 1 ] = ( uint8_t ) sum;
    frame[ ICMP_TYPE ] = 0;
    memcpy( &frame[ IP_TARGET ], &frame[ IP_SOURCE ], ADDRESS );
    memcpy( &frame[ IP_SOURCE ], accept.address, ADDRESS );
}

/* Turns an accepted frame into its answer, if it wants one. */
static int is_answered( void )
{
    if( frame[ KIND + 1 ] != 0x06 )
    {
        answer_echo();
    }
    else if( frame[ OPERATION + 1 ] == 1 )
    {
        answer_arp();
    }
    else
    {
        return 0;
    }
    memcpy( frame, &frame[ MAC ], MAC );
    memcpy( &frame[ MAC ], accept.mac, MAC );
    return 1;
}

/* Takes at most so many frames, and answers them. */
void freertos_network_poll( uint32_t frames, uint32_t bytes )
{
    struct cofferdam_budget budget = { frames, bytes };
    int32_t length;

    ( void ) cofferdam_port_poll( &port );
    /* Ends: each turn takes at least one frame from the budget. */
    while( ( length = cofferdam_port_receive( &port, &budget, frame, sizeof( frame ) ) ) > 0 )
    {
        if( cofferdam_accepts( &accept, frame, ( size_t ) length ) == 1 && is_answered() )
        {
            /* A full ring drops: who asked asks again. */
            ( void ) cofferdam_port_send( &port, frame, ( size_t ) length );
        }
    }
}
