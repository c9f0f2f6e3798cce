// mv FROM... TO: gives a file or directory another name, or moves them into the
// directory TO. A file that has the new name already is replaced.
#include <user/target.h>

static void
move(const char *from, const char *to)
{
	int r;

	if (path_same(from, to)) {
		complain_that(from, "is the same file");
		return;
	}
	if (is_dir(from) && path_within(to, from)) {
		complain_that(from, "cannot be moved into itself");
		return;
	}
	if ((r = rename(from, to)) < 0)
		complain(from, r);
}

void
umain(int argc, char **argv)
{
	read_options(&argc, argv, "", "FROM... TO");
	each_target(argc, argv, move);
	finish();
}
