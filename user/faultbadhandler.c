// Names a page-fault upcall where nothing is mapped. Entering it faults again,
// each time with a further frame, until the exception stack is full; then the
// kernel ends the program.
#include <inc/lib.h>

static volatile int *volatile nowhere;

void
umain(int argc, char **argv)
{
	int r = sys_page_alloc(0, (void *)(UXSTACKTOP - PGSIZE), PTE_P | PTE_U | PTE_W);
	if (r < 0)
		panic("sys_page_alloc: %e", r);
	sys_env_set_pgfault_upcall(0, (void *)0xdeadbeef);
	*nowhere = 0;
}
