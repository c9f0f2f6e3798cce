// Evicting pages, when the process has as many as it may have, or the machine has no more.
//
// A hand goes round the pages that may be evicted. One that has been used since it came
// there last (PTE_A) loses that bit and stays; of the others some are taken. A file's page
// that was not written to, or that is shared with the file, is just dropped; all else goes
// to the swap area, by the file server.
//
// What may go: the program's data, the heap, and what sbrk and private mmap have made. Not
// stacks, nor the library's own data, nor what is shared on purpose, but for files' pages.
//
// All functions want the lock held.
#include "lib/vm.h"

#define EVICT_BATCH 8
#define EVICT_FEWEST 6 // as many as an instruction, or a call, may need at once

// The stack that we run on now: it is written to all the time, and must not be caught half
// way out.
static bool
is_our_stack(uintptr_t va)
{
	char here;
	uintptr_t page = ROUNDDOWN((uintptr_t)&here, PGSIZE);

	return va + PGSIZE >= page && va <= page + PGSIZE;
}

// The next page from va on that is present and that the pager may have, or 0.
static uintptr_t
next_resident(uintptr_t va)
{
	const uintptr_t data = (uintptr_t)program_data;
	const uintptr_t data_end = (uintptr_t)program_end;

	va = MAX(va, data);
	if (va < data_end && (va = vm_next_present(va, data_end)) < data_end)
		return va;
	for (va = MAX(va, (uintptr_t)HEAP_BASE); (va = vm_next_present(va, USER_TOP)) < USER_TOP;
	     va += PGSIZE)
		if (va < MMAP_TOP || region_at(va))
			return va;
	return 0;
}

// Whether enough would be left, if some pages went, for those to be brought back that a
// program needs at once.
bool
evict_can_spare(void)
{
	uintptr_t va = 0;
	int n = 0;

	while (n < 2 * EVICT_BATCH && (va = next_resident(va))) {
		va += PGSIZE;
		n++;
	}
	return n == 2 * EVICT_BATCH;
}

// What a search has found out.
struct Search {
	bool sharing;  // what others have, too, goes: that frees no memory, but keeps a limit
	bool can_swap; // the swap area takes pages
	int evicted, rounds;
};

// The mark that brings a page back if it is a file's, as the file server has it; else 0. Programs
// may use these bits, too.
static uint32_t
file_mark(uintptr_t va, pte_t pte)
{
	const struct Region *region = pte & (PTE_CLEAN | PTE_SHARE) ? region_at(va) : NULL;

	if (!region || region->file < 0 || region->shared != ((pte & PTE_SHARE) != 0))
		return 0;
	if (region->shared)
		return PTE_PAGED | MARK_FILE_SHARED | PTE_U | (pte & PTE_W);
	return PTE_PAGED | MARK_FILE | PTE_U | (pte & PTE_COW ? PTE_W : 0);
}

// Whether the page may be evicted.
static bool
may_go(uintptr_t va, pte_t pte, const struct Search *search)
{
	const volatile struct PageInfo *page = vm_page_info(pte);
	bool file = file_mark(va, pte) != 0;

	if (!(pte & PTE_U) || ((pte & PTE_SHARE) && !file) || (page->pp_flags & PP_FSCPAGE) ||
	    is_our_stack(va))
		return false;
	// What others have, too, and is no copy-on-write or a file's, may be meant to be shared.
	return page->pp_ref == 1 || (search->sharing && ((pte & PTE_COW) || file));
}

// With a limit: whether enough pages may go for those to stay, later, that were brought in
// last. Evicting fewer could go on for ever, each page of an instruction for another.
bool
evict_has_enough(void)
{
	const struct Search search = {.sharing = true};
	uintptr_t va = 0;
	int n = 0;

	if (!vm_limit())
		return true;
	for (; n < EVICT_FEWEST && (va = next_resident(va)); va += PGSIZE)
		n += may_go(va, uvpt[PGNUM(va)], &search);
	return n == EVICT_FEWEST;
}

// The hand comes to a page.
static void
visit(uintptr_t va, struct Search *search)
{
	pte_t pte = uvpt[PGNUM(va)];
	uint32_t mark;

	if (!may_go(va, pte, search))
		return;
	if (pte & PTE_A) {
		// A page that stays as it is loses the bit.
		sys_page_map(0, (void *)va, 0, (void *)va, pte & PTE_SYSCALL);
		return;
	}
	if ((mark = file_mark(va, pte))) {
		search->evicted += sys_page_evict((void *)va, pte, mark) == 0;
		return;
	}
	if (!search->can_swap)
		return;
	int r = evict_page(va);
	if (r == 0)
		search->evicted++;
	else if (r != -E_AGAIN)
		search->can_swap = false;
}

// Goes round until some pages are evicted; those that others have, too, where that must be, and
// `sharing` says that it may. 0 or -E_NO_MEM.
static int
go_round(bool sharing)
{
	struct Search search = {
		.sharing = sharing && vm_limit() != 0,
		.can_swap = thisenv->env_type != ENV_TYPE_FS,
	};

	// From the middle of the first round to the end of the third: the bit goes in one, the
	// page in the next.
	while (search.evicted < EVICT_BATCH && search.rounds < (search.evicted ? 3 : 6)) {
		uintptr_t va = next_resident(vm_state.hand);
		if (va)
			visit(va, &search);
		else if (++search.rounds == 3)
			search.sharing = sharing;
		vm_state.hand = va ? va + PGSIZE : 0;
	}
	// It is to be there when slots are given back.
	if (vm_state.swaps && !vm_entry(VM_REQUEST))
		sys_page_alloc(0, (void *)VM_REQUEST, PTE_P | PTE_U | PTE_W);
	return search.evicted > 0 ? 0 : -E_NO_MEM;
}

// Evicts some pages. 0; -E_NO_MEM: there are none that may go, or no place for them.
int
evict_some(void)
{
	return go_round(true);
}

// The same, but what a child has got already stays: fork need not tell the file server that
// the child has such a page, too.
int
evict_unshared(void)
{
	return go_round(false);
}
