// A page-fault handler that says what happened and ends the program in an
// orderly way.
#include <inc/lib.h>

static void
handler(struct UTrapframe *utf)
{
	// Only the bits that say what kind of access it was.
	cprintf("i faulted at va %x, err %x\n", utf->utf_fault_va, utf->utf_err & 7);
	sys_env_destroy(sys_getenvid());
}

void
umain(int argc, char **argv)
{
	volatile int *volatile va = (volatile int *)0xdeadbeef;

	set_pgfault_handler(handler);
	*va = 0;
}
