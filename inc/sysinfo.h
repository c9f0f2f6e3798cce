// A page that the kernel keeps for all programs to read, at USYSINFO.
//
// The counters are words to wait at: read one, look for what it announces, and
// if there is nothing, sys_futex_wait(&counter, what was read).
#ifndef INC_SYSINFO_H
#define INC_SYSINFO_H

#include <inc/memlayout.h>

#define USYSINFO (UENVS + PTSIZE - PGSIZE)

#ifndef __ASSEMBLER__

#include <inc/types.h>

struct SystemInfo {
	uint32_t ncpu;
	uint32_t tsc_khz; // cycles of the time-stamp counter in a millisecond

	volatile uint32_t ticks;    // timer ticks since the start
	uint32_t tick_ms;           // milliseconds from one to the next
	volatile uint32_t input;    // changes when the console has received characters
	volatile uint32_t irqs[16]; // ISA interrupts 14 and 15, the disks'; the others stay 0
};

#endif
#endif
