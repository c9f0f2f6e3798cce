// lsfd [-1]: lists the open descriptors that it was given, on the console; -1: on
// its output.
#include <user/command.h>

void
umain(int argc, char **argv)
{
	read_options(&argc, argv, "1", "[-1]");
	if (argc > 1)
		usage();
	for (int fd = 0; fd < MAXFD; fd++) {
		char line[256];
		struct Stat st;

		if (fstat(fd, &st) < 0)
			continue;
		snprintf(line, sizeof(line), "fd %d: name %s isdir %d size %d dev %s\n", fd,
			 st.st_name, st.st_isdir, st.st_size, st.st_dev->dev_name);
		if (has_option('1'))
			print("%s", line);
		else
			cprintf("%s", line);
	}
	finish();
}
