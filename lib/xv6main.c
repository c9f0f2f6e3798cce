// The entry point of programs that include inc/xv6.h. Linked where there is no umain.
#include <inc/lib.h>

int xv6_main(int argc, char **argv);

void
umain(int argc, char **argv)
{
	exit_status(xv6_main(argc, argv));
}
