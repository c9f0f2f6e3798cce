// Writes to address 0, where no program has a page: a page fault of a write
// from user mode ends the program.
#include <inc/lib.h>

// The pointer is volatile too, so that the compiler knows nothing of its value.
static volatile unsigned *volatile location = (volatile unsigned *)0;

void
umain(int argc, char **argv)
{
	*location = 0;
}
