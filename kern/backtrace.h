// Backtraces, by symbol and line.
#ifndef KERN_BACKTRACE_H
#define KERN_BACKTRACE_H

#include <inc/types.h>

// Prints who called whom: first the function that eip is in, whose frame is at
// ebp, then its caller, and so on. eip 0: begin with the caller. ebp may be
// anything; the chain ends where it leaves the stacks. For an eip of the
// program that this CPU has loaded, its own frames are shown, without symbols.
void backtrace(uintptr_t ebp, uintptr_t eip);

#endif
