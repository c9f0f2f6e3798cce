// Files that are removed, replaced or renamed while they are open: whoever has one
// open goes on with it, and the name is free at once.
#include <test/guest/filecheck.h>

#define DIR "/t-fs_open"
#define SIZE 50000

static char buf[PGSIZE];

static void
removed(void)
{
	struct Stat st;
	int a, b;

	make_file(DIR "/f", SIZE, 1);
	a = must_open(DIR "/f", O_RDWR);
	b = must_open(DIR "/f", O_RDONLY);
	CHECK_EQ(remove(DIR "/f"), 0);
	must_be_missing(DIR "/f");
	CHECK_EQ(remove(DIR "/f"), -E_NOT_FOUND);
	CHECK_EQ(dir_count(DIR, NULL, NULL), 0);
	check_fd(b, 0, SIZE, 1);
	// It can be changed, and grows, for all who have it.
	CHECK_EQ(seek(a, SIZE), 0);
	fill(buf, PGSIZE, SIZE, 1);
	CHECK_EQ(write(a, buf, PGSIZE), PGSIZE);
	CHECK_EQ(seek(b, 0), 0);
	check_fd(b, 0, SIZE + PGSIZE, 1);
	CHECK_EQ(fstat(b, &st), 0);
	CHECK_EQ(st.st_size, SIZE + PGSIZE);
	// Another of that name is another.
	make_file(DIR "/f", 100, 2);
	CHECK_EQ(seek(b, 0), 0);
	check_fd(b, 0, SIZE + PGSIZE, 1);
	check_file(DIR "/f", 100, 2);
	CHECK_EQ(close(a), 0);
	CHECK_EQ(seek(b, 0), 0);
	check_fd(b, 0, SIZE + PGSIZE, 1);
	CHECK_EQ(sync(), 0);
	CHECK_EQ(close(b), 0);
	check_file(DIR "/f", 100, 2);
	// Its directory as well.
	CHECK_EQ(mkdir(DIR "/d"), 0);
	make_file(DIR "/d/f", 200, 3);
	a = must_open(DIR "/d/f", O_RDONLY);
	CHECK_EQ(remove(DIR "/d/f"), 0);
	CHECK_EQ(remove(DIR "/d"), 0);
	must_be_missing(DIR "/d");
	check_fd(a, 0, 200, 3);
	CHECK_EQ(close(a), 0);
}

static void
replaced(void)
{
	int a, b;

	make_file(DIR "/old", 300, 4);
	make_file(DIR "/new", 400, 5);
	a = must_open(DIR "/old", O_RDONLY);
	b = must_open(DIR "/new", O_RDWR);
	CHECK_EQ(rename(DIR "/new", DIR "/old"), 0);
	check_fd(a, 0, 300, 4); // the one that has no name any more
	check_fd(b, 0, 400, 5);
	check_file(DIR "/old", 400, 5);
	fill(buf, 100, 400, 5);
	CHECK_EQ(write(b, buf, 100), 100);
	check_file(DIR "/old", 500, 5);
	CHECK_EQ(close(b), 0);
	CHECK_EQ(seek(a, 0), 0);
	check_fd(a, 0, 300, 4);
	CHECK_EQ(close(a), 0);

	// Cut off by somebody else.
	a = must_open(DIR "/old", O_RDONLY);
	CHECK_EQ(read(a, buf, 100), 100);
	CHECK_EQ(close(must_open(DIR "/old", O_WRONLY | O_TRUNC)), 0);
	CHECK_EQ(read(a, buf, 100), 0);
	make_file(DIR "/old", 250, 6);
	check_fd(a, 100, 250, 6);
	CHECK_EQ(close(a), 0);
}

static void
renamed(void)
{
	struct Stat st;
	int a;

	make_file(DIR "/x", 100, 7);
	CHECK_EQ(mkdir(DIR "/dir"), 0);
	a = must_open(DIR "/x", O_RDWR);
	CHECK_EQ(rename(DIR "/x", DIR "/dir/y"), 0);
	CHECK_EQ(fstat(a, &st), 0);
	CHECK_EQ(strcmp(st.st_name, "y"), 0);
	CHECK_EQ(seek(a, 100), 0);
	fill(buf, 100, 100, 7);
	CHECK_EQ(write(a, buf, 100), 100);
	check_file(DIR "/dir/y", 200, 7);
	CHECK_EQ(rename(DIR "/dir", DIR "/dir2"), 0); // the directory around it
	fill(buf, 100, 200, 7);
	CHECK_EQ(write(a, buf, 100), 100);
	CHECK_EQ(close(a), 0);
	check_file(DIR "/dir2/y", 300, 7);
}

// A directory that somebody reads.
static void
directory(void)
{
	struct File f;
	int a;

	CHECK_EQ(mkdir(DIR "/list"), 0);
	make_file(DIR "/list/a", 1, 1);
	a = must_open(DIR "/list", O_RDONLY);
	CHECK_EQ(remove(DIR "/list"), -E_NOT_EMPTY);
	CHECK_EQ(remove(DIR "/list/a"), 0);
	while (readn(a, &f, sizeof(f)) == sizeof(f))
		CHECK_EQ(f.f_name[0], 0);
	CHECK_EQ(remove(DIR "/list"), 0);
	must_be_missing(DIR "/list");
	CHECK_EQ(seek(a, 0), 0);
	CHECK(read(a, &f, sizeof(f)) >= 0);
	CHECK_EQ(open(DIR "/list/b", O_RDWR | O_CREAT), -E_NOT_FOUND);
	CHECK_EQ(close(a), 0);
}

// Who has it open is killed, or does not close it.
static void
has_it_open(int how)
{
	int fd = must_open(DIR "/k", O_RDWR);

	CHECK_EQ(remove(DIR "/k"), 0);
	shared->ready = 1;
	if (how == 1)
		*(volatile uint32_t *)0 = 0;
	if (how == 2)
		sys_ipc_recv((void *)UTOP);
	check_fd(fd, 0, 3000, how);
}

static void
killed(void)
{
	for (int how = 0; how < 3; how++) {
		envid_t id;

		make_file(DIR "/k", 3000, how);
		shared->ready = 0;
		id = lib_child(has_it_open, how);
		AWAIT(shared->ready);
		if (how == 2)
			CHECK_EQ(sys_env_destroy(id), 0);
		wait(id);
		must_be_missing(DIR "/k");
	}
}

void
umain(int argc, char **argv)
{
	library_mode(argc, argv);
	share_results();
	work_begin(DIR);
	removed();
	replaced();
	renamed();
	directory();
	killed();
	CHECK_EQ(open_fds(), 3);
	work_end(DIR);
	PASS("fs_open");
}
