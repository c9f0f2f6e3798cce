// Names a page-fault upcall inside the kernel. It is entered in user mode all
// the same, faults again and again, and the program ends when its exception
// stack is full, if the kernel has not refused the address before.
#include <inc/lib.h>

static volatile int *volatile nowhere;

void
umain(int argc, char **argv)
{
	int r = sys_page_alloc(0, (void *)(UXSTACKTOP - PGSIZE), PTE_P | PTE_U | PTE_W);
	if (r < 0)
		panic("sys_page_alloc: %e", r);
	sys_env_set_pgfault_upcall(0, (void *)0xf0100020);
	*nowhere = 0;
}
