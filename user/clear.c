// Clears a terminal's screen.
#include <user/command.h>

void
umain(int argc, char **argv)
{
	read_options(&argc, argv, "", "");
	if (argc > 1)
		usage();
	print("\033[H\033[2J");
	finish();
}
