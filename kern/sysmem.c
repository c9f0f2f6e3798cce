// System calls on memory. Everything is checked before anything is changed.

#include <inc/error.h>
#include <inc/flexsc.h>
#include <inc/pstat.h>
#include <kern/aspace.h>
#include <kern/env.h>
#include <kern/mem.h>
#include <kern/syscall.h>

// Whether the address space has all the pages that it may have, and none at va.
static bool
is_at_limit(struct AddrSpace *as, uintptr_t va)
{
	pte_t pte;

	return as->limit && as->npages >= as->limit && !as_lookup(as, va, &pte);
}

// A zeroed page at va, in place of what is there.
int32_t
sys_page_alloc(struct Call *call, envid_t envid, void *va, int perm)
{
	struct AddrSpace *as;
	struct PageInfo *pp, *lost;
	int r;

	if (bad_va(va) || bad_perm(perm))
		return -E_INVAL;
	if ((r = env_lookup_as(call->env, envid, &as)) < 0)
		return r;
	if (!(pp = page_alloc(PAGE_ZERO))) {
		as_put(as);
		return -E_NO_MEM;
	}
	page_incref(pp);
	spin_lock(&as->lock);
	if (as == call->env->k->as && is_at_limit(as, (uintptr_t)va)) {
		lost = NULL;
		r = -E_NO_MEM;
	} else {
		r = as_map(as, pp, (uintptr_t)va, perm, &lost);
	}
	spin_unlock(&as->lock);
	page_lost(lost);
	page_decref(pp);
	as_put(as);
	return r;
}

// The page at srcva if it may be mapped elsewhere with perm, else NULL. The address space
// is locked.
struct PageInfo *
page_to_share(struct AddrSpace *as, void *srcva, int perm)
{
	pte_t pte;
	struct PageInfo *pp = as_lookup(as, (uintptr_t)srcva, &pte);

	if (!pp || (pp->pp_flags & PP_FSCPAGE) || ((perm & PTE_W) && !(pte & PTE_W)))
		return NULL;
	return pp;
}

// A page of the caller's could not be shared so: error, or CALL_PAGER if its pager will help.
int32_t
page_share_fault(struct Call *call, void *srcva, int perm, int32_t error)
{
	struct AddrSpace *as = call->env->k->as;
	pte_t pte;

	spin_lock(&as->lock);
	struct PageInfo *pp = as_lookup(as, (uintptr_t)srcva, &pte);
	bool never = pp && (pp->pp_flags & PP_FSCPAGE);
	spin_unlock(&as->lock);
	return never ? error : call_fault(call, (uintptr_t)srcva, PGSIZE, perm & PTE_W, error);
}

// Whether a program asks to write to a copy-on-write page that nobody else has
// any more: then there is nothing left to copy.
static bool
reclaims(struct AddrSpace *as, void *va, int perm)
{
	pte_t pte;
	struct PageInfo *pp = as_lookup(as, (uintptr_t)va, &pte);

	return pp && pp->pp_ref == 1 && (pte & PTE_COW) && !(perm & PTE_COW);
}

// Maps srcid's page at srcva also at dstid's dstva. Write permission can't be
// gained by it, but for a page of one's own that was copy-on-write.
int32_t
sys_page_map(struct Call *call, envid_t srcid, void *srcva, envid_t dstid, void *dstva, int perm)
{
	struct AddrSpace *src, *dst;
	struct PageInfo *pp, *lost = NULL;
	int r;

	if (bad_va(srcva) || bad_va(dstva) || bad_perm(perm))
		return -E_INVAL;
	if ((r = env_lookup_as(call->env, srcid, &src)) < 0)
		return r;
	if ((r = env_lookup_as(call->env, dstid, &dst)) < 0) {
		as_put(src);
		return r;
	}
	as_lock_two(src, dst);
	int needs = src == dst && srcva == dstva && reclaims(src, srcva, perm) ? 0 : perm;
	// No hold on it meanwhile: programs go by the exact number of references.
	if ((pp = page_to_share(src, srcva, needs)))
		r = as_map(dst, pp, (uintptr_t)dstva, perm, &lost);
	else
		r = -E_INVAL;
	as_unlock_two(src, dst);
	page_lost(lost);
	// In its own place, it is the pager itself that changes the permissions.
	if (!pp && src == call->env->k->as && !(src == dst && srcva == dstva))
		r = page_share_fault(call, srcva, perm, r);
	as_put(src);
	as_put(dst);
	return r;
}

