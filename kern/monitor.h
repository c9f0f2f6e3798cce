// The kernel monitor: commands typed at the console while a CPU stands still.
#ifndef KERN_MONITOR_H
#define KERN_MONITOR_H

#include <inc/trap.h>

// Reads and executes commands until one says to continue. tf is the frame of
// the trap that led here, NULL if none did; stepping changes its flags.
void monitor(struct Trapframe *tf);

#endif
