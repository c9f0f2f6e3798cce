// Reads from address 0, where no program has a page: a page fault of a read
// from user mode, which ends the program before it prints.
#include <inc/lib.h>

// The pointer is volatile too, so that the compiler knows nothing of its value.
static volatile unsigned *volatile location = (volatile unsigned *)0;

void
umain(int argc, char **argv)
{
	cprintf("I read %08x from location 0!\n", *location);
}
