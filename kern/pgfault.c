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

// The current env faulted at va. On return its frame is the handler's, or it
// is being ended.
void
page_fault_user(struct Trapframe *tf, uintptr_t va)
{
	struct Env *e = curenv;

	if (page_fault_spurious(va, tf->tf_err))
		return;
	uintptr_t upcall = e->env_pgfault_upcall; // the parent may change it meanwhile
	if (!upcall) {
		cprintf("[%08x] user fault va %08x ip %08x\n", e->env_id, va, tf->tf_eip);
		print_trapframe(tf);
		env_fault(e);
		return;
	}

	struct UTrapframe utf = {
		.utf_fault_va = va,
		.utf_err = tf->tf_err,
		.utf_regs = tf->tf_regs,
		.utf_eip = tf->tf_eip,
		.utf_eflags = tf->tf_eflags,
		.utf_esp = tf->tf_esp,
	};
	// A fault in the handler goes below it, over a word that the library
	// returns by.
	bool nested = tf->tf_esp >= UXSTACKTOP - PGSIZE && tf->tf_esp < UXSTACKTOP;
	uintptr_t sp = (nested ? tf->tf_esp - 4 : UXSTACKTOP) - sizeof(utf);

	// One page is all there is: what lies below is another mapping.
	if (sp < UXSTACKTOP - PGSIZE || copy_out(sp, &utf, sizeof(utf)) < 0) {
		cprintf("[%08x] user_mem_check assertion failure for va %08x\n", e->env_id, sp);
		env_fault(e);
		return;
	}
	tf->tf_esp = sp;
	tf->tf_eip = upcall;
	tf->tf_eflags &= ~(FL_DF | FL_TF | FL_AC);
	tf->tf_trapno = T_PGFLT; // not by sysexit, even after a call
}
