// Writes to the kernel's half of the address space: a protection fault ends
// the program, and the kernel is unharmed.
#include <inc/lib.h>

// The pointer is volatile too, so that the compiler knows nothing of its value.
static volatile unsigned *volatile location = (volatile unsigned *)0xf0100000;

void
umain(int argc, char **argv)
{
	*location = 0;
}
