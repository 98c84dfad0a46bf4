#include "console.h"
#include "machine.h"

#ifdef UART_SECURE_REGISTERS
#define UART UART_SECURE_REGISTERS
#else
#define UART UART0_REGISTERS
#endif

void print(const char *text)
{
    for (; *text; text++)
        device_write(UART, (uint8_t)*text); /* UARTDR: the emulator takes a byte whenever one comes. */
}

void print_number(uint32_t value)
{
    char digits[11], *at = digits + 10;

    *at = 0;
    do {
        *--at = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    print(at);
}
