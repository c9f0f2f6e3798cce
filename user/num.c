// num [FILE...]: prints files, or its input, with a number in front of each line.
#include <user/command.h>

static char buf[PGSIZE] __attribute__((aligned(PGSIZE)));
static int number;
static bool in_line;

static void
num(int fd, const char *name)
{
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		for (int i = 0; i < n; i++) {
			if (!in_line)
				print("%5d ", ++number);
			print_char(buf[i], NULL);
			in_line = buf[i] != '\n';
		}
		flush();
	}
	if (n < 0)
		complain(name, n);
}

void
umain(int argc, char **argv)
{
	read_options(&argc, argv, "", "[FILE...]");
	each_input(argc, argv, num);
	finish();
}
