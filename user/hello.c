// The first program: prints through the console call, and its own id from the
// env table that the kernel maps for all to read.
#include <inc/lib.h>

void
umain(int argc, char **argv)
{
	cprintf("hello, world\n");
	cprintf("i am environment %08x\n", thisenv->env_id);
}
