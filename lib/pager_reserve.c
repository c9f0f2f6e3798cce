// The reserve: a few pages that were evicted stay with the process. Other processes take
// what memory there is at any moment; with these its pager can always bring back the pages that an
// instruction needs, if only by evicting those of the one before.
//
// All functions want the lock held.
#include "lib/vm.h"

static uintptr_t
place(int i)
{
	return VM_RESERVE + i * PGSIZE;
}

// A page has been evicted: it goes to the reserve, if that is not full, before it is unmapped.
// It is copy-on-write. Where it is kept, for reserve_drop.
int
reserve_keep(uintptr_t va)
{
	for (int i = 0; i < VM_NRESERVE; i++)
		if (!vm_entry(place(i))) {
			sys_page_map(0, (void *)va, 0, (void *)place(i), PTE_P | PTE_U | PTE_COW);
			return i;
		}
	return VM_NRESERVE;
}

// It is not evicted after all.
void
reserve_drop(int i)
{
	if (i < VM_NRESERVE)
		sys_page_unmap(0, (void *)place(i));
}

// Puts a page of zeroes from the reserve at va. False: there is none.
bool
reserve_use(uintptr_t va, int perm)
{
	for (int i = 0; i < VM_NRESERVE; i++) {
		void *page = (void *)place(i);

		if (!vm_entry(place(i)))
			continue;
		// It can't be made writeable if somebody else has it; then it is no use.
		bool ours = sys_page_map(0, page, 0, page, PTE_P | PTE_U | PTE_W) == 0;
		if (ours)
			memset(page, 0, PGSIZE);
		bool used = ours && sys_page_map(0, page, 0, (void *)va, perm) == 0;
		sys_page_unmap(0, page);
		if (used)
			return true;
	}
	return false;
}
