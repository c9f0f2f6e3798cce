// System calls on memory. Everything is checked before anything is changed.

#include <inc/error.h>
#include <inc/flexsc.h>
#include <kern/aspace.h>
#include <kern/env.h>
#include <kern/mem.h>
#include <kern/syscall.h>

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
	r = as_map(as, pp, (uintptr_t)va, perm, &lost);
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
