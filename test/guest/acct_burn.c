// acct_burn MSEC [STATUS]: uses a CPU for so long, and ends with a status.
#include <test/guest/check.h>

void
umain(int argc, char **argv)
{
	busy_msec(arg_number(argc, argv, 1, 100));
	exit_status(arg_number(argc, argv, 2, 0));
}
