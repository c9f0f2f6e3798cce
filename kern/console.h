// The console: serial line and VGA screen out, serial line and keyboard in.
#ifndef KERN_CONSOLE_H
#define KERN_CONSOLE_H

#include <inc/types.h>

// Finds the devices. Before anything is printed, on the first CPU.
void cons_init(void);

// Prints n bytes, with no other CPU's output between them.
void cons_write(const char *s, size_t n);

// The next character of input, or 0 if there is none. Looks at the devices
// too, so that it works with interrupts off.
int cons_getc(void);

// Interrupt handlers: take in what the device has.
void cons_kbd_intr(void);
void cons_serial_intr(void);

// Tells programs what came in. After cons_getc or an interrupt handler, with no
// lock held.
void cons_events(void);

// Between these two, other CPUs' output waits: for texts of several lines.
// They nest, and cons_write and cprintf may be called between them.
void cons_begin(void);
void cons_end(void);

// While owned, only this CPU gets input. The kernel monitor's.
void cons_own_input(bool own);

// From now on nobody takes the console's lock, because a CPU that will never
// let go may hold it, and only this CPU gets input. For the CPU that panics.
void cons_panic(void);
bool cons_panicked(void);

// Adds a character to the input; for the devices' drivers, lock held.
void cons_input(int c);

#endif
