// Starts /init from the disk, with arguments.
#include <inc/lib.h>

void
umain(int argc, char **argv)
{
	cprintf("i am parent environment %08x\n", thisenv->env_id);
	envid_t child = spawnl("/init", "init", "one", "two", NULL);
	if (child < 0)
		panic("spawn /init: %e", child);
}
