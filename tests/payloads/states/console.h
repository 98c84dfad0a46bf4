/* Lines on a PL011 (Arm DDI 0183), as the emulator leaves it at power-on. */
#ifndef CONSOLE_H
#define CONSOLE_H

#include <stdint.h>

void print(const char *text);
void print_number(uint32_t value);

#endif
