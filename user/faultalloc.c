// A page-fault handler that makes pages as they are touched. The second string
// lies across two pages, so that the handler faults while it handles a fault.
#include <inc/lib.h>

// Maps a page where the fault was and writes a string there. The string may
// cross into the next page: the handler itself then faults, and is entered
// anew on the same exception stack.
static void
handler(struct UTrapframe *utf)
{
	char *va = (char *)utf->utf_fault_va;
	int r;

	cprintf("fault %x\n", (uintptr_t)va);
	r = sys_page_alloc(0, ROUNDDOWN(va, PGSIZE), PTE_P | PTE_U | PTE_W);
	if (r < 0)
		panic("allocating at %x in page fault handler: %e", (uintptr_t)va, r);
	snprintf(va, 100, "this string was faulted in at %x", (uintptr_t)va);
}

void
umain(int argc, char **argv)
{
	set_pgfault_handler(handler);
	cprintf("%s\n", (char *)0xdeadbeef);
	cprintf("%s\n", (char *)0xcafebffe);
}
