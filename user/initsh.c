// As init, but only the shell.
#include <user/keepshell.h>

void
umain(int argc, char **argv)
{
	int r;

	cprintf("initsh: running sh\n");
	if ((r = console_first()) < 0) {
		cprintf("initsh: console: %e\n", r);
		exit_status(1);
	}
	r = keep_shell("initsh");
	exit_status(r < 0 ? 1 : r);
}
