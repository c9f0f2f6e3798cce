// Files that survive: `fs_reboot write` makes a tree, `fs_reboot check` finds it at a
// later boot; `fs_reboot cut` makes it, waits until it is safe, and stays, for the
// power to be cut.
#include <test/guest/filecheck.h>

#define DIR "/t-fs_reboot"

static char path[100];

static void
write_tree(void)
{
	work_begin(DIR);
	make_file(DIR "/empty", 0, 0);
	make_file(DIR "/small", 100, 1);
	make_file(DIR "/large", 5 << 20, 2);
	CHECK_EQ(mkdir(DIR "/dir"), 0);
	CHECK_EQ(mkdir(DIR "/dir/dir"), 0);
	for (int i = 0; i < 40; i++) {
		snprintf(path, sizeof(path), DIR "/dir/dir/%d", i);
		make_file(path, i * 1000, i);
	}
	make_file(DIR "/gone", 100000, 3);
	CHECK_EQ(remove(DIR "/gone"), 0);
	make_file(DIR "/before", 5000, 4);
	CHECK_EQ(rename(DIR "/before", DIR "/dir/after"), 0);
}

static void
check_tree(void)
{
	check_file(DIR "/empty", 0, 0);
	check_file(DIR "/small", 100, 1);
	check_file(DIR "/large", 5 << 20, 2);
	for (int i = 0; i < 40; i++) {
		snprintf(path, sizeof(path), DIR "/dir/dir/%d", i);
		check_file(path, i * 1000, i);
	}
	must_be_missing(DIR "/gone");
	must_be_missing(DIR "/before");
	check_file(DIR "/dir/after", 5000, 4);
	CHECK_EQ(dir_count(DIR, NULL, NULL), 4);
	CHECK_EQ(dir_count(DIR "/dir", NULL, NULL), 2);
	CHECK_EQ(dir_count(DIR "/dir/dir", NULL, NULL), 40);
}

void
umain(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "write") == 0) {
		write_tree();
	} else if (strcmp(what, "check") == 0) {
		check_tree();
	} else if (strcmp(what, "cut") == 0) {
		int fd;

		write_tree();
		CHECK_EQ(sync(), 0);
		fd = must_open(DIR "-late", O_WRONLY | O_CREAT);
		CHECK_EQ(write(fd, "perhaps", 7), 7); // nobody promised this
		cprintf("fs_reboot: cut the power\n");
		for (;;)
			sleep_msec(1000);
	} else {
		panic("write, check or cut?");
	}
	PASS("fs_reboot");
}
