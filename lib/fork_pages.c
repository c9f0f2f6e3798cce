// fork's part that hands a process's pages on to the child: lib/fork.c.
//
// Other threads go on meanwhile, and what the child sees of their work must be how memory was
// at some moment, as far as they can tell. All of it is done under the pager's lock: who
// writes to a page that is copy-on-write by now faults, and waits for the end. So what
// a thread had written before such a write is in the child, or comes later, too. A few pages
// stay writeable, and the child gets copies of them, after all others: the forking thread's
// variables, the page of its stack, and the library's own, whose locks fork holds.
#include "lib/libcall.h"
#include "lib/share.h"
#include "lib/thread.h"
#include "lib/vm.h"

// ---- What goes to the child how -------------------------------------------------------

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

// Whether the page is of no use for the child, or of a kind that it gets by itself.
static bool
is_left_out(uintptr_t va, pte_t pte)
{
	if (va < THREADS_BASE)
		return va >= SPAWN_BASE && va < SPAWN_TOP; // of a spawn in another thread
	if (va < VM_PRIVATE) {
		uint32_t page = (va - THREADS_BASE) % THREAD_SLOT / PGSIZE;
		return page >= SLOT_XSTACK && page < SLOT_TLS + SLOT_TLS_PAGES;
	}
	return va < VM_REGIONS || (is_fd_page(va) && (pte & PTE_SHARE));
}

// ---- Handing on -------------------------------------------------------------------------

// The pages that the child gets a copy of at once, because both write to them at once.
struct Copies {
	uintptr_t variables; // the forking thread's
	uintptr_t stack;
	uintptr_t pinned, pinned_end; // the library's, with the first thread's variables
};

static bool
is_copied(const struct Copies *c, uintptr_t va)
{
	return va == c->variables || va == c->stack || (va >= c->pinned && va < c->pinned_end);
}

// A variable of ours that is on the page `from`, in its copy at VM_FORK; or NULL.
static void *
in_copy(const volatile void *variable, uintptr_t from)
{
	bool there = ROUNDDOWN((uintptr_t)variable, PGSIZE) == from;

	return there ? (char *)VM_FORK + PGOFF(variable) : NULL;
}

// Gives the child a copy of a page; VM_FORK is to be unmapped afterwards. 0 or the kernel's
// error.
static int
give_copy(envid_t child, uintptr_t page)
{
	const int rw = PTE_P | PTE_U | PTE_W;
	const volatile struct Env **self;
	struct VmState *state;
	int r;

	// The child's page at once: it does not count for our limit.
	do
		r = sys_page_alloc(child, (void *)page, rw);
	while (vm_try_again(r));
	if (r < 0 || (r = sys_page_map(child, (void *)page, 0, (void *)VM_FORK, rw)) < 0)
		return r;
	vm_copy_page((void *)VM_FORK, (void *)page);
	if ((state = in_copy(&vm_state, page)))
		state->lock = state->depth = 0;
	if ((self = in_copy(&thisenv, page)))
		*self = &envs[ENVX(child)];
	return 0;
}

// Gives the child all copies; that of the stack last, where other threads may write to,
// too. 0 or the kernel's error.
static int
give_copies(envid_t child, const struct Copies *c)
{
	bool separate = c->variables < c->pinned || c->variables >= c->pinned_end;
	int r = separate ? give_copy(child, c->variables) : 0;

	for (uintptr_t va = c->pinned; r == 0 && va < c->pinned_end; va += PGSIZE)
		r = give_copy(child, va);
	if (r == 0)
		r = give_copy(child, c->stack);
	sys_page_unmap(0, (void *)VM_FORK);
	return r;
}

// Gives the child one page, which may be gone by now, or evicted. 0 or the kernel's error.
static int
give_page(envid_t child, void *va)
{
	for (;;) {
		pte_t pte = vm_entry((uintptr_t)va);
		int r = 0;

		if (pte & PTE_P)
			r = sys_page_map(0, va, child, va, childs_perm(pte));
		else if (pte)
			r = sys_page_mark(child, va, 1, pte);
		if (r == 0 && (pte & PTE_P) && is_cow(pte) && (pte & PTE_W))
			r = sys_page_map(0, va, 0, va, childs_perm(pte));
		if (vm_try_again(r))
			continue;
		// Other threads may unmap what is not the pager's.
		if (r != -E_INVAL || vm_entry((uintptr_t)va) == pte)
			return r;
	}
}

