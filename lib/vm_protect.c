// Protection: what a program may do with its pages. It is in the page tables alone, in
// entries and in marks.
//
// A page that may be written to again becomes copy-on-write: the first write makes it
// writeable, or copies it. The kernel knows no page that is mapped but can't be read: what
// PROT_NONE hides is moved to VM_STASH, and a mark says where.
#include "lib/vm.h"

static uintptr_t
stash_page(uint32_t mark)
{
	return VM_STASH + (mark >> MARK_STASH_SHIFT) * PGSIZE;
}

static bool
is_stashed(pte_t pte)
{
	return (pte & (PTE_P | PTE_PAGED | PTE_SWAPPED)) == PTE_PAGED &&
	       (pte & MARK_KIND) == MARK_STASH;
}

// ---- Checking -----------------------------------------------------------------------------

// Whether the page is one that the library needs as it is.
static bool
is_library(uintptr_t va)
{
	return va < PGSIZE || (va >= (uintptr_t)UTEMP && va < UTEXT) ||
	       (va >= (uintptr_t)pinned_start && va < (uintptr_t)program_data) ||
	       (va >= (uintptr_t)program_end && va < (uintptr_t)end) ||
	       (va >= THREADS_BASE && va < LIBRARY_TOP) || va >= USTACKTOP;
}

// Whether the protection of a page, whose entry is pte, may be changed.
static bool
is_protectable(uintptr_t va, pte_t pte)
{
	if (is_library(va))
		return false;
	if (pte & PTE_P)
		return (pte & PTE_U) && !(pte & PTE_SHARE) &&
		       !(vm_page_info(pte)->pp_flags & PP_FSCPAGE);
	if (!(pte & PTE_PAGED))
		return false;
	uint32_t kind = pte & MARK_KIND;
	if (!(pte & PTE_SWAPPED) && kind == MARK_ZERO)
		return true;
	return pager_owns(va) &&
	       ((pte & PTE_SWAPPED) || (kind != MARK_ZERO_SHARED && kind != MARK_FILE_SHARED));
}

// ---- The stash ----------------------------------------------------------------------------

// A place in the stash for n pages in a row, with page tables; or 0.
static uintptr_t
stash_room(uint32_t n)
{
	uintptr_t from = VM_STASH, at;

	while ((at = vm_next(from, MIN(from + n * PGSIZE, VM_END))) < from + n * PGSIZE) {
		if (at >= VM_END)
			return 0;
		from = at + PGSIZE;
	}
	return vm_prepare(from, from + n * PGSIZE) < 0 ? 0 : from;
}

// Moves a page to the stash.
static void
hide(uintptr_t va, pte_t pte, uintptr_t place)
{
	uint32_t number = (place - VM_STASH) / PGSIZE;

	sys_page_map(0, (void *)va, 0, (void *)place, pte & PTE_SYSCALL);
	sys_page_mark(0, (void *)va, 1, PTE_PAGED | MARK_STASH | number << MARK_STASH_SHIFT);
	vm_state.stashes = true;
}

// And back.
static void
unhide(uintptr_t va, uint32_t mark)
{
	uintptr_t place = stash_page(mark);

	sys_page_map(0, (void *)place, 0, (void *)va, uvpt[PGNUM(place)] & PTE_SYSCALL);
	sys_page_unmap(0, (void *)place);
}

// Frees what the stash has of the pages between start and end, which are about to be unmapped.
// The lock is held.
void
stash_free(uintptr_t start, uintptr_t end)
{
	if (!vm_state.stashes)
		return;
	for (uintptr_t va = start; (va = vm_next(va, end)) < end; va += PGSIZE)
		if (is_stashed(uvpt[PGNUM(va)]) && pager_owns(va))
			sys_page_unmap(0, (void *)stash_page(uvpt[PGNUM(va)]));
}

// ---- Changing -------------------------------------------------------------------------------

