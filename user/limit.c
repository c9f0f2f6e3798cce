// limit PAGES COMMAND [ARG...]: runs a command that may have so many pages mapped at
// once; its pager writes out what is beyond. Ends with the command's status.
#include <user/child.h>
#include <user/number.h>

void
umain(int argc, char **argv)
{
	long npages;
	int r;

	command.args = "PAGES COMMAND [ARG...]";
	if (argc < 3)
		usage();
	if (!read_number(argv[1], 10, 1, 1L << 20, &npages)) {
		complain_that(argv[1], "not a number of pages, 1 to 1048576");
		usage();
	}
	envid_t child = child_make(argv + 2, 0);
	if ((r = sys_env_set_limit(child, npages)) < 0) {
		complain_of(argv[1], r);
		sys_env_destroy(child);
		exit_status(STATUS_FAILED);
	}
	sys_env_set_status(child, ENV_RUNNABLE);
	child_finish(child, argv[2]);
}
