// The serial line COM1, a 16550. The console's lock covers it.
#ifndef KERN_SERIAL_H
#define KERN_SERIAL_H

#include <inc/types.h>

void serial_init(void);
void serial_write(const char *s, size_t n);

// Hands what has come in to cons_input.
void serial_poll(void);

#endif
