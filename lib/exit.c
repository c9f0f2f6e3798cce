// The end of a program.
#include <inc/lib.h>
#include "lib/share.h"

// Closes all descriptors, issues the calls that are posted, waits for none that is
// blocked, and ends the env. A parent that watches it gets the status.
void
exit_status(int status)
{
	fd_end_all();
	flex_flush();
	sys_env_exit(status);
	// Not reached. If the kernel refused, going on would be worse.
	for (;;)
		breakpoint();
}

// The same with status 0: all went well.
void
exit(void)
{
	exit_status(0);
}
