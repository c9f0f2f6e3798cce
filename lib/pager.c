// The pager: makes the page that a fault is for, if the page is one that the library looks
// after. It copies what is copy-on-write, and fills what is marked (lib/vm.h): with zeroes,
// from a file, or from the swap area.
//
// It runs on the exception stack of the thread that faulted, under the lock, and touches
// nothing that might fault: the library's variables, its own at VM_PRIVATE, and constants. It
// traps, whatever flex_library says.
#include "lib/vm.h"

static const int RO = PTE_P | PTE_U, RW = PTE_P | PTE_U | PTE_W;

static void
out_of_memory(const char *what, uintptr_t page)
{
	panic("%s of %08x: %s", what, (unsigned int)page, error_words(-E_NO_MEM));
}

static int
map_over(uintptr_t src, uintptr_t dst, int perm)
{
	return sys_page_map(0, (void *)src, 0, (void *)dst, perm);
}

// Puts the page at a place of the pager's own where it belongs.
static void
put_page(uintptr_t own, uintptr_t page, int perm)
{
	if (map_over(own, page, perm) < 0)
		out_of_memory("a page", page);
	sys_page_unmap(0, (void *)own);
}

// ---- Copy on write --------------------------------------------------------------------

static bool
copy_on_write(uintptr_t page, pte_t pte)
{
	int perm = (pte & PTE_SYSCALL & ~(PTE_COW | PTE_CLEAN)) | PTE_W;

	// The kernel refuses if somebody else has it after all.
	if (vm_page_info(pte)->pp_ref == 1 && map_over(page, page, perm) == 0)
		return true;
	if (vm_alloc(VM_TEMP, RW) < 0)
		out_of_memory("copy-on-write", page);
	// Making room for the copy may have evicted the page itself.
	if ((vm_entry(page) ^ pte) & (~0xfff | PTE_P)) {
		sys_page_unmap(0, (void *)VM_TEMP);
		return pager_resolve(page, true);
	}
	vm_copy_page((void *)VM_TEMP, (void *)page);
	put_page(VM_TEMP, page, perm);
	return true;
}

// ---- Pages of zeroes --------------------------------------------------------------------

static bool
fill_with_zeroes(uintptr_t page, uint32_t mark)
{
	int perm = RO | (mark & PTE_W);

	if ((mark & MARK_KIND) == MARK_ZERO_SHARED)
		perm |= PTE_SHARE;
	if (vm_alloc(page, perm) < 0)
		out_of_memory("a page of zeroes", page);
	return true;
}

// ---- Files ------------------------------------------------------------------------------

// Asks the file server for the page of a file; it comes to dst. How many bytes of the file are
// in it, or an error.
static int
file_page(uint32_t req, uintptr_t page, uintptr_t dst)
{
	const struct Region *region = region_at(page);
	union Fsipc *fields = pager_request_page();
	int r;

	if (!region || region->file < 0 || !fields)
		return -E_INVAL;
	do {
		fields->map.req_fileid = file_fd(region->file)->fd_file.id;
		fields->map.req_offset = (PGNUM(page) - region->start + region->first) * PGSIZE;
		r = pager_request(req, VM_REQUEST, RW, dst);
		// Our pages may help the server, too.
	} while (r == -E_NO_MEM && evict_some() == 0);
	return r;
}

// With a limit, a page that the file server sends takes the place of one at VM_TEMP: the kernel
// counts when a process asks for a page, but does not refuse one that comes so.
static void
take_place(uintptr_t page)
{
	if (vm_limit() && vm_alloc(VM_TEMP, RW) < 0)
		out_of_memory("a file's page", page);
}

static void
leave_place(void)
{
	if (vm_entry(VM_TEMP))
		sys_page_unmap(0, (void *)VM_TEMP);
}

static bool
are_zeroes(const char *from, const char *to)
{
	while (from < to && *from == 0)
		from++;
	return from == to;
}

// What is behind the end of a file, which ends n bytes into the page at VM_TEMP, is to be
// zeroes: puts a copy there if need be.
static void
clear_tail(int n)
{
	const char *from = (const char *)VM_TEMP;
	char *to = (char *)VM_TEMP2;

	if (are_zeroes(from + n, from + PGSIZE))
		return;
	if (vm_alloc(VM_TEMP2, RW) < 0)
		out_of_memory("a copy", VM_TEMP);
	memcpy(to, from, n);
	put_page(VM_TEMP2, VM_TEMP, RO);
}

// A page of a file can't be had, mostly because it lies behind the end. A system call that is
// made again shall find nothing there, and an instruction is to fault again: that is the
// program's fault then, if the page still can't be had.
static bool
is_beyond(uintptr_t page, uint32_t mark)
{
	if (mark & MARK_BEYOND)
		return false;
	sys_page_mark(0, (void *)page, 1, (mark & ~PTE_U) | MARK_BEYOND);
	vm_state.beyond = true;
	return true;
}

