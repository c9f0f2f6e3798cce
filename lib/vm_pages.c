// Page tables, as the pager sees and changes them. All of it traps.
#include "lib/libcall.h"
#include "lib/vm.h"

// Whether any of the 8 entries from pte on has one of those bits.
static inline bool
any_of_8(const volatile pte_t *pte, pte_t bits)
{
	return (pte[0] | pte[1] | pte[2] | pte[3] | pte[4] | pte[5] | pte[6] | pte[7]) & bits;
}

// The next page from va on, below end, whose entry has one of those bits; or end.
static uintptr_t
next_with(uintptr_t va, uintptr_t end, pte_t bits)
{
	while (va < end) {
		const volatile pte_t *pte = &uvpt[PGNUM(va)];
		if (!(uvpd[PDX(va)] & PTE_P))
			va = ROUNDDOWN(va, PTSIZE) + PTSIZE;
		else if (PTX(va) % 8 == 0 && !any_of_8(pte, bits))
			va += 8 * PGSIZE;
		else if (!(*pte & bits))
			va += PGSIZE;
		else
			return va;
	}
	return end;
}

// The next page from va on, below end, whose entry is a mark or present; or end.
uintptr_t
vm_next(uintptr_t va, uintptr_t end)
{
	return next_with(va, end, PTE_P | PTE_PAGED);
}

// The next one that is present.
uintptr_t
vm_next_present(uintptr_t va, uintptr_t end)
{
	return next_with(va, end, PTE_P);
}

// Copies a page. Emulated, a string instruction takes twice as long.
void
vm_copy_page(void *dst, const void *src)
{
	uint32_t *to = dst;

	for (const uint32_t *from = src, *stop = from + PGSIZE / 4; from < stop;
	     from += 8, to += 8) {
		to[0] = from[0], to[1] = from[1], to[2] = from[2], to[3] = from[3];
		to[4] = from[4], to[5] = from[5], to[6] = from[6], to[7] = from[7];
		barrier(); // or the compiler makes it a call of memcpy
	}
}

// For the pager and what it does its work with: maps a page of zeroes at va, from the reserve
// if there is no other; others are evicted if memory is short. 0, -E_NO_MEM. The lock is held.
int
vm_alloc(uintptr_t va, int perm)
{
	int r;

	while ((r = sys_page_alloc(0, (void *)va, perm)) == -E_NO_MEM) {
		// Where the process has its limit, the reserve would not bring it below that.
		if (!vm_limit() && reserve_use(va, perm))
			return 0;
		if (!evict_has_enough() || evict_some() < 0)
			return reserve_use(va, perm) ? 0 : r;
	}
	return r;
}

// Puts a mark on all pages from start to end, which have page tables unless it is 0. The
// lock is held.
void
vm_mark(uintptr_t start, uintptr_t end, uint32_t mark)
{
	for (uintptr_t va = start, next; va < end; va = next) {
		next = MIN(end, ROUNDDOWN(va, PTSIZE) + PTSIZE);
		if (uvpd[PDX(va)] & PTE_P)
			sys_page_mark(0, (void *)va, (next - va) / PGSIZE, mark);
	}
}

// Puts a mark on all pages from start to end, or nothing (0), in place of what is there; what
// that has in the swap area and the stash is given back. The lock is held.
void
vm_clear(uintptr_t start, uintptr_t end, uint32_t mark)
{
	evict_forget(start, end);
	stash_free(start, end);
	vm_mark(start, end, mark);
}

// Takes back what vm_prepare made.
static void
unprepare(const uint32_t *made, uintptr_t start, uintptr_t end)
{
	for (uintptr_t va = start; va < end; va = ROUNDDOWN(va, PTSIZE) + PTSIZE)
		if (made[PDX(va) / 32] & 1u << PDX(va) % 32)
			sys_page_mark(0, (void *)va, 1, 0);
}

// Makes the page tables that there are none of yet for start to end, so that marks can be
// put there. 0, -E_NO_MEM. The lock is held.
int
vm_prepare(uintptr_t start, uintptr_t end)
{
	uint32_t made[NPDENTRIES / 32] = {0};
	int r = 0;

	for (uintptr_t va = start; va < end; va = ROUNDDOWN(va, PTSIZE) + PTSIZE) {
		if (uvpd[PDX(va)] & PTE_P)
			continue;
		// A mark makes the table; nobody can use it.
		while ((r = sys_page_mark(0, (void *)va, 1, PTE_PAGED)) == -E_NO_MEM)
			if (evict_some() < 0)
				break;
		if (r < 0)
			break;
		made[PDX(va) / 32] |= 1u << PDX(va) % 32;
	}
	unprepare(made, start, end);
	return r;
}

// What len bytes from addr on, a page's address, take in pages. False: len is 0, or they
// are not within start and end.
bool
vm_range(struct Range *range, const void *addr, size_t len, uintptr_t start, uintptr_t end)
{
	uintptr_t at = (uintptr_t)addr;

	if (PGOFF(at) || len == 0 || at < start || at >= end || len > end - at)
		return false;
	*range = (struct Range){at, at + ROUNDUP(len, PGSIZE)};
	return true;
}

// ---- For the whole library ------------------------------------------------------------

// Sees to it that this thread's faults come to the pager. 0 or -E_NO_MEM.
int
pager_setup(void)
{
	return pgfault_setup();
}

// Maps npages pages of zeroes from va on with perm (PTE_*), for this process; pages that have
// not been used for long are evicted if memory is short. 0; or -E_NO_MEM, -E_INVAL, and some
// may be there.
int
vm_page_alloc(void *va, uint32_t npages, int perm)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < npages; i++)
		do
			r = lib_page_alloc(0, (char *)va + i * PGSIZE, perm);
		while (r == -E_NO_MEM && vm_make_room() == 0);
	return r;
}

// Unmaps npages pages from va on, whether they are present or not.
void
vm_page_free(void *va, uint32_t npages)
{
	uintptr_t start = (uintptr_t)va, end = start + npages * PGSIZE;

	vm_lock(); // one of them may be on its way out
	vm_clear(start, end, 0);
	vm_unlock();
}

// Whether the program may write to the n bytes at p, which it has named for a result: makes
// the pages so that it can at once. One with a mark of its own is left to its handler.
bool
vm_writeable(const void *p, size_t n)
{
	const pte_t may = PTE_U | PTE_W;
	uintptr_t at = (uintptr_t)p;

	if (at >= UTOP || n > UTOP - at)
		return false;
	for (uintptr_t va = ROUNDDOWN(at, PGSIZE); va < at + n; va += PGSIZE) {
		vm_lock();
		pager_resolve(va, true);
		pte_t pte = vm_entry(va);
		vm_unlock();
		if ((pte & may) != may || (!(pte & PTE_P) && !_pgfault_handler))
			return false;
	}
	return true;
}

// Evicts some pages of this process that have not been used for long, so that sys_page_alloc and
// its like can be called again. 0: some are free, or other processes have them by now; -E_NO_MEM:
// none can be, there being no swap area, or too little that may go there.
int
vm_make_room(void)
{
	int r;

	// Who brings pages back can't wait for itself.
	if (thisenv->env_type == ENV_TYPE_FS || pager_setup() < 0)
		return -E_NO_MEM;
	vm_lock();
	r = evict_can_spare() ? evict_some() : -E_NO_MEM;
	vm_unlock();
	return r;
}
