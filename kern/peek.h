// Looking at memory that may not be there, for the monitor and backtraces.
#ifndef KERN_PEEK_H
#define KERN_PEEK_H

#include <inc/memlayout.h>

// pgdir, in all of these: a page directory, or NULL for the one that this CPU
// has loaded.

// The entry that maps va's page, 0 if none does. A page within a 4 MiB one gets
// the entry that it would have by itself, with PTE_PS. Its PTE_W and PTE_U are
// the permissions that hold, the directory's counted in.
pte_t peek_pte(const pde_t *pgdir, uintptr_t va);

// Reads n bytes from va into buf. False if some are not mapped, or belong to a
// device, where reading can do harm.
bool peek(const pde_t *pgdir, uintptr_t va, void *buf, size_t n);

#endif
