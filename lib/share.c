// Handing on pages that a child shares with us: those marked PTE_SHARE, and
// descriptors among them.
//
// A descriptor's data goes before its page, with pipe_sharing in between: what
// lib/pipe.c concludes from reference counts depends on it.
#include "lib/fdtable.h"
#include "lib/libcall.h"

// The descriptors that a child is to have, by its numbers; fd is NULL where none.
struct Given {
	struct FdUse use[MAXFD];
	int n;
};

// Begins to use them: see share_fds.
static void
take_fds(struct Given *given, const int *fds, int nfds)
{
	given->n = nfds;
	for (int i = 0; i < nfds; i++)
		if (fd_get(fds ? fds[i] : i, &given->use[i]) < 0)
			given->use[i].fd = NULL;
		else if (!fds && fd_is_hidden(i)) {
			fd_put(&given->use[i]);
			given->use[i].fd = NULL;
		}
}

static void
put_fds(struct Given *given)
{
	for (int i = given->n - 1; i >= 0; i--)
		if (given->use[i].fd)
			fd_put(&given->use[i]);
}

// Maps them in the child. 0 or the kernel's error.
static int
map_fds(envid_t child, const struct Given *given)
{
	struct Batch b;
	struct Fd *fd;
	pte_t pte;
	int r;

	batch_begin(&b);
	for (int i = 0; i < given->n; i++)
		if ((fd = given->use[i].fd) && (pte = vm_present((uintptr_t)fd2data(fd))))
			batch_page_map(&b, 0, fd2data(fd), child, INDEX2DATA(i), pte & PTE_SYSCALL);
	r = batch_end(&b);

	for (int i = 0; i < given->n; i++)
		if ((fd = given->use[i].fd))
			pipe_sharing(fd);
	batch_begin(&b);
	for (int i = 0; r == 0 && i < given->n; i++)
		if ((fd = given->use[i].fd) && (pte = vm_present((uintptr_t)fd)))
			batch_page_map(&b, 0, fd, child, INDEX2FD(i), pte & PTE_SYSCALL);
	if (r == 0)
		r = batch_end(&b);
	for (int i = 0; i < given->n; i++)
		if ((fd = given->use[i].fd))
			pipe_shared(fd);
	return r;
}

// Gives the child descriptors: as number i our fds[i], none if that is not open, for
// i < nfds; or with fds NULL all that are open, under their own numbers. 0, or the
// kernel's error: then the child has some of them.
int
share_fds(envid_t child, const int *fds, int nfds)
{
	struct Given given;
	int r;

	if (!fds)
		nfds = (uvpd[PDX(FDTABLE)] & PTE_P) ? MAXFD : 0;
	take_fds(&given, fds, nfds);
	r = map_fds(child, &given);
	put_fds(&given);
	return r;
}

// Whether a page is the library's to give, or not to give: a child that spawn makes
// has areas of its own for malloc, mmap and threads.
static bool
is_librarys(uintptr_t va)
{
	return (va >= HEAP_BASE && va < MMAP_TOP) || (va >= THREADS_BASE && va < FD_AREA_TOP);
}

// Gives the child a page of ours that is marked PTE_SHARE. Another thread may unmap it
// or map another there at any moment: it gets what is there when it succeeds.
static int
share_page(envid_t child, uintptr_t va)
{
	for (;;) {
		pte_t pte = vm_present(va);
		if (!(pte & PTE_SHARE))
			return 0;
		int r = lib_page_map(0, (void *)va, child, (void *)va, pte & PTE_SYSCALL);
		if (r != -E_INVAL || vm_present(va) == pte)
			return r;
	}
}

// Gives the child all pages marked PTE_SHARE but those of the library's areas, which are
// malloc's, sbrk's and mmap's, threads' and descriptors'. 0 or the kernel's error.
int
share_marked(envid_t child)
{
	struct Batch b;
	uintptr_t va;

	batch_begin(&b);
	for (va = 0; (va = vm_next_present(va, USTACKTOP)) < USTACKTOP; va += PGSIZE) {
		pte_t pte = vm_present(va);
		if ((pte & PTE_SHARE) && !is_librarys(va))
			batch_page_map(&b, 0, (void *)va, child, (void *)va, pte & PTE_SYSCALL);
	}
	int r = batch_end(&b);
	if (r != -E_INVAL)
		return r;
	// A page was not there any more: once more, with care.
	r = 0;
	for (va = 0; r == 0 && (va = vm_next_present(va, USTACKTOP)) < USTACKTOP; va += PGSIZE)
		if (!is_librarys(va))
			r = share_page(child, va);
	return r;
}