// Changes a page that is present; not to PROT_NONE.
static void
protect_present(uintptr_t va, int prot)
{
	pte_t pte = uvpt[PGNUM(va)];
	int perm = pte & PTE_SYSCALL;

	if (!(prot & PROT_WRITE))
		perm &= ~(PTE_W | PTE_COW);
	else if (!(perm & (PTE_W | PTE_COW)))
		perm |= PTE_COW;
	if ((pte & PTE_SYSCALL) != (pte_t)perm)
		sys_page_map(0, (void *)va, 0, (void *)va, perm);
}

// Changes the marks that are alike from va on, the first of which is mark. The next page.
static uintptr_t
protect_marks(uintptr_t va, uintptr_t end, uint32_t mark, int prot)
{
	uint32_t new = mark & ~(PTE_U | PTE_W);
	uintptr_t stop = va + PGSIZE;

	if (!(mark & PTE_SWAPPED))
		new &= ~MARK_BEYOND;
	if (prot)
		new |= PTE_U;
	if (prot & PROT_WRITE)
		new |= PTE_W;
	while (stop < end && vm_entry(stop) == mark)
		stop += PGSIZE;
	if (new != mark)
		vm_mark(va, stop, new);
	return stop;
}

// Places in the stash that have been found for a call.
struct Places {
	uintptr_t next, end;
};

// Changes what is from va on, to end at most. The next page.
static uintptr_t
protect_some(uintptr_t va, uintptr_t end, int prot, struct Places *places)
{
	pte_t pte = uvpt[PGNUM(va)];

	if (is_stashed(pte) && pager_owns(va)) {
		if (!prot)
			return va + PGSIZE;
		unhide(va, pte);
		pte = uvpt[PGNUM(va)];
	}
	if (!(pte & PTE_P))
		return protect_marks(va, end, pte, prot);
	if (prot) {
		protect_present(va, prot);
	} else if (places->next < places->end) { // or another thread has mapped it just now
		hide(va, pte, places->next);
		places->next += PGSIZE;
	}
	return va + PGSIZE;
}

// Checks all pages of a range. How many are present, or -E_INVAL.
static int
check(uintptr_t start, uintptr_t end)
{
	int n = 0;

	for (uintptr_t va = start; va < end; va += PGSIZE) {
		pte_t pte = vm_entry(va);
		if (!is_protectable(va, pte))
			return -E_INVAL;
		n += pte & PTE_P;
	}
	return n;
}

// Sets what may be done (PROT_*; what may be written to can be read) with the pages that len
// bytes from addr on are in. 0; -E_INVAL: addr is not a page's, len is 0, or a page there is not
// the program's own, or is shared; -E_NO_MEM. With an error nothing has changed.
int
vm_protect(void *addr, size_t len, int prot)
{
	struct Places places = {0, 0};
	struct Range range;
	int r;

	if (!vm_range(&range, addr, len, 0, USTACKTOP) ||
	    (prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC)))
		return -E_INVAL;
	if ((r = pager_setup()) < 0)
		return r;
	vm_lock();
	r = check(range.start, range.end);
	if (r > 0 && !prot) {
		places.next = stash_room(r);
		places.end = places.next + r * PGSIZE;
		r = places.next ? 0 : -E_NO_MEM;
	}
	if (r >= 0)
		for (uintptr_t va = range.start; va < range.end;)
			va = protect_some(va, range.end, prot, &places);
	vm_unlock();
	return MIN(r, 0);
}

static int
protect_pages(void *addr, int len, int prot)
{
	if (len < 1 || (uint32_t)len > UTOP / PGSIZE)
		return -1;
	return vm_protect(addr, (size_t)len * PGSIZE, prot) < 0 ? -1 : 0;
}

// Makes len pages from addr on read-only. 0; -1: addr is not a page's, len is less than 1, or a
// page there is not the program's own.
int
mprotect(void *addr, int len)
{
	return protect_pages(addr, len, PROT_READ);
}

// Makes them writeable again. As mprotect.
int
munprotect(void *addr, int len)
{
	return protect_pages(addr, len, PROT_READ | PROT_WRITE);
}
