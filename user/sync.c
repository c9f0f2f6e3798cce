// When it has ended, all that was written to files before is on the disk.
#include <user/command.h>

void
umain(int argc, char **argv)
{
	int r;

	read_options(&argc, argv, "", "");
	if (argc > 1)
		usage();
	if ((r = sync()) < 0)
		complain("disk", r);
	finish();
}
