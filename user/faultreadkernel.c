// Reads from the kernel's half of the address space. The page is there but not
// for user mode: a protection fault ends the program before it prints.
#include <inc/lib.h>

// The pointer is volatile too, so that the compiler knows nothing of its value.
static volatile unsigned *volatile location = (volatile unsigned *)0xf0100000;

void
umain(int argc, char **argv)
{
	cprintf("I read %08x from location 0xf0100000!\n", *location);
}
