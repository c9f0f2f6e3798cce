// Address spaces. The page tables of one are shared by a process and its
// syscall thread, and may be loaded on several CPUs at once: whoever takes a
// mapping or a permission away makes those CPUs forget it before the frame can
// be used for anything else.

#include <inc/assert.h>
#include <inc/error.h>
#include <inc/x86.h>
#include <kern/aspace.h>
#include <kern/cpu.h>
#include <kern/futex.h>
#include <kern/mem.h>
#include <kern/tlb.h>

static struct AddrSpace pool[NENV];
static struct AddrSpace *pool_free; // under pool_lock
static int pool_used;               // entries of pool ever handed out
static struct Spinlock pool_lock = SPINLOCK("address spaces", RANK_POOL);

// An empty address space with one reference, and a limit to its pages (0: none); or NULL
// when memory is out.
struct AddrSpace *
as_create(uint32_t limit)
{
	struct PageInfo *pp = page_alloc(PAGE_ZERO);
	struct AddrSpace *as = NULL;

	if (!pp)
		return NULL;
	spin_lock(&pool_lock);
	if (pool_free) {
		as = pool_free;
		pool_free = as->next;
	} else if (pool_used < NENV) {
		as = &pool[pool_used++];
	}
	spin_unlock(&pool_lock);
	page_incref(pp);
	if (!as) {
		page_decref(pp);
		return NULL;
	}

	as->pgdir = page2kva(pp);
	as->refs = 1;
	as->cpus = 0;
	as->ended = false;
	as->npages = 0;
	as->limit = limit;
	spin_init(&as->lock, "address space", RANK_ASPACE);
	for (int i = PDX(UTOP); i < NPDENTRIES; i++)
		as->pgdir[i] = kern_pgdir[i];
	as->pgdir[PDX(UVPT)] = page2pa(pp) | PTE_P | PTE_U;
	return as;
}

SWITCHPATH void
as_ref(struct AddrSpace *as)
{
	__atomic_fetch_add(&as->refs, 1, __ATOMIC_SEQ_CST);
}

// One reference less. The last one gives everything back: nothing has it
// loaded any more, so no CPU needs to forget anything. From the bottom up:
// lib/pipe.c counts on it. No lock may be held.
void
as_put(struct AddrSpace *as)
{
	if (__atomic_sub_fetch(&as->refs, 1, __ATOMIC_SEQ_CST) != 0)
		return;
	for (uint32_t d = 0; d < PDX(UTOP); d++) {
		if (!(as->pgdir[d] & PTE_P))
			continue;
		pte_t *table = KADDR(PTE_ADDR(as->pgdir[d]));
		for (int t = 0; t < NPTENTRIES; t++)
			if (table[t] & PTE_P)
				page_lost(pa2page(PTE_ADDR(table[t])));
		page_decref(pa2page(PTE_ADDR(as->pgdir[d])));
	}
	page_decref(pa2page(PADDR(as->pgdir)));

	spin_lock(&pool_lock);
	as->next = pool_free;
	pool_free = as;
	spin_unlock(&pool_lock);
}

// Makes this CPU use the address space, or the kernel's alone if NULL.
SWITCHPATH void
as_load(struct AddrSpace *as)
{
	struct Cpu *cpu = thiscpu;
	struct AddrSpace *old = cpu->as;

	if (old == as)
		return;
	if (as) {
		as_ref(as);
		// A full barrier, before CR3 is loaded: pairs with the one in
		// tlb_shootdown. Either it sees this CPU, or this CPU sees
		// the page tables as it left them.
		__atomic_fetch_or(&as->cpus, 1u << cpu->id, __ATOMIC_SEQ_CST);
	}
	lcr3(PADDR(as ? as->pgdir : kern_pgdir));
	cpu->as = as;
	if (old) {
		__atomic_fetch_and(&old->cpus, ~(1u << cpu->id), __ATOMIC_SEQ_CST);
		as_put(old);
	}
}

// The process is gone, but a CPU that ran it may have its memory loaded still, while it
// looks for work. Returns when none has, and the caller's reference is the last. With no
// lock held.
void
as_unload(struct AddrSpace *as)
{
	assert(thiscpu->nheld == 0);
	as->ended = true;
	if (thiscpu->as == as)
		as_load(NULL);
	// Each of those holds a reference, and gives it back after it has said that it has
	// unloaded it.
	while (as->refs > 1) {
		tlb_service(); // others may wait for us in the same way
		pause();
	}
}

// Locks two address spaces, which may be one, in the order of their addresses.
void
as_lock_two(struct AddrSpace *a, struct AddrSpace *b)
{
	spin_lock(a < b ? &a->lock : &b->lock);
	if (a != b)
		spin_lock(a < b ? &b->lock : &a->lock);
}

void
as_unlock_two(struct AddrSpace *a, struct AddrSpace *b)
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}

// The functions below want the lock held, and a user address.

