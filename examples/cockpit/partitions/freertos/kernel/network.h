/*
 * Between kernel/network.c and src/network.rs.
 */
#ifndef FREERTOS_NETWORK_H
#define FREERTOS_NETWORK_H

#include <stdint.h>

#include "cofferdam_channel.h"

/* What the description says of the link beside the end's own rules. */
struct freertos_link
{
    uint8_t mask[ 4 ];
    uint8_t peer[ 4 ];
    uint8_t peer_mac[ 6 ];
};

/* 0, or that of cofferdam_port_open. Without ARP in the rules, the other end is known from `link`. */
int32_t freertos_network_open( const struct cofferdam_channel * channel,
                               const struct cofferdam_accept * rules,
                               const struct freertos_link * link );

/* Takes at most so many frames of so many bytes, answers them, and does what lwIP's timers ask for. */
void freertos_network_poll( uint32_t frames, uint32_t bytes );

/* Of src/network.rs: writes an HTTP response into `to`, and answers its bytes. */
uint16_t freertos_page( char * to, uint16_t size );

#endif
