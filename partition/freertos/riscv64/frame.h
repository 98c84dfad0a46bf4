/*
 * A task's context on its stack while another one runs: for portASM.S and port.c.
 *
 * x1 and x5 to x31 in their order, then pc and sstatus. gp and tp are the program's and never change.
 */
#ifndef PORT_FRAME_H
#define PORT_FRAME_H

#define FRAME_RA         0
#define FRAME_X( n )     ( ( n ) - 4 )
#define FRAME_A0         FRAME_X( 10 )
#define FRAME_PC         28
#define FRAME_STATUS     29
/* A multiple of 16 bytes. */
#define FRAME_WORDS      30

#endif /* PORT_FRAME_H */
