// Names a good page-fault upcall but maps no exception stack for it. At the
// fault the kernel has nowhere to put the frame, and ends the program.
#include <inc/lib.h>

void _pgfault_upcall(void); // lib/pfentry.S

static volatile int *volatile nowhere;

void
umain(int argc, char **argv)
{
	sys_env_set_pgfault_upcall(0, (void *)_pgfault_upcall);
	*nowhere = 0;
}
