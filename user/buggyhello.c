// Passes the kernel a pointer into the page that is never mapped. The kernel
// names the address and ends the program; nothing is printed.
#include <inc/lib.h>

void
umain(int argc, char **argv)
{
	sys_cputs((const char *)1, 1);
}
