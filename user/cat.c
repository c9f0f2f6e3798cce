// cat [FILE...]: prints files one after the other. - and no FILE: its input.
#include <user/command.h>

static char buf[4 * PGSIZE] __attribute__((aligned(PGSIZE)));

static void
cat(int fd, const char *name)
{
	ssize_t n;

	// What can be had at once: a pipe's or the console's next bytes are not waited for.
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		output(buf, n);
	if (n < 0)
		complain(name, n);
}

void
umain(int argc, char **argv)
{
	read_options(&argc, argv, "", "[FILE...]");
	each_input(argc, argv, cat);
	finish();
}
