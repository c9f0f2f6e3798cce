// A fork bomb, for the shell's tests: ctrl-C and kill must end all of it, on any
// number of CPUs.
#include <inc/lib.h>

void
umain(int argc, char **argv)
{
	cprintf("bomb: on its way\n");
	for (;;)
		if (fork() < 0)
			sys_yield();
}
