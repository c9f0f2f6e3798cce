// What fd.c, pipe.c, fork.c, spawn.c and exit.c share: page tables, and handing pages and
// descriptors on.
#ifndef LIB_SHARE_H
#define LIB_SHARE_H

#include "lib/libcall.h"
#include "lib/vm.h"

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

// Whether va is of a descriptor, its page or its data, or those of one that a call goes
// on with (lib/fdtable.h).
static inline bool
is_fd_page(uintptr_t va)
{
	return va - FDTABLE < 4 * MAXFD * PGSIZE;
}

// A page of our own at va, for which another may have to go. 0 or the kernel's error.
static inline int
page_for(void *va, int perm)
{
	int r;

	while ((r = lib_page_alloc(0, va, perm)) == -E_NO_MEM && vm_make_room() == 0)
		;
	return r;
}

int share_fds(envid_t child, const int *fds, int nfds);
int share_marked(envid_t child);

void fd_end_all(void); // lib/fd.c

// lib/pipe.c: a descriptor has got another reference to its data and is about to
// get one to its page; and has got it. Of a pipe, or of anything else.
void pipe_sharing(struct Fd *fd);
void pipe_shared(struct Fd *fd);

#endif
