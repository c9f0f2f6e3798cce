// A page-fault handler makes pages as the program touches them, but the kernel
// does not run it for an address handed to a system call where nothing is
// mapped: the call is refused, and with cputs the program ends.
#include <inc/lib.h>

static void
handler(struct UTrapframe *utf)
{
	uintptr_t va = utf->utf_fault_va;
	int r;

	cprintf("fault %x\n", va);
	r = sys_page_alloc(0, (void *)ROUNDDOWN(va, PGSIZE), PTE_P | PTE_U | PTE_W);
	if (r < 0)
		panic("allocating at %x in page fault handler: %e", va, r);
}

void
umain(int argc, char **argv)
{
	set_pgfault_handler(handler);
	sys_cputs((const char *)0xdeadbeef, 4);
}
