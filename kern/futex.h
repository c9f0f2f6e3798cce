// Waiting for words in memory: kern/futex.c.
#ifndef KERN_FUTEX_H
#define KERN_FUTEX_H

#include <kern/call.h>
#include <kern/mem.h>

void futex_init(void);

// Without a lock held:
void futex_notify(const volatile void *word);
void futex_page_lost(physaddr_t page);
void futex_cancel(struct Call *call);

#endif
