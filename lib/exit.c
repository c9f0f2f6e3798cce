// The end of a program, or of a thread.
#include <inc/lib.h>
#include "lib/share.h"
#include "lib/thread.h"

const struct ThreadHooks *thread_hooks;

// In a process's first thread: closes all descriptors, issues the calls that are posted,
// waits for none that is blocked, and ends the process with all its threads. A parent that
// watches it gets the status. In another thread: issues its calls, and ends that thread
// alone; the status is lost.
void
exit_status(int status)
{
	if (!is_thread())
		fd_end_all();
	else if (thread_hooks) // or sys_clone was called by hand
		thread_hooks->ending();
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
