// What lib/pgfault.c and the library's pagers share.
#ifndef LIB_PGFAULT_H
#define LIB_PGFAULT_H

#include <inc/trap.h>
#include <inc/types.h>

// lib/pfentry.S
void _pgfault_upcall(void);

int pgfault_setup(void);
void pgfault_dispatch(struct UTrapframe *utf);

// The library's pager for copy-on-write pages: returns whether the fault was
// one of its own, and is dealt with. NULL until fork is used.
extern bool (*pgfault_pager)(struct UTrapframe *utf);

#endif
