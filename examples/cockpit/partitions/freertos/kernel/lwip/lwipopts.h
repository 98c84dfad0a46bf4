/*
 * Configuration of lwIP for this partition: ICMP echo and TCP over IPv4, one netif, called by one task. All memory is
 * static, so what the other end can fill is bounded by the sizes here.
 */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

/* No operating system underneath: the network task alone calls it. */
#define NO_SYS                         1
#define SYS_LIGHTWEIGHT_PROT           0
#define LWIP_NETCONN                   0
#define LWIP_SOCKET                    0

/* A heap of its own for packets, pools for the rest. */
#define MEM_ALIGNMENT                  8
#define MEM_SIZE                       ( 32 * 1024 )
#define MEMP_NUM_PBUF                  16
#define PBUF_POOL_SIZE                 0
#define MEMP_NUM_TCP_PCB               8
#define MEMP_NUM_TCP_PCB_LISTEN        1
#define MEMP_NUM_TCP_SEG               32
#define TCP_LISTEN_BACKLOG             1

#define TCP_MSS                        1460
#define TCP_WND                        ( 4 * TCP_MSS )
#define TCP_SND_BUF                    ( 2 * TCP_MSS )

/* The filter in front lets no fragment through. */
#define IP_REASSEMBLY                  0
#define IP_FRAG                        0
#define LWIP_RAW                       0
#define LWIP_UDP                       0
#define LWIP_STATS                     0

/* A neighbour that the description names. */
#define ETHARP_SUPPORT_STATIC_ENTRIES  1

#endif
