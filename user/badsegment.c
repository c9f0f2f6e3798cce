// Loads ds with the selector of CPU 0's task state, which is no data segment:
// a general protection fault whose error code is that selector.
#include <inc/lib.h>

void
umain(int argc, char **argv)
{
	asm volatile("movw %w0, %%ds" : : "r"(GD_TSS0));
}