// Nothing at va any more. No error if nothing was.
int32_t
sys_page_unmap(struct Call *call, envid_t envid, void *va)
{
	struct AddrSpace *as;
	int r;

	if (bad_va(va))
		return -E_INVAL;
	if ((r = env_lookup_as(call->env, envid, &as)) < 0)
		return r;
	spin_lock(&as->lock);
	struct PageInfo *lost = as_unmap(as, (uintptr_t)va);
	spin_unlock(&as->lock);
	page_lost(lost);
	as_put(as);
	return 0;
}

static bool
bad_mark(uint32_t mark)
{
	return (mark & (PTE_P | PTE_PAGED)) != PTE_PAGED;
}

// Puts a mark (inc/mmu.h) in place of npages pages from va on; 0: nothing.
int32_t
sys_page_mark(struct Call *call, envid_t envid, void *va, uint32_t npages, uint32_t mark)
{
	uintptr_t at = (uintptr_t)va, end = at + npages * PGSIZE;
	struct PageInfo *lost[AS_MARK_MAX];
	struct AddrSpace *as;
	int r;

	if (bad_va(va) || npages < 1 || npages > PAGE_MARK_MAX || end > UTOP)
		return -E_INVAL;
	if (mark && bad_mark(mark))
		return -E_INVAL;
	if ((r = env_lookup_as(call->env, envid, &as)) < 0)
		return r;
	while (at < end && r >= 0) {
		spin_lock(&as->lock);
		// The range lies in two page tables at most: both, or nothing is done.
		if (mark && (!as_walk(as, at, true) || !as_walk(as, end - PGSIZE, true)))
			r = -E_NO_MEM;
		else
			r = as_mark(as, &at, end, mark, lost);
		spin_unlock(&as->lock);
		for (int i = 0; i < r; i++)
			page_lost(lost[i]);
	}
	as_put(as);
	return MIN(r, 0);
}

// Puts a mark in place of the caller's page at va, if its entry is still what the caller has
// seen, but for PTE_A and PTE_D; else -E_AGAIN. No page that another thread maps there
// at that moment is lost.
int32_t
sys_page_evict(struct Call *call, void *va, uint32_t seen, uint32_t mark)
{
	struct AddrSpace *as = call->env->k->as;
	struct PageInfo *lost = NULL;

	if (bad_va(va) || !(seen & PTE_P) || bad_mark(mark))
		return -E_INVAL;
	spin_lock(&as->lock);
	bool done = as_evict(as, (uintptr_t)va, seen, mark, &lost);
	spin_unlock(&as->lock);
	page_lost(lost);
	return done ? 0 : -E_AGAIN;
}

// ---- What is mapped ------------------------------------------------------------------

#define RUN_BITS (PTE_P | PTE_W | PTE_U | PTE_AVAIL)

// What a page has in common with those of its run. 0: nothing is there.
static uint32_t
run_bits(pte_t pte)
{
	return pte & (PTE_P | PTE_PAGED) ? pte & RUN_BITS : 0;
}

// The first run of alike entries in a page table, from va on to the table's end. Whether there
// is one. The address space is locked.
static bool
find_run(struct AddrSpace *as, uintptr_t va, struct MemRun *run)
{
	const pte_t *entry = as_walk(as, va, false);
	uint32_t left = NPTENTRIES - PTX(va);

	for (; entry && left && !run_bits(*entry); left--, entry++)
		va += PGSIZE;
	if (!entry || !left)
		return false;
	*run = (struct MemRun){.start = va, .bits = run_bits(*entry)};
	for (; left && run_bits(*entry) == run->bits; left--, entry++) {
		run->npages++;
		if (*entry & PTE_P)
			run->nshared += pa2page(PTE_ADDR(*entry))->pp_ref > 1;
	}
	return true;
}

// The first run of pages of an env from va on that are alike, within a page table. va is
// rounded down. 1; 0: there is nothing more; -E_BAD_ENV, -E_FAULT.
int32_t
sys_mem_run(struct Call *call, envid_t envid, uintptr_t va, struct MemRun *store)
{
	struct MemRun run = {0};
	struct AddrSpace *as;
	bool found = false;
	struct Env *e;
	int r;

	if ((r = env_lookup(call->env, envid, false, &e)) < 0)
		return r;
	as_ref(as = e->k->as);
	spin_unlock(&e->k->lock);
	for (va = ROUNDDOWN(va, PGSIZE); va < UTOP && !found; va = ROUNDDOWN(va, PTSIZE) + PTSIZE) {
		spin_lock(&as->lock);
		found = find_run(as, va, &run);
		spin_unlock(&as->lock);
	}
	as_put(as);
	if (!found)
		return 0;
	r = call_copy_out(call, (uintptr_t)store, &run, sizeof(run));
	return r < 0 ? r : 1;
}
