// System calls on memory. Everything is checked before anything is changed.

#include <inc/error.h>
#include <inc/flexsc.h>
#include <kern/aspace.h>
#include <kern/env.h>
#include <kern/mem.h>
#include <kern/syscall.h>

static bool
bad_va(const void *va)
{
	return (uintptr_t)va >= UTOP || PGOFF(va);
}

static bool
bad_perm(int perm)
{
	return (perm & (PTE_U | PTE_P)) != (PTE_U | PTE_P) || (perm & ~PTE_SYSCALL);
}

// A zeroed page at va, in place of what is there.
int32_t
sys_page_alloc(struct Call *call, envid_t envid, void *va, int perm)
{
	struct AddrSpace *as;
	struct PageInfo *pp;
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
	r = as_map(as, pp, (uintptr_t)va, perm);
	spin_unlock(&as->lock);
	page_decref(pp);
	as_put(as);
	return r;
}

// The page at srcva, with a reference for the caller, if it may be mapped
// elsewhere with perm; else NULL. The address space is locked.
static struct PageInfo *
page_to_share(struct AddrSpace *as, void *srcva, int perm)
{
	pte_t pte;
	struct PageInfo *pp = as_lookup(as, (uintptr_t)srcva, &pte);

	if (!pp || (pp->pp_flags & PP_FSCPAGE) || ((perm & PTE_W) && !(pte & PTE_W)))
		return NULL;
	page_incref(pp);
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
	struct PageInfo *pp;
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
	if ((pp = page_to_share(src, srcva, needs))) {
		r = as_map(dst, pp, (uintptr_t)dstva, perm);
		page_decref(pp);
	} else {
		r = -E_INVAL;
	}
	as_unlock_two(src, dst);
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
	as_unmap(as, (uintptr_t)va);
	spin_unlock(&as->lock);
	as_put(as);
	return 0;
}

// ---- IPC: here because a message may carry a page ---------------------------

// Hands a message to the first receive of e, whose lock is held. pp may be NULL.
// 0, -E_IPC_NOT_RECV, or -E_NO_MEM with the receive still waiting.
static int
deliver(struct Env *e, envid_t from, uint32_t value, struct PageInfo *pp, int perm)
{
	struct CallQueue *queue = &e->k->receivers;
	struct Call *call = queue->head;
	int got_perm = 0;

	if (!call)
		return -E_IPC_NOT_RECV;
	if (pp && call->arg < UTOP) {
		struct AddrSpace *as = e->k->as;
		spin_lock(&as->lock);
		int r = as_map(as, pp, call->arg, perm);
		spin_unlock(&as->lock);
		if (r < 0)
			return r;
		got_perm = perm;
	}
	if (!(queue->head = call->next))
		queue->tail = NULL;
	e->env_ipc_recving = queue->head != NULL;
	e->env_ipc_value = value;
	e->env_ipc_from = from;
	e->env_ipc_perm = got_perm;
	if (call->entry) {
		call->entry->ipc_value = value;
		call->entry->ipc_from = from;
		call->entry->ipc_perm = got_perm;
	}
	call_complete(call, 0);
	return 0;
}

// Sends value and, if srcva is below UTOP, the page there, to an env that waits
// in a receive. The longest waiting receive gets it.
int32_t
sys_ipc_try_send(struct Call *call, envid_t to, uint32_t value, void *srcva, int perm)
{
	bool with_page = (uintptr_t)srcva < UTOP;
	struct PageInfo *pp = NULL;
	struct Env *e;
	int r;

	if (with_page) {
		struct AddrSpace *as = call->env->k->as;
		if (bad_va(srcva) || bad_perm(perm))
			return -E_INVAL;
		spin_lock(&as->lock);
		pp = page_to_share(as, srcva, perm);
		spin_unlock(&as->lock);
		if (!pp)
			return -E_INVAL;
	}
	if ((r = env_lookup(call->env, to, false, &e)) == 0) {
		r = deliver(e, call->env->env_id, value, pp, perm);
		spin_unlock(&e->k->lock);
	}
	if (pp)
		page_decref(pp);
	return r;
}

// Waits for a message; a page that comes with it is mapped at dstva, if that is
// below UTOP.
int32_t
sys_ipc_recv(struct Call *call, void *dstva)
{
	struct Env *e = call->env;

	if ((uintptr_t)dstva < UTOP && PGOFF(dstva))
		return -E_INVAL;
	spin_lock(&e->k->lock);
	if (call_park(call, &e->k->receivers, (uint32_t)dstva))
		e->env_ipc_recving = true;
	spin_unlock(&e->k->lock);
	return CALL_PARKED;
}
