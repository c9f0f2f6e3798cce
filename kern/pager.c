// What a call finds at a user address that the program's own pager looks after.
//
// A program hands the kernel an address where the page is copy-on-write and is to be
// written, or has a mark (PTE_PAGED: to be filled, swapped out). That is no error: its
// page-fault upcall runs, as if the instruction that entered the kernel had faulted
// there, and the call is made again. For that a call must have changed nothing when it
// comes to such an address (sys_join puts the thread back, at the list's end; sys_cputs
// remembers how far it was). A call by the page is parked, and the owner's pager
// runs when it waits (kern/flexsc.c).

#include <inc/error.h>
#include <kern/aspace.h>
#include <kern/call.h>
#include <kern/env.h>
#include <kern/trap.h>
#include <kern/usercopy.h>

#define ARG_WRITE 1 // in call->arg, beside a page's address

enum Access { ACCESS_OK, ACCESS_PAGER, ACCESS_NONE };

// What an access to va would meet. The address space is locked.
static enum Access
look(struct AddrSpace *as, uintptr_t va, bool write)
{
	const pte_t *entry = as_walk(as, va, false);
	pte_t pte = entry ? *entry : 0, may = PTE_PAGED | PTE_U | (write ? PTE_W : 0);

	if (!(pte & PTE_P))
		return (pte & may) == may ? ACCESS_PAGER : ACCESS_NONE;
	if (!write || (pte & PTE_W))
		return ACCESS_OK;
	return pte & PTE_COW ? ACCESS_PAGER : ACCESS_NONE;
}

// A call has not been able to use n bytes at va, or write there. error, if that is the
// program's fault; CALL_PAGER, to be returned by the call's function, if its pager will
// help, or what was missing is there by now.
int32_t
call_fault(struct Call *call, uintptr_t va, size_t n, bool write, int32_t error)
{
	struct AddrSpace *as = call->env->k->as;
	uintptr_t page = ROUNDDOWN(va, PGSIZE), at = 0;
	bool bad = false;

	if (!call->env->env_pgfault_upcall || n == 0 || va >= UTOP || n > UTOP - va)
		return error;
	spin_lock(&as->lock);
	for (uintptr_t p = page; p < va + n && !at && !bad; p += PGSIZE) {
		enum Access access = look(as, p, write);
		if (access == ACCESS_PAGER)
			at = p;
		bad = access == ACCESS_NONE;
	}
	spin_unlock(&as->lock);
	if (bad)
		return error;
	call->arg = (at ? at : page) | (write ? ARG_WRITE : 0);
	return CALL_PAGER;
}

// copy_in for the argument of a call. 0, -E_FAULT, or CALL_PAGER.
int32_t
call_copy_in(struct Call *call, void *dst, uintptr_t src, size_t n)
{
	return copy_in(dst, src, n) == 0 ? 0 : call_fault(call, src, n, false, -E_FAULT);
}

// The same for copy_out.
int32_t
call_copy_out(struct Call *call, uintptr_t dst, const void *src, size_t n)
{
	return copy_out(dst, src, n) == 0 ? 0 : call_fault(call, dst, n, true, -E_FAULT);
}

// A call by trap of the running env has returned CALL_PAGER: makes its frame that of the
// pager, with the call behind it. False if there is no place for that, and it is ended.
bool
call_run_pager(struct Call *call)
{
	struct Trapframe *tf = &call->env->k->tf;
	uintptr_t va = call->arg & ~ARG_WRITE;

	call_restart(call);
	return page_fault_upcall(tf, va, FEC_CALL | FEC_U | (call->arg & ARG_WRITE ? FEC_WR : 0));
}
