// What lib/pgfault.c and the library's pager share.
#ifndef LIB_PGFAULT_H
#define LIB_PGFAULT_H

#include <inc/trap.h>
#include <inc/types.h>

// lib/pfentry.S
void _pgfault_upcall(void);

// The program's handler, or NULL.
extern void (*_pgfault_handler)(struct UTrapframe *utf);

int pgfault_setup(void);
void pgfault_dispatch(struct UTrapframe *utf);

// lib/pager.c: whether the fault was one of the pager's own, and is dealt with.
bool pager_fault(struct UTrapframe *utf);

#endif
