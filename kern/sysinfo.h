// The page that the kernel keeps for all programs to read: inc/sysinfo.h.
#ifndef KERN_SYSINFO_H
#define KERN_SYSINFO_H

#include <inc/sysinfo.h>
#include <kern/mem.h>

extern struct SystemInfo sysinfo;

void sysinfo_init(void);
void sysinfo_tick(void);
uint64_t sysinfo_ticks(void);
void sysinfo_input(void);
void sysinfo_irq(int irq);

// Whether the word at a physical address is one that devices change.
static inline bool
sysinfo_has(physaddr_t pa)
{
	return ROUNDDOWN(pa, PGSIZE) == PADDR(&sysinfo);
}

#endif
