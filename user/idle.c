// Does nothing for ever but give up the CPU: a program that is always runnable
// and must be in nobody's way.
#include <inc/lib.h>

void
umain(int argc, char **argv)
{
	for (;;)
		sys_yield();
}
