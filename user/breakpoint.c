// Stops at a breakpoint. With MONITOR=1 the kernel monitor takes over; without
// it there is nobody to debug the program, and it ends as by a fault.
#include <inc/lib.h>

void
umain(int argc, char **argv)
{
	asm volatile("int $3");
}
