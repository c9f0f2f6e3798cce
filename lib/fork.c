// fork, made out of exofork and the page calls: parent and child share all
// pages until one of them writes.
//
// A page that was writeable becomes read-only in both, marked PTE_COW. A write
// to it faults, and cow_pager gives the writer a copy of its own, or, when
// nobody else has the page any more, the page itself. Pages marked PTE_SHARE
// stay shared, writeable or not. The child gets a fresh exception stack, and no
// syscall page.
#include <inc/lib.h>
#include "lib/pgfault.h"

// The pager of copy-on-write pages: see lib/pgfault.h.
static bool
cow_pager(struct UTrapframe *utf)
{
	void *page = (void *)ROUNDDOWN(utf->utf_fault_va, PGSIZE);
	int r;

	// utf_err's present bit tells nothing: look at the page as it is now.
	if (!(utf->utf_err & FEC_WR) || !(uvpd[PDX(page)] & PTE_P))
		return false;
	pte_t pte = uvpt[PGNUM(page)];
	if ((pte & (PTE_P | PTE_U | PTE_COW)) != (PTE_P | PTE_U | PTE_COW))
		return false;

	int perm = (pte & PTE_SYSCALL & ~PTE_COW) | PTE_W;
	// The kernel refuses if somebody else has it after all.
	if (pages[PGNUM(PTE_ADDR(pte))].pp_ref == 1 && sys_page_map(0, page, 0, page, perm) == 0)
		return true;
	r = sys_page_alloc(0, PFTEMP, PTE_P | PTE_U | PTE_W);
	if (r < 0)
		panic("copy-on-write of %p: %s", page, error_words(r));
	memcpy(PFTEMP, page, PGSIZE);
	r = sys_page_map(0, PFTEMP, 0, page, perm);
	if (r < 0)
		panic("copy-on-write of %p: %s", page, error_words(r));
	sys_page_unmap(0, PFTEMP);
	return true;
}

// Gives the child our page at va, which is mapped. 0 or the kernel's error.
static int
share_page(envid_t child, void *va)
{
	pte_t pte = uvpt[PGNUM(va)];
	int perm = pte & PTE_SYSCALL;
	int r;

	if ((pte & PTE_SHARE) || !(pte & (PTE_W | PTE_COW)))
		return sys_page_map(0, va, child, va, perm);

	perm = (perm & ~PTE_W) | PTE_COW;
	r = sys_page_map(0, va, child, va, perm);
	if (r < 0)
		return r;
	// Looked at again: if the page was copy-on-write and is the stack that
	// we run on, we may have been given a writeable copy just before the
	// child got it.
	if (uvpt[PGNUM(va)] & PTE_W)
		return sys_page_map(0, va, 0, va, perm);
	return 0;
}

// Gives the child all that we have. 0 or the kernel's error.
static int
share_all(envid_t child)
{
	uintptr_t va = 0;

	while (va < USTACKTOP) {
		if (!(uvpd[PDX(va)] & PTE_P)) {
			va = ROUNDDOWN(va, PTSIZE) + PTSIZE;
			continue;
		}
		pte_t pte = uvpt[PGNUM(va)];
		if ((pte & (PTE_P | PTE_U)) == (PTE_P | PTE_U) &&
		    !(pages[PGNUM(PTE_ADDR(pte))].pp_flags & PP_FSCPAGE)) {
			int r = share_page(child, (void *)va);
			if (r < 0)
				return r;
		}
		va += PGSIZE;
	}
	return 0;
}

// Makes of a child that exofork made one that runs. 0 or the kernel's error.
static int
furnish(envid_t child)
{
	int r;

	if ((r = share_all(child)) < 0)
		return r;
	r = sys_page_alloc(child, (void *)(UXSTACKTOP - PGSIZE), PTE_P | PTE_U | PTE_W);
	if (r < 0)
		return r;
	if ((r = sys_env_set_pgfault_upcall(child, _pgfault_upcall)) < 0)
		return r;
	return sys_env_set_status(child, ENV_RUNNABLE);
}

// Makes a child that goes on from here as we do. 0 in the child, its id in the
// parent; or -E_NO_FREE_ENV, -E_NO_MEM: there is no child then.
envid_t
fork(void)
{
	int r;

	if ((r = pgfault_setup()) < 0)
		return r;
	pgfault_pager = cow_pager;

	envid_t child = sys_exofork();
	if (child < 0)
		return child;
	if (child == 0) {
		thisenv = &envs[ENVX(sys_getenvid())];
		return 0;
	}
	if ((r = furnish(child)) < 0) {
		sys_env_destroy(child);
		return r;
	}
	return child;
}

// A fork whose child shares all memory but the stack: not offered. -E_INVAL.
envid_t
sfork(void)
{
	return -E_INVAL;
}
