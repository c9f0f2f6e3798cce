// Does nothing, and fails.
#include <inc/lib.h>

void
umain(int argc, char **argv)
{
	exit_status(1);
}
