// Starts /hello from the disk.
#include <inc/lib.h>

void
umain(int argc, char **argv)
{
	cprintf("i am parent environment %08x\n", thisenv->env_id);
	envid_t child = spawnl("/hello", "hello", NULL);
	if (child < 0)
		panic("spawn /hello: %e", child);
}
