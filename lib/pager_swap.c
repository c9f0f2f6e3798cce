// The swap area as a process sees it: pages go there, and slots that are no more needed are given
// back. The file server keeps it (FSREQ_SWAP_*).
//
// All functions want the lock held.
#include "lib/vm.h"

static int
give_slot_back(uint32_t slot)
{
	union Fsipc *req = pager_request_page();

	if (!req)
		return -E_NO_MEM;
	req->swap_free.req_n = 1;
	req->swap_free.req_slots[0] = slot;
	return pager_request(FSREQ_SWAP_FREE, VM_REQUEST, PTE_P | PTE_U | PTE_W, UTOP);
}

// Writes a page to the swap area, and has the mark for it in its place. 0; -E_AGAIN: it
// has changed meanwhile; or another error: there is no room, or no such area.
//
// Under the lock, what makes it change is a write of our own, as to a stack, or a call by which
// another thread puts a page there (sys_page_map, a receive).
int
evict_page(uintptr_t va)
{
	pte_t pte = uvpt[PGNUM(va)];
	uint32_t mark = PTE_PAGED | PTE_SWAPPED | PTE_U | (pte & (PTE_W | PTE_COW) ? PTE_W : 0);
	int perm = (pte & PTE_SYSCALL & ~PTE_W) | PTE_COW;

	// Who writes to it from now on faults, and waits for the lock.
	if ((pte & PTE_W) && sys_page_map(0, (void *)va, 0, (void *)va, perm) < 0)
		return -E_INVAL;
	int slot = pager_request(FSREQ_SWAP_OUT, va, PTE_P | PTE_U, UTOP);
	if (slot < 0)
		return slot; // the next write makes it writeable again
	vm_state.swaps = true;
	int kept = reserve_keep(va);
	int r = sys_page_evict((void *)va, pte & PTE_W ? PTE_ADDR(pte) | perm : pte,
			       mark | (uint32_t)slot << MARK_SLOT_SHIFT);
	if (r < 0) {
		reserve_drop(kept);
		give_slot_back(slot);
	}
	return r;
}

// Gives back the slots of what is swapped out between start and end, which is about to be
// unmapped. Those that the file server does not take stay the process's until it ends.
void
evict_forget(uintptr_t start, uintptr_t end)
{
	union Fsipc *req;
	uint32_t n = 0;

	if (!vm_state.swaps || !(req = pager_request_page()))
		return;
	for (uintptr_t va = start; (va = vm_next(va, end)) < end; va += PGSIZE) {
		pte_t pte = uvpt[PGNUM(va)];
		if ((pte & (PTE_P | PTE_PAGED | PTE_SWAPPED)) == (PTE_PAGED | PTE_SWAPPED) &&
		    pager_owns(va))
			req->swap_free.req_slots[n++] = pte >> MARK_SLOT_SHIFT;
		if (n == ARRAY_SIZE(req->swap_free.req_slots)) {
			req->swap_free.req_n = n;
			pager_request(FSREQ_SWAP_FREE, VM_REQUEST, PTE_P | PTE_U | PTE_W, UTOP);
			n = 0;
		}
	}
	req->swap_free.req_n = n;
	if (n > 0)
		pager_request(FSREQ_SWAP_FREE, VM_REQUEST, PTE_P | PTE_U | PTE_W, UTOP);
}

// What is swapped out becomes the child's, too. 0, or an error.
int
evict_share(envid_t child)
{
	union Fsipc *req;
	int r;

	if (!vm_state.swaps)
		return 0;
	if (!(req = pager_request_page()))
		return -E_NO_MEM;
	do {
		req->swap_share.req_child = child;
		r = pager_request(FSREQ_SWAP_SHARE, VM_REQUEST, PTE_P | PTE_U | PTE_W, UTOP);
		// The file server needs some memory, too.
	} while (vm_try_again(r));
	return MIN(r, 0);
}
