// fork, made out of exofork and the page calls: parent and child share all
// pages until one of them writes.
//
// A page that was writeable becomes read-only in both, marked PTE_COW. A write
// to it faults, and cow_pager gives the writer a copy of its own, or, when
// nobody else has the page any more, the page itself. Two pages that both are sure to
// write to at once the child gets copies of. Pages marked PTE_SHARE stay shared,
// writeable or not; descriptors' pages are such. The child gets a fresh exception
// stack, and no syscall page.
//
// The pager traps, whatever flex_library says: it may run in the middle of anything.
#include "lib/libcall.h"
#include "lib/pgfault.h"
#include "lib/share.h"

// Copies a page. Emulated, a string instruction takes twice as long.
static void
copy_page(void *dst, const void *src)
{
	uint32_t *to = dst;

	for (const uint32_t *from = src, *end = from + PGSIZE / 4; from < end; from += 8, to += 8) {
		to[0] = from[0], to[1] = from[1], to[2] = from[2], to[3] = from[3];
		to[4] = from[4], to[5] = from[5], to[6] = from[6], to[7] = from[7];
		barrier(); // or the compiler makes it a call of memcpy
	}
}

// ---- Copy on write ----------------------------------------------------------------

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
	copy_page(PFTEMP, page);
	r = sys_page_map(0, PFTEMP, 0, page, perm);
	if (r < 0)
		panic("copy-on-write of %p: %s", page, error_words(r));
	sys_page_unmap(0, PFTEMP);
	return true;
}

// ---- Handing on -------------------------------------------------------------------

// Whether a page is, or becomes, copy-on-write.
static bool
is_cow(pte_t pte)
{
	return !(pte & PTE_SHARE) && (pte & (PTE_W | PTE_COW));
}

// What the child gets the page with.
static int
childs_perm(pte_t pte)
{
	return is_cow(pte) ? (pte & PTE_SYSCALL & ~PTE_W) | PTE_COW : pte & PTE_SYSCALL;
}

// The next page from va on that goes to the child, but for descriptors, which come last.
static uintptr_t
next_page(uintptr_t va)
{
	for (; (va = next_mapped(va, USTACKTOP)) < USTACKTOP; va += PGSIZE) {
		pte_t pte = uvpt[PGNUM(va)];
		bool special = is_fd_page(va) && (pte & PTE_SHARE);
		if (!special && !(pages[PGNUM(PTE_ADDR(pte))].pp_flags & PP_FSCPAGE))
			break;
	}
	return va;
}

// Gives the child a copy of a page, and us no need to make one.
static int
give_copy(envid_t child, void *page)
{
	int r = lib_page_alloc(0, UTEMP, PTE_P | PTE_U | PTE_W);

	if (r < 0)
		return r;
	copy_page(UTEMP, page);
	r = lib_page_map(0, UTEMP, child, page, PTE_P | PTE_U | PTE_W);
	lib_page_unmap(0, UTEMP);
	return r;
}

// Gives the child n of our pages. 0 or the kernel's error.
static int
give_pages(envid_t child, const uintptr_t *va, int n)
{
	struct Batch b;
	int r;

	batch_begin(&b);
	for (int i = 0; i < n; i++)
		batch_page_map(&b, 0, (void *)va[i], child, (void *)va[i],
			       childs_perm(uvpt[PGNUM(va[i])]));
	if ((r = batch_end(&b)) < 0)
		return r;
	// What is writeable for us now becomes copy-on-write, too. Now: a page that was so
	// already may have been written to, and copied for us, since.
	batch_begin(&b);
	for (int i = 0; i < n; i++) {
		pte_t pte = uvpt[PGNUM(va[i])];
		if (is_cow(pte) && (pte & PTE_W))
			batch_page_map(&b, 0, (void *)va[i], 0, (void *)va[i], childs_perm(pte));
	}
	return batch_end(&b);
}

// Gives the child all that we have. 0 or the kernel's error.
static int
give_all(envid_t child)
{
	uintptr_t group[BATCH_MAX];
	int n = 0, r = 0;

	// Both will write to these at once, the stack and the thread's variables.
	const uintptr_t stack = ROUNDDOWN((uintptr_t)group, PGSIZE);
	const uintptr_t variables = ROUNDDOWN((uintptr_t)&thisenv, PGSIZE);

	for (uintptr_t va = 0; r == 0 && (va = next_page(va)) < USTACKTOP; va += PGSIZE) {
		if ((va == stack || va == variables) && is_cow(uvpt[PGNUM(va)])) {
			r = give_copy(child, (void *)va);
			continue;
		}
		group[n++] = va;
		if (n == BATCH_MAX) {
			r = give_pages(child, group, n);
			n = 0;
		}
	}
	if (r == 0)
		r = give_pages(child, group, n);
	return r < 0 ? r : share_fds(child, NULL, 0);
}

// Makes of a child that exofork made one that runs. 0 or the kernel's error.
static int
furnish(envid_t child)
{
	int r;

	if ((r = give_all(child)) < 0)
		return r;
	r = lib_page_alloc(child, (void *)(UXSTACKTOP - PGSIZE), PTE_P | PTE_U | PTE_W);
	if (r < 0)
		return r;
	if ((r = lib_env_set_pgfault_upcall(child, _pgfault_upcall)) < 0)
		return r;
	return lib_env_set_status(child, ENV_RUNNABLE);
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
