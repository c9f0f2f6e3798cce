// The VGA's text screen. The console's lock covers it.
#ifndef KERN_VGA_H
#define KERN_VGA_H

#include <inc/types.h>

void vga_init(void);
void vga_write(const char *s, size_t n);

#endif
