// Handing on pages that a child shares with us: those marked PTE_SHARE, and
// descriptors among them.
//
// A descriptor's data goes before its page, with pipe_sharing in between: what
// lib/pipe.c concludes from reference counts depends on it.
#include "lib/libcall.h"
#include "lib/share.h"

// Whether any of the 8 entries from pte on is of a page that is mapped.
static inline bool
any_of_8(const volatile pte_t *pte)
{
	return (pte[0] | pte[1] | pte[2] | pte[3] | pte[4] | pte[5] | pte[6] | pte[7]) & PTE_P;
}

uintptr_t
next_mapped(uintptr_t va, uintptr_t end)
{
	const pte_t want = PTE_P | PTE_U;

	while (va < end) {
		const volatile pte_t *pte = &uvpt[PGNUM(va)];
		if (!(uvpd[PDX(va)] & PTE_P))
			va = ROUNDDOWN(va, PTSIZE) + PTSIZE;
		else if (PTX(va) % 8 == 0 && !any_of_8(pte))
			va += 8 * PGSIZE;
		else if ((*pte & want) != want)
			va += PGSIZE;
		else
			return va;
	}
	return end;
}

// The descriptor that the child's number i is to be, or NULL.
static struct Fd *
fd_for(const int *fds, int i)
{
	struct Fd *fd;

	return fd_lookup(fds ? fds[i] : i, &fd) < 0 ? NULL : fd;
}

// Gives the child descriptors: as number i our fds[i], none if that is not open, for
// i < nfds; or with fds NULL all that are open, under their own numbers. 0, or the
// kernel's error: then the child has some of them.
int
share_fds(envid_t child, const int *fds, int nfds)
{
	struct Batch b;
	struct Fd *fd;
	pte_t pte;
	int r;

	if (!fds)
		nfds = (uvpd[PDX(FDTABLE)] & PTE_P) ? MAXFD : 0;
	batch_begin(&b);
	for (int i = 0; i < nfds; i++)
		if ((fd = fd_for(fds, i)) && (pte = pte_at((uintptr_t)fd2data(fd))))
			batch_page_map(&b, 0, fd2data(fd), child, INDEX2DATA(i), pte & PTE_SYSCALL);
	r = batch_end(&b);

	for (int i = 0; i < nfds; i++)
		if ((fd = fd_for(fds, i)))
			pipe_sharing(fd);
	batch_begin(&b);
	for (int i = 0; r == 0 && i < nfds; i++)
		if ((fd = fd_for(fds, i)) && (pte = pte_at((uintptr_t)fd)))
			batch_page_map(&b, 0, fd, child, INDEX2FD(i), pte & PTE_SYSCALL);
	if (r == 0)
		r = batch_end(&b);
	for (int i = 0; i < nfds; i++)
		if ((fd = fd_for(fds, i)))
			pipe_shared(fd);
	return r;
}

// Gives the child all pages marked PTE_SHARE but descriptors. 0 or the kernel's error.
int
share_marked(envid_t child)
{
	struct Batch b;

	batch_begin(&b);
	for (uintptr_t va = 0; (va = next_mapped(va, USTACKTOP)) < USTACKTOP; va += PGSIZE) {
		pte_t pte = uvpt[PGNUM(va)];
		if ((pte & PTE_SHARE) && !is_fd_page(va))
			batch_page_map(&b, 0, (void *)va, child, (void *)va, pte & PTE_SYSCALL);
	}
	return batch_end(&b);
}