// Gives the child n pages. 0 or the kernel's error.
static int
give_pages(envid_t child, const uintptr_t *va, int n)
{
	struct Batch b;
	int r;

	batch_begin(&b);
	for (int i = 0; i < n; i++)
		batch_page_map(&b, 0, (void *)va[i], child, (void *)va[i],
			       childs_perm(uvpt[PGNUM(va[i])]));
	r = batch_end(&b);
	// What is writeable for us now becomes copy-on-write, too. Now: a page that was so
	// already may have been written to, and copied for us, since.
	batch_begin(&b);
	for (int i = 0; i < n && r == 0; i++) {
		pte_t pte = uvpt[PGNUM(va[i])];
		if (is_cow(pte) && (pte & PTE_W))
			batch_page_map(&b, 0, (void *)va[i], 0, (void *)va[i], childs_perm(pte));
	}
	if (r == 0)
		r = batch_end(&b);
	if (r == 0)
		return 0;
	// With care.
	r = 0;
	for (int i = 0; i < n && r == 0; i++)
		r = give_page(child, (void *)va[i]);
	return r;
}

// Gives the child the marks that are alike from va on. The next page, or an error.
static uintptr_t
give_marks(envid_t child, uintptr_t va, uint32_t mark, int *error)
{
	uintptr_t stop = va + PGSIZE;

	while (PTX(stop) != 0 && uvpt[PGNUM(stop)] == mark)
		stop += PGSIZE;
	do
		*error = sys_page_mark(child, (void *)va, (stop - va) / PGSIZE, mark);
	while (vm_try_again(*error));
	return stop;
}

// Gives the child all pages but descriptors. 0 or an error. The lock is held, and whatever else
// keeps the library's variables as they should be.
int
fork_give_all(envid_t child)
{
	uintptr_t group[BATCH_MAX], va = 0;
	int n = 0, r = 0;

	const struct Copies copies = {
		.variables = ROUNDDOWN((uintptr_t)&thisenv, PGSIZE),
		.stack = ROUNDDOWN((uintptr_t)group, PGSIZE),
		.pinned = (uintptr_t)pinned_start,
		.pinned_end = (uintptr_t)program_data,
	};

	while (r == 0 && (va = vm_next(va, USTACKTOP)) < USTACKTOP) {
		pte_t pte = uvpt[PGNUM(va)];
		if (pte && !(pte & PTE_P)) {
			va = give_marks(child, va, pte, &r);
			continue;
		}
		bool special = is_copied(&copies, va) || is_left_out(va, pte) ||
			       (vm_page_info(pte)->pp_flags & PP_FSCPAGE);
		if (!special && (pte & PTE_U))
			group[n++] = va;
		if (n == BATCH_MAX) {
			r = give_pages(child, group, n);
			n = 0;
		}
		va += PGSIZE;
	}
	if (r == 0)
		r = give_pages(child, group, n);
	return r < 0 ? r : give_copies(child, &copies);
}

// Makes the pages that are to be shared with a child, and that nobody has used yet. 0 or
// -E_NO_MEM. The lock is held.
int
fork_make_shared(void)
{
	const struct Region *region;

	for (uint32_t i = 0; (region = region_number(i)); i++) {
		uintptr_t va = region->start * PGSIZE, stop = va + region->npages * PGSIZE;
		for (; region->shared && region->file < 0 && va < stop; va += PGSIZE) {
			pte_t mark = vm_entry(va);
			if ((mark & PTE_P) || !(mark & PTE_U))
				continue;
			if (vm_alloc(va, PTE_P | PTE_U | PTE_SHARE | (mark & PTE_W)) < 0)
				return -E_NO_MEM;
		}
	}
	return 0;
}