static bool
is_marked_beyond(pte_t pte)
{
	const pte_t not = PTE_P | PTE_U | PTE_SWAPPED;

	return (pte & (not | PTE_PAGED | MARK_BEYOND)) == (PTE_PAGED | MARK_BEYOND);
}

// The process has made a file longer, perhaps one that is mapped: what was beyond its end
// may be there for system calls now.
void
vm_file_changed(void)
{
	const struct Region *region;

	if (vm_state.nfiles == 0)
		return;
	// A fault that has asked the file server before the change has put its mark by then.
	vm_lock();
	for (uint32_t i = 0; vm_state.beyond && (region = region_number(i)); i++) {
		uintptr_t va = region->start * PGSIZE, stop = va + region->npages * PGSIZE;
		for (; region->file >= 0 && (va = vm_next(va, stop)) < stop; va += PGSIZE) {
			uint32_t mark = uvpt[PGNUM(va)];
			if (is_marked_beyond(mark))
				vm_mark(va, va + PGSIZE, (mark & ~MARK_BEYOND) | PTE_U);
		}
	}
	vm_state.beyond = false;
	vm_unlock();
}

// A page of a file that is ours once it is written to.
static bool
fill_from_file(uintptr_t page, uint32_t mark, bool write)
{
	int r;

	take_place(page);
	if ((r = file_page(FSREQ_MAP, page, VM_TEMP)) < 0) {
		leave_place();
		return r == -E_NOT_SUPP ? fill_with_zeroes(page, mark & PTE_W) // a hole
					: is_beyond(page, mark);
	}
	clear_tail(r);
	put_page(VM_TEMP, page, RO | PTE_CLEAN | (mark & PTE_W ? PTE_COW : 0));
	return !write || pager_resolve(page, true);
}

// A page of a file that all share.
static bool
share_with_file(uintptr_t page, uint32_t mark)
{
	int r;

	take_place(page);
	r = file_page(FSREQ_MAP_SHARED, page, page);
	leave_place();
	if (r < 0)
		return is_beyond(page, mark);
	if (!(mark & PTE_W) && (vm_entry(page) & PTE_W))
		map_over(page, page, RO | PTE_SHARE);
	return true;
}

// ---- Swap -------------------------------------------------------------------------------

static bool
swap_in(uintptr_t page, uint32_t mark)
{
	uint32_t slot = mark >> MARK_SLOT_SHIFT;

	if (vm_alloc(VM_TEMP, RW) < 0)
		out_of_memory("swap", page);
	int r = pager_request(FSREQ_SLOT_WORD(FSREQ_SWAP_IN, slot), VM_TEMP, RW, UTOP);
	if (r < 0)
		panic("swap of %08x: %s", (unsigned int)page, error_words(r));
	put_page(VM_TEMP, page, RO | (mark & PTE_W));
	return true;
}

// ---- All --------------------------------------------------------------------------------

// Whether marks there are the library's. In what is left to programs they are theirs, but for
// MARK_ZERO, unless mmap has mapped something.
bool
pager_owns(uintptr_t page)
{
	return page < MMAP_TOP || page >= USER_TOP || region_at(page);
}

static bool
fill(uintptr_t page, uint32_t mark, bool write)
{
	if (!pager_owns(page) && ((mark & PTE_SWAPPED) || (mark & MARK_KIND) != MARK_ZERO))
		return false;
	if (mark & PTE_SWAPPED)
		return swap_in(page, mark);
	switch (mark & MARK_KIND) {
	case MARK_ZERO:
	case MARK_ZERO_SHARED: return fill_with_zeroes(page, mark);
	case MARK_FILE: return fill_from_file(page, mark, write);
	case MARK_FILE_SHARED: return share_with_file(page, mark);
	default: return false;
	}
}

// Whether an entry is one whose faults may be the pager's.
static bool
may_fault(pte_t pte)
{
	return (pte & PTE_U) || is_marked_beyond(pte);
}

// Makes a page readable, or writeable, if it is so in the program's view. Whether it is. The
// lock is held.
bool
pager_resolve(uintptr_t page, bool write)
{
	pte_t pte = vm_entry(page);

	if (!may_fault(pte))
		return false;
	if (pte & PTE_P) {
		// By now, another thread's fault may have done it.
		if (!write || (pte & PTE_W))
			return true;
		return (pte & PTE_COW) && !(pte & PTE_SHARE) && copy_on_write(page, pte);
	}
	return (pte & PTE_PAGED) && (!write || (pte & PTE_W)) && fill(page, pte, write);
}

// Called by lib/pgfault.c for each fault. Whether it was the pager's, and is dealt with.
bool
pager_fault(struct UTrapframe *utf)
{
	uintptr_t page = ROUNDDOWN(utf->utf_fault_va, PGSIZE);
	bool done;

	if (page >= UTOP || !may_fault(vm_entry(page)))
		return false;
	vm_lock();
	done = pager_resolve(page, utf->utf_err & FEC_WR);
	vm_unlock();
	return done;
}
