// sbrk: memory that grows at its end, by whatever thread.
#include "lib/vm.h"

// Clears what is taken away of the last page that stays, from new on. What is not writeable is
// left alone: the program has made it so, and touching it would be a fault.
static void
clear_rest(uintptr_t new)
{
	uintptr_t page = ROUNDDOWN(new, PGSIZE);
	pte_t pte = vm_entry(page);
	bool zeroes = !(pte & (PTE_P | PTE_SWAPPED)) && (pte & MARK_KIND) == MARK_ZERO;

	if (PGOFF(new) && !zeroes && pager_resolve(page, true))
		memset((void *)new, 0, page + PGSIZE - new);
}

// Moves the end by n bytes from `old`. 0, or an error with nothing changed. The lock is held.
static int
move_end(uintptr_t old, int n)
{
	uintptr_t new = old + n, from = ROUNDUP(old, PGSIZE), to = ROUNDUP(new, PGSIZE);
	int r;

	if (n > 0 ? (uint32_t)n > SBRK_TOP - old : 0u - (uint32_t)n > old - SBRK_BASE)
		return -E_INVAL;
	if (from < to) {
		if ((r = vm_prepare(from, to)) < 0)
			return r;
		vm_mark(from, to, PTE_PAGED | PTE_U | PTE_W | MARK_ZERO);
	} else if (to < from) {
		vm_clear(to, from, 0);
	}
	if (n < 0)
		clear_rest(new);
	vm_state.brk = new;
	return 0;
}

// Gives the program n bytes more at the end of what sbrk gave it before; takes them away if n
// is negative. They are zeroes, unless they were taken away while their page was not writeable.
// Where the end was before; (void *)-1: there is no room or no memory, or not so much
// to take away.
void *
sbrk(int n)
{
	uintptr_t old;
	int r;

	if (pager_setup() < 0)
		return (void *)-1;
	vm_lock();
	if (!vm_state.brk)
		vm_state.brk = SBRK_BASE;
	old = vm_state.brk;
	r = move_end(old, n);
	vm_unlock();
	return r < 0 ? (void *)-1 : (void *)old;
}
