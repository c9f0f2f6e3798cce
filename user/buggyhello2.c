// Passes the kernel a good pointer with a length that runs far past the end of
// the program. All of a buffer is checked before any of it is printed, so the
// greeting does not appear.
#include <inc/lib.h>

static const char *volatile greeting = "hello, world\n";

void
umain(int argc, char **argv)
{
	sys_cputs(greeting, 1 << 20);
}
