/*
 * What the kernel and lwIP use of a C library: supplied by Rust's compiler_builtins, as for every
 * freestanding Rust program.
 */
#ifndef COFFERDAM_STRING_H
#define COFFERDAM_STRING_H

#include <stddef.h>

void * memcpy( void * to, const void * from, size_t bytes );
void * memmove( void * to, const void * from, size_t bytes );
void * memset( void * at, int value, size_t bytes );
int memcmp( const void * one, const void * other, size_t bytes );
size_t strlen( const char * text );

#endif
