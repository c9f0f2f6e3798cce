// What fd.c, pipe.c, fork.c, spawn.c and exit.c share: page tables, and handing pages and
// descriptors on.
#ifndef LIB_SHARE_H
#define LIB_SHARE_H

#include <inc/lib.h>

// The page table entry for va, 0 if nothing is mapped.
static inline pte_t
pte_at(uintptr_t va)
{
	return (uvpd[PDX(va)] & PTE_P) && (uvpt[PGNUM(va)] & PTE_P) ? uvpt[PGNUM(va)] : 0;
}

// The word that counts the mappings of the page at addr, which is mapped.
static inline const volatile uint32_t *
refs_of(const volatile void *addr)
{
	return &pages[PGNUM(PTE_ADDR(uvpt[PGNUM(addr)]))].pp_ref;
}

// The next address from va on that is mapped for us below end, or end.
uintptr_t next_mapped(uintptr_t va, uintptr_t end);

// Whether va is of a descriptor, its page or its data.
static inline bool
is_fd_page(uintptr_t va)
{
	return va - FDTABLE < 2 * MAXFD * PGSIZE;
}

int share_fds(envid_t child, const int *fds, int nfds);
int share_marked(envid_t child);

void fd_end_all(void); // lib/fd.c

// lib/pipe.c: a descriptor has got another reference to its data and is about to
// get one to its page; and has got it. Of a pipe, or of anything else.
void pipe_sharing(struct Fd *fd);
void pipe_shared(struct Fd *fd);

#endif
