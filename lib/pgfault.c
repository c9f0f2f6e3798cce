// Page faults that the program handles itself.
//
// A fault is offered to the library's own pager first, then to the program's
// handler. One that neither wants is the kernel's: with the upcall taken away
// the instruction faults again, and the kernel says where and ends the program.
#include <inc/lib.h>
#include "lib/pgfault.h"

bool (*pgfault_pager)(struct UTrapframe *utf);

// The program's handler, or NULL.
void (*_pgfault_handler)(struct UTrapframe *utf);

static bool
is_mapped(uintptr_t va)
{
	return (uvpd[PDX(va)] & PTE_P) && (uvpt[PGNUM(va)] & PTE_P);
}

// Sees to it that this env has an exception stack and that its faults come to
// pgfault_dispatch. Looks at what the env has and not at what was done before: a
// forked child inherits our variables, but neither of the two. 0 or -E_NO_MEM.
int
pgfault_setup(void)
{
	const uintptr_t stack = UXSTACKTOP - PGSIZE;
	int r;

	if (!is_mapped(stack)) {
		r = sys_page_alloc(0, (void *)stack, PTE_P | PTE_U | PTE_W);
		if (r < 0)
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
	if (pgfault_pager && pgfault_pager(utf))
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
