// Lines typed at the kernel monitor.
#ifndef KERN_MONLINE_H
#define KERN_MONLINE_H

#include <inc/types.h>

// Prints the prompt, reads a line from the console into buf (size bytes with
// the 0 that ends it), without its end. Waits busily and answers TLB flushes.
void monline_read(const char *prompt, char *buf, size_t size);

#endif
