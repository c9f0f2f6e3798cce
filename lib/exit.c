// The end of a program.
#include <inc/lib.h>

// Issues the calls that are posted, waits for none that is blocked, and ends
// the env.
void
exit(void)
{
	flex_flush();
	sys_env_destroy(0);
	// Not reached. If the kernel refused, going on would be worse.
	for (;;)
		breakpoint();
}
