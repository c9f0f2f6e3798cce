// Gives up the CPU five times and says each time that it is back. Several of
// these at once show the scheduler going around.
#include <inc/lib.h>

void
umain(int argc, char **argv)
{
	envid_t me = thisenv->env_id;

	cprintf("Hello, I am environment %08x.\n", me);
	for (int i = 0; i < 5; i++) {
		sys_yield();
		cprintf("Back in environment %08x, iteration %d.\n", me, i);
	}
	cprintf("All done in environment %08x.\n", me);
}
