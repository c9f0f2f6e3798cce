// What fd.c, pipe.c, fork.c, spawn.c and exit.c share: handing pages and descriptors on.
#ifndef LIB_SHARE_H
#define LIB_SHARE_H

#include "lib/libcall.h"
#include "lib/vm.h"

// The word that counts the mappings of the page at addr, which is mapped.
static inline const volatile uint32_t *
refs_of(const volatile void *addr)
{
	return &vm_page_info(uvpt[PGNUM(addr)])->pp_ref;
}

// Whether va is of a descriptor, its page or its data, or those of one that a call goes
// on with (lib/fdtable.h).
static inline bool
is_fd_page(uintptr_t va)
{
	return va - FDTABLE < 4 * MAXFD * PGSIZE;
}

int share_fds(envid_t child, const int *fds, int nfds);
int share_marked(envid_t child);

void fd_end_all(void); // lib/fd.c

// lib/pipe.c: a descriptor has got another reference to its data and is about to
// get one to its page; and has got it. Of a pipe, or of anything else.
void pipe_sharing(struct Fd *fd);
void pipe_shared(struct Fd *fd);

#endif
