// TLB shootdown: making other CPUs forget a translation.
#ifndef KERN_TLB_H
#define KERN_TLB_H

#include <inc/types.h>

struct AddrSpace;

void tlb_shootdown(struct AddrSpace *as, uintptr_t va);
void tlb_shootdown_all(struct AddrSpace *as);
void tlb_barrier(struct AddrSpace *as);
void tlb_service(void);

#endif
