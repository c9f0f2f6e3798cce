// Asks the kernel to print its own memory. It must refuse, although it could
// itself read what is there.
#include <inc/lib.h>

void
umain(int argc, char **argv)
{
	sys_cputs((const char *)0xf010000c, 100);
}
