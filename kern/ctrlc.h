// The key that ends programs: kern/ctrlc.c.
#ifndef KERN_CTRLC_H
#define KERN_CTRLC_H

#include <inc/types.h>

#define CTRL_C 3

bool ctrlc_has_target(void);
void ctrlc_strike(void);

#endif
