// Page faults that the program handles itself.
//
// A fault is offered to the library's own pager first, then to the program's
// handler. One that neither wants is the kernel's: with the upcall taken away
// the instruction faults again, and the kernel says where and ends the program.
#include <inc/lib.h>
#include "lib/pgfault.h"
#include "lib/vm.h"

void (*_pgfault_handler)(struct UTrapframe *utf);

// Without a page to be had, the lowest of the first stack becomes the exception stack, if nothing
// is on it yet: the pager will make another if it is needed. Whether that worked.
static bool
take_stack_page(uintptr_t xstack)
{
	void *lowest = (void *)(USTACKTOP - USTACKPAGES * PGSIZE);
	const uint32_t *word = lowest;

	if (!vm_present((uintptr_t)lowest))
		return false;
	for (int i = 0; i < PGSIZE / 4; i++)
		if (word[i] != 0)
			return false;
	if (sys_page_map(0, lowest, 0, (void *)xstack, PTE_P | PTE_U | PTE_W) < 0)
		return false;
	sys_page_mark(0, lowest, 1, PTE_PAGED | PTE_U | PTE_W);
	return true;
}

// Sees to it that this thread has an exception stack and that its faults come to
// pgfault_dispatch. Looks at what it has and not at what was done before: a
// forked child inherits our variables, but neither of the two. 0 or -E_NO_MEM.
int
pgfault_setup(void)
{
	const uintptr_t stack = thisenv->env_xstacktop - PGSIZE;
	int r;

	if (!vm_present(stack)) {
		r = sys_page_alloc(0, (void *)stack, PTE_P | PTE_U | PTE_W);
		if (r < 0 && !(stack == UXSTACKTOP - PGSIZE && take_stack_page(stack)))
			return r;
	}
	if (thisenv->env_pgfault_upcall == (uintptr_t)_pgfault_upcall)
		return 0;
	return sys_env_set_pgfault_upcall(0, _pgfault_upcall);
}

// Called by lib/pfentry.S on the exception stack.
void
pgfault_dispatch(struct UTrapframe *utf)
{
	// A thread that has just begun does not know itself yet. Its variables are there, on a page
	// that is never copy-on-write.
	if (!thisenv)
		thisenv = &envs[ENVX(sys_getenvid())];
	if (pager_fault(utf))
		return;
	// Unmapped by another thread meanwhile: a system call finds that out by itself.
	if ((utf->utf_err & FEC_CALL) && vm_entry(utf->utf_fault_va) == 0)
		return;
	if (_pgfault_handler)
		_pgfault_handler(utf);
	else
		sys_env_set_pgfault_upcall(0, NULL);
}

// Lets handler deal with this program's page faults. It runs on a stack of its
// own and may fault itself; when it returns, the instruction is tried again.
// NULL: faults that the library doesn't know end the program.
void
set_pgfault_handler(void (*handler)(struct UTrapframe *utf))
{
	int r = pgfault_setup();

	if (r < 0)
		panic("set_pgfault_handler: %s", error_words(r));
	_pgfault_handler = handler;
}
