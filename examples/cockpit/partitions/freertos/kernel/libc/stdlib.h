/*
 * The kernel includes this header of a C library but uses nothing of it.
 */
#ifndef COFFERDAM_STDLIB_H
#define COFFERDAM_STDLIB_H

#include <stddef.h>

#endif
