// mkdir DIR...: makes directories.
#include <user/command.h>

void
umain(int argc, char **argv)
{
	int r;

	read_options(&argc, argv, "", "DIR...");
	if (argc < 2)
		usage();
	for (int i = 1; i < argc; i++)
		if ((r = mkdir(argv[i])) < 0)
			complain(argv[i], r);
	finish();
}
