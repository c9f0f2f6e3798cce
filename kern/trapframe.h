// Trap frames in words.
#ifndef KERN_TRAPFRAME_H
#define KERN_TRAPFRAME_H

#include <inc/trap.h>

// The name of a trap number, or "(unknown trap)".
const char *trap_name(int trapno);

// Prints all registers. Of a page fault also cr2: so before the next one.
void print_trapframe(const struct Trapframe *tf);

#endif