// The table entry for va, or NULL: no table there, and none wanted or to be had.
pte_t *
as_walk(struct AddrSpace *as, uintptr_t va, bool create)
{
	pde_t *pde = &as->pgdir[PDX(va)];

	if (!(*pde & PTE_P)) {
		struct PageInfo *pp;
		if (!create || !(pp = page_alloc(PAGE_ZERO)))
			return NULL;
		page_incref(pp);
		// The table's entries alone decide on permissions.
		*pde = page2pa(pp) | PTE_P | PTE_W | PTE_U;
	}
	return (pte_t *)KADDR(PTE_ADDR(*pde)) + PTX(va);
}

// The page mapped at va and, in *pte, its entry; NULL if there is none.
struct PageInfo *
as_lookup(struct AddrSpace *as, uintptr_t va, pte_t *pte)
{
	pte_t *entry = as_walk(as, va, false);
	if (!entry || !(*entry & PTE_P))
		return NULL;
	*pte = *entry;
	return pa2page(PTE_ADDR(*entry));
}

// Puts a new value in an entry, and makes every CPU forget the old one. Returns
// the page that was there, and whose reference is now the caller's; or NULL.
//
// A CPU keeps a translation only once it has set the entry's accessed bit (Intel
// SDM 3, 4.10.2.3), so that an entry without it needs no flush. Nor does one that
// gains permissions: then CPUs may still have the old translation, and the
// accessed bit must go on saying so. One that stays as it is loses that bit: that is how a
// program's pager finds out what is in use.
static struct PageInfo *
replace(struct AddrSpace *as, pte_t *entry, uintptr_t va, pte_t to)
{
	pte_t prior = *entry; // but for A and D, only the lock's holder changes it
	bool same = (prior & PTE_P) && (to & PTE_P) && PTE_ADDR(prior) == PTE_ADDR(to);
	bool ages = same && !((prior ^ to) & PTE_SYSCALL);
	bool loses = (prior & PTE_P) && (!same || (prior & ~to & PTE_W) || ages);

	if (same && !loses)
		to |= PTE_A;
	pte_t old = xchg(entry, to);
	if (loses && (old & PTE_A))
		tlb_shootdown(as, va);
	as->npages += ((to & PTE_P) != 0) - ((prior & PTE_P) != 0);
	return old & PTE_P ? pa2page(PTE_ADDR(old)) : NULL;
}

// Maps the page at va in place of what is there, and takes a reference for
// that. *lost is what was there, or NULL, for page_lost without the lock.
// 0, or -E_NO_MEM with nothing changed.
int
as_map(struct AddrSpace *as, struct PageInfo *pp, uintptr_t va, int perm, struct PageInfo **lost)
{
	pte_t *entry = as_walk(as, va, true);

	*lost = NULL;
	if (!entry)
		return -E_NO_MEM;
	page_incref(pp);
	*lost = replace(as, entry, va, page2pa(pp) | perm | PTE_P);
	return 0;
}

// Unmaps va. What was there, or NULL, for page_lost without the lock.
struct PageInfo *
as_unmap(struct AddrSpace *as, uintptr_t va)
{
	pte_t *entry = as_walk(as, va, false);

	return entry ? replace(as, entry, va, 0) : NULL;
}

// Puts the mark in place of what is at *va and behind it, to end, or until AS_MARK_MAX
// pages have been taken away, and moves *va on. mark 0 means that nothing is there. How many
// pages are in lost, for page_lost without the lock. Where there is no page table, only a
// mark of 0 can be put.
int
as_mark(struct AddrSpace *as, uintptr_t *va, uintptr_t end, pte_t mark,
	struct PageInfo *lost[AS_MARK_MAX])
{
	uintptr_t one = 0;
	int n = 0, nflush = 0;

	for (; *va < end && n < AS_MARK_MAX; *va += PGSIZE) {
		pte_t *entry = as_walk(as, *va, false);
		if (!entry) { // to the next table's first
			*va = ROUNDDOWN(*va, PTSIZE) + PTSIZE - PGSIZE;
			continue;
		}
		pte_t old = xchg(entry, mark);
		if (!(old & PTE_P))
			continue;
		lost[n++] = pa2page(PTE_ADDR(old));
		as->npages--;
		if (old & PTE_A) {
			one = *va;
			nflush++;
		}
	}
	if (nflush == 1)
		tlb_shootdown(as, one);
	else if (nflush)
		tlb_shootdown_all(as);
	*va = MIN(*va, end);
	return n;
}

// Puts the mark in place of the page at va, if its entry is what was seen but for A and D.
// Whether it was; the page is in *lost, as above.
bool
as_evict(struct AddrSpace *as, uintptr_t va, pte_t seen, pte_t mark, struct PageInfo **lost)
{
	const pte_t *entry = as_walk(as, va, false);

	if (!entry || ((*entry ^ seen) & ~(PTE_A | PTE_D)))
		return false;
	as_mark(as, &va, va + PGSIZE, mark, lost);
	return true;
}

// An address space has lost the page, if it is not NULL: gives its reference
// back, and tells those that wait at a word of it.
void
page_lost(struct PageInfo *pp)
{
	if (!pp)
		return;
	page_decref(pp);
	futex_page_lost(page2pa(pp));
}
