/*
 * The partition's end of a channel: lwIP over VirtualNet's library for C, and a page on port 80 that src/network.rs writes.
 *
 * The task of src/network.rs alone calls lwIP (NO_SYS), so nothing here is locked.
 */
#include <string.h>

#include "FreeRTOS.h"
#include "task.h"

#include "cofferdam_netif.h"
#include "lwip/etharp.h"
#include "lwip/init.h"
#include "lwip/tcp.h"
#include "lwip/timeouts.h"

#include "network.h"

#define FRAME_MAX        1514
#define PAGE_PORT        80
#define PAGE_MAX         1024

/* A client has so many half seconds for all of it, to take the page too, and so many bytes to ask in. */
#define PATIENCE         10
#define REQUEST_MAX      2048

static struct cofferdam_netif end;
static struct netif netif;
static uint8_t received[ FRAME_MAX ] __attribute__( ( aligned( 8 ) ) );
static uint8_t sent[ FRAME_MAX ] __attribute__( ( aligned( 8 ) ) );
static char page[ PAGE_MAX ];

/* How far a client has come: bytes of its request, and how many of the four bytes that end it were the last ones. */
struct request
{
    uint16_t bytes;
    uint8_t ending;
};

static void * packed( struct request request )
{
    return ( void * ) ( ( uintptr_t ) request.bytes << 8 | request.ending );
}

static struct request unpacked( const void * argument )
{
    uintptr_t bits = ( uintptr_t ) argument;

    return ( struct request ) { ( uint16_t ) ( bits >> 8 ), ( uint8_t ) bits };
}

/* lwIP's clock, in milliseconds: the kernel's ticks. */
u32_t sys_now( void )
{
    return ( u32_t ) xTaskGetTickCount();
}

/* Takes bytes of a request until the empty line that ends it (RFC 9112, 2.1). */
static void take( struct request * request, const uint8_t * bytes, uint16_t count )
{
    for( ; count > 0 && request->ending < 4; count--, bytes++ )
    {
        uint8_t wanted = request->ending & 1 ? '\n' : '\r';

        request->bytes++;
        request->ending = *bytes == wanted ? request->ending + 1 : *bytes == '\r';
    }
}

static err_t cut( struct tcp_pcb * client )
{
    tcp_abort( client );
    return ERR_ABRT;
}

/* The client's pieces come in order; what it asks for is not looked at, for there is one page. */
static err_t on_received( void * argument, struct tcp_pcb * client, struct pbuf * chain, err_t error )
{
    struct request request = unpacked( argument );
    uint16_t length;

    if( chain == NULL )
    {
        return tcp_close( client ) == ERR_OK ? ERR_OK : cut( client );
    }
    if( error == ERR_OK )
    {
        for( struct pbuf * piece = chain; piece != NULL; piece = piece->next )
        {
            take( &request, piece->payload, piece->len );
        }
        tcp_recved( client, chain->tot_len );
    }
    pbuf_free( chain );
    if( error != ERR_OK || ( request.ending < 4 && request.bytes > REQUEST_MAX ) )
    {
        return cut( client );
    }
    tcp_arg( client, packed( request ) );
    if( request.ending < 4 )
    {
        return ERR_OK;
    }
    tcp_recv( client, NULL );
    length = freertos_page( page, sizeof( page ) );
    if( tcp_write( client, page, length, TCP_WRITE_FLAG_COPY ) != ERR_OK
        || tcp_close( client ) != ERR_OK )
    {
        return cut( client );
    }
    return ERR_OK;
}

static err_t on_late( void * argument, struct tcp_pcb * client )
{
    ( void ) argument;
    return cut( client );
}

static err_t on_client( void * argument, struct tcp_pcb * client, err_t error )
{
    ( void ) argument;
    if( error != ERR_OK || client == NULL )
    {
        return ERR_VAL;
    }
    tcp_arg( client, packed( ( struct request ) { 0, 0 } ) );
    tcp_recv( client, on_received );
    tcp_poll( client, on_late, PATIENCE );
    return ERR_OK;
}

static void listen_for_clients( void )
{
    struct tcp_pcb * listener = tcp_new();

    configASSERT( listener != NULL );
    configASSERT( tcp_bind( listener, IP4_ADDR_ANY, PAGE_PORT ) == ERR_OK );
    listener = tcp_listen( listener );
    configASSERT( listener != NULL );
    tcp_accept( listener, on_client );
}

int32_t freertos_network_open( const struct cofferdam_channel * channel,
                               const struct cofferdam_accept * rules,
                               const struct freertos_link * link )
{
    ip4_addr_t address, mask, peer;
    int32_t result = cofferdam_port_open( &end.port, channel );

    if( result != 0 )
    {
        return result;
    }
    end.accept = *rules;
    end.frame_max = sizeof( received );
    end.received = received;
    end.sent = sent;
    lwip_init();
    memcpy( &address, rules->address, sizeof( address ) );
    memcpy( &mask, link->mask, sizeof( mask ) );
    memcpy( &peer, link->peer, sizeof( peer ) );
    if( netif_add( &netif, &address, &mask, IP4_ADDR_ANY4, &end, cofferdam_netif_init, netif_input ) == NULL )
    {
        return COFFERDAM_INVALID;
    }
    netif_set_default( &netif );
    netif_set_up( &netif );
    if( !rules->arp )
    {
        struct eth_addr mac;

        memcpy( mac.addr, link->peer_mac, sizeof( mac.addr ) );
        configASSERT( etharp_add_static_entry( &peer, &mac ) == ERR_OK );
    }
    listen_for_clients();
    return 0;
}

void freertos_network_poll( uint32_t frames, uint32_t bytes )
{
    cofferdam_netif_poll( &netif, frames, bytes );
    sys_check_timeouts();
}
