// Page faults of programs: handed to the program's own handler, on its exception
// stack, or the end of it.

#include <inc/error.h>
#include <inc/stdio.h>
#include <kern/aspace.h>
#include <kern/env.h>
#include <kern/trap.h>
#include <kern/trapframe.h>
#include <kern/usercopy.h>

// Whether the page tables permit the access after all: another CPU has granted
// it, and this one still had the old entry in its TLB. The fault itself made it
// forget that, so the access need only be made again. err: FEC_*.
bool
page_fault_spurious(uintptr_t va, uint32_t err)
{
	struct AddrSpace *as = thiscpu->as;
	pte_t *pte = as && va < UTOP ? as_walk(as, va, false) : NULL;
	pte_t want = PTE_P | PTE_U | (err & FEC_WR ? PTE_W : 0);

	return pte && (*(volatile pte_t *)pte & want) == want;
}

// Ends the current env's process for a fault that nobody deals with.
static void
end_for_fault(struct Trapframe *tf, uintptr_t va)
{
	cprintf("[%08x] user fault va %08x ip %08x\n", curenv->env_id, va, tf->tf_eip);
	print_trapframe(tf);
	env_fault(curenv);
}

// Whether the env is on its exception stack.
bool
trap_on_exception_stack(const struct Env *e)
{
	return e->k->tf.tf_esp - (e->env_xstacktop - PGSIZE) < PGSIZE;
}

// Makes tf, the current env's frame, that of its page-fault handler, for a fault at va; err
// is FEC_*. False if that can't be, and the env is being ended.
bool
page_fault_upcall(struct Trapframe *tf, uintptr_t va, uint32_t err)
{
	struct Env *e = curenv;
	uintptr_t upcall = e->env_pgfault_upcall; // others may change it meanwhile
	uintptr_t top = e->env_xstacktop, bottom = top - PGSIZE;

	if (!upcall) {
		end_for_fault(tf, va);
		return false;
	}
	struct UTrapframe utf = {
		.utf_fault_va = va,
		.utf_err = err,
		.utf_regs = tf->tf_regs,
		.utf_eip = tf->tf_eip,
		.utf_eflags = tf->tf_eflags,
		.utf_esp = tf->tf_esp,
	};
	// A fault in the handler goes below it, over a word that the library
	// returns by.
	uintptr_t sp = (trap_on_exception_stack(e) ? tf->tf_esp - 4 : top) - sizeof(utf);

	// One page is all there is: what lies below is another mapping.
	if (sp < bottom || copy_out(sp, &utf, sizeof(utf)) < 0) {
		cprintf("[%08x] user_mem_check assertion failure for va %08x\n", e->env_id, sp);
		env_fault(e);
		return false;
	}
	tf->tf_esp = sp;
	tf->tf_eip = upcall;
	tf->tf_eflags &= ~(FL_DF | FL_TF | FL_AC);
	tf->tf_trapno = T_PGFLT; // not by sysexit, even after a call
	return true;
}

// The current env faulted at va. On return its frame is the handler's, or it
// is being ended.
void
page_fault_user(struct Trapframe *tf, uintptr_t va)
{
	if (!page_fault_spurious(va, tf->tf_err))
		page_fault_upcall(tf, va, tf->tf_err);
}
