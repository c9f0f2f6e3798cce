// help [COMMAND...]: the commands, a line each.
#include <user/help.h>

void
umain(int argc, char **argv)
{
	exit_status(help_print(1, 2, argc, (const char *const *)argv));
}
