// A full directory: -E_DIR_FULL, every name in it is found, and a slot that is given
// back can be had again.
//
// Argument: there, if its names, but for the last 16, are on the disk already; then
// they stay there, too.
#include <test/guest/filecheck.h>

#define DIR "/t-fs_dirfull"

static char path[64], other[64];

static char *
name(char *at, int n)
{
	snprintf(at, sizeof(path), DIR "/d/name%d", n);
	return at;
}

// 0, or the first error.
static int
make(int n)
{
	int fd = open(name(path, n), O_WRONLY | O_CREAT | O_EXCL);

	return fd < 0 ? fd : close(fd);
}

static void
all_removed(void)
{
	for (int i = MAXDIRENTS; i >= 0; i--) {
		int r = remove(name(path, i));

		if (r != (i == 4000 ? -E_NOT_FOUND : 0))
			panic("removing name %d: %e", i, r);
	}
	CHECK_EQ(dir_count(DIR "/d", NULL, NULL), 0);
	CHECK_EQ(make(0), 0);
	CHECK_EQ(make(1), 0);
	CHECK_EQ(dir_count(DIR "/d", NULL, NULL), 2);
}

void
umain(int argc, char **argv)
{
	bool there = argc > 1 && strcmp(argv[1], "there") == 0;
	struct Stat st;

	if (!there) {
		work_begin(DIR);
		CHECK_EQ(mkdir(DIR "/d"), 0);
	}
	make_file(DIR "/outside", 500, 1);
	for (int i = there ? MAXDIRENTS - 16 : 0; i < MAXDIRENTS; i++) {
		int r = make(i);

		if (r < 0)
			panic("name %d: %e", i, r);
	}
	CHECK_EQ(make(MAXDIRENTS), -E_DIR_FULL);
	CHECK_EQ(mkdir(name(path, MAXDIRENTS)), -E_DIR_FULL);
	CHECK_EQ(rename(DIR "/outside", path), -E_DIR_FULL);
	must_be_missing(path);
	check_file(DIR "/outside", 500, 1);
	CHECK_EQ(make(17), -E_FILE_EXISTS);
	CHECK_EQ(stat(DIR "/d", &st), 0);
	CHECK_EQ(st.st_size, MAXDIRENTS * sizeof(struct File));
	CHECK_EQ(dir_count(DIR "/d", NULL, NULL), MAXDIRENTS);

	// A change of name needs no slot; over an existing one it gives one back.
	CHECK_EQ(rename(name(path, 100), name(other, MAXDIRENTS)), 0);
	must_be_missing(path);
	CHECK_EQ(rename(name(path, 101), name(other, 102)), 0);
	CHECK_EQ(rename(DIR "/outside", name(path, 100)), 0);
	check_file(path, 500, 1);
	CHECK_EQ(make(101), -E_DIR_FULL);
	CHECK_EQ(remove(name(path, 4000)), 0);
	CHECK_EQ(mkdir(name(path, 101)), 0);
	CHECK_EQ(make(4000), -E_DIR_FULL);
	// Its own space is the directory's; others have theirs.
	make_file(DIR "/outside", 700, 2);
	check_file(DIR "/outside", 700, 2);

	if (!there)
		all_removed();
	CHECK_EQ(sync(), 0);
	if (!there)
		work_end(DIR);
	PASS("fs_dirfull");
}
