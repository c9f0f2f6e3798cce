// The table of descriptors: which is given, what each function says of a bad or
// closed one, dup, exhaustion, and the functions beneath (fd_alloc and its like).
#include <test/guest/filecheck.h>

#define DIR "/t-lib_fd"

static const int bad_fds[] = {-1, MAXFD, MAXFD + 1, 1000000, (int)0x80000000, 20};

// Every function on descriptors that there are not; 20 is closed.
static void
bad_descriptors(void)
{
	static char buf[8];
	struct Stat st;
	struct Fd *fd;

	for (unsigned i = 0; i < ARRAY_SIZE(bad_fds); i++) {
		int n = bad_fds[i];

		CHECK_EQ(read(n, buf, sizeof(buf)), -E_INVAL);
		CHECK_EQ(readn(n, buf, sizeof(buf)), -E_INVAL);
		CHECK_EQ(write(n, buf, sizeof(buf)), -E_INVAL);
		CHECK_EQ(close(n), -E_INVAL);
		CHECK_EQ(seek(n, 0), -E_INVAL);
		CHECK_EQ(fstat(n, &st), -E_INVAL);
		CHECK_EQ(ftruncate(n, 0), -E_INVAL);
		CHECK_EQ(dup(n, 3), -E_INVAL);
		CHECK_EQ(pipeisclosed(n), -E_INVAL);
		CHECK_EQ(iscons(n), -E_INVAL);
		CHECK_EQ(fprintf(n, "x"), -E_INVAL);
		CHECK_EQ(fd_lookup(n, &fd), -E_INVAL);
		if (n != 20)
			CHECK_EQ(dup(0, n), -E_INVAL);
	}
	CHECK_EQ(open_fds(), 3);
}

static void
console(void)
{
	struct Stat st;
	struct Dev *dev;

	for (int i = 0; i < 3; i++) {
		CHECK_EQ(iscons(i), 1);
		CHECK_EQ(fstat(i, &st), 0);
		CHECK(st.st_dev == &devcons);
		CHECK_EQ(st.st_isdir, 0);
		CHECK_EQ(ftruncate(i, 0), -E_NOT_SUPP);
	}
	CHECK_EQ(open_fds(), 3);
	CHECK_EQ(dev_lookup(devfile.dev_id, &dev), 0);
	CHECK(dev == &devfile);
	CHECK_EQ(dev_lookup(devpipe.dev_id, &dev), 0);
	CHECK(dev == &devpipe);
	CHECK_EQ(dev_lookup(devcons.dev_id, &dev), 0);
	CHECK(dev == &devcons);
	CHECK_EQ(dev_lookup(12345, &dev), -E_INVAL);
}

// The lowest that is free, always.
static void
lowest(void)
{
	for (int i = 3; i < 10; i++)
		CHECK_EQ(open(DIR "/a", O_RDONLY), i);
	CHECK_EQ(close(7), 0);
	CHECK_EQ(close(4), 0);
	CHECK_EQ(close(4), -E_INVAL);
	CHECK_EQ(open(DIR "/a", O_RDONLY), 4);
	CHECK_EQ(open(DIR "/missing", O_RDONLY), -E_NOT_FOUND);
	CHECK_EQ(open(DIR "/a", O_RDONLY), 7);
	CHECK_EQ(open(DIR "/a", O_RDONLY), 10);
	CHECK_EQ(close(0), 0);
	CHECK_EQ(opencons(), 0);
	CHECK_EQ(iscons(0), 1);
	CHECK_EQ(iscons(3), 0);
	for (int i = 3; i < 11; i++)
		CHECK_EQ(close(i), 0);
}

// A duplicate is the same open file.
static void
duplicates(void)
{
	static char buf[16];
	int a = must_open(DIR "/a", O_RDONLY), b = must_open(DIR "/b", O_RDONLY);

	CHECK_EQ(dup(a, 12), 12);
	CHECK_EQ(read(a, buf, 5), 5);
	CHECK(is_filled(buf, 5, 0, 1));
	CHECK_EQ(read(12, buf, 5), 5);
	CHECK(is_filled(buf, 5, 5, 1));
	CHECK_EQ(seek(12, 100), 0);
	CHECK_EQ(close(12), 0);
	CHECK_EQ(read(a, buf, 5), 5);
	CHECK(is_filled(buf, 5, 100, 1));

	// Onto itself: nothing happens. Onto an open one: that is closed.
	CHECK_EQ(dup(a, a), a);
	CHECK_EQ(read(a, buf, 5), 5);
	CHECK(is_filled(buf, 5, 105, 1));
	CHECK_EQ(dup(b, a), a);
	CHECK_EQ(read(a, buf, 5), 5);
	CHECK(is_filled(buf, 5, 0, 2));
	CHECK_EQ(close(b), 0);
	CHECK_EQ(read(a, buf, 5), 5);
	CHECK(is_filled(buf, 5, 5, 2));
	// From a closed one: the target stays as it was.
	CHECK_EQ(dup(20, a), -E_INVAL);
	CHECK_EQ(read(a, buf, 5), 5);
	CHECK(is_filled(buf, 5, 10, 2));
	CHECK_EQ(dup(a, MAXFD - 1), MAXFD - 1);
	CHECK_EQ(read(MAXFD - 1, buf, 5), 5);
	CHECK_EQ(close(MAXFD - 1), 0);
	CHECK_EQ(close(a), 0);
	CHECK_EQ(open_fds(), 3);
}

// With all taken, and with one left.
static void
exhaustion(void)
{
	const char *argv[] = {"lib_child", NULL};
	struct Stat st;
	struct Fd *fd;
	int p[2] = {-7, -7};

	for (int i = 3; i < MAXFD; i++)
		CHECK_EQ(open(i % 2 ? DIR "/a" : DIR "/b", O_RDONLY), i);
	for (int left = 0; left < 2; left++) {
		if (left == 0) {
			CHECK_EQ(open(DIR "/a", O_RDONLY), -E_MAX_OPEN);
			CHECK_EQ(open(DIR "/new", O_RDWR | O_CREAT), -E_MAX_OPEN);
			CHECK_EQ(stat(DIR "/a", &st), -E_MAX_OPEN);
			CHECK_EQ(opencons(), -E_MAX_OPEN);
			CHECK_EQ(fd_alloc(&fd), -E_MAX_OPEN);
			CHECK(fd == NULL);
			CHECK_EQ(spawn("/test/lib_child", argv), -E_MAX_OPEN);
		}
		CHECK_EQ(pipe(p), -E_MAX_OPEN);
		CHECK_EQ(open_fds(), MAXFD - left);
		CHECK_EQ(close(20 + left), 0);
	}
	CHECK_EQ(pipe(p), 0); // 20 and 21
	CHECK_EQ(p[0] + p[1], 41);
	CHECK_EQ(close(20), 0);
	CHECK_EQ(close(21), 0);
	must_be_missing(DIR "/new");
	CHECK_EQ(open(DIR "/a", O_RDONLY), 20);
	for (int i = 3; i < MAXFD; i++)
		if (i != 21)
			CHECK_EQ(close(i), 0);
	CHECK_EQ(open_fds(), 3);
}

// The page of a descriptor, taken by hand as devices do.
static void
beneath(void)
{
	struct Fd *fd, *again;

	CHECK_EQ(fd_alloc(&fd), 0);
	CHECK(fd == INDEX2FD(3));
	CHECK_EQ(fd_alloc(&again), 0);
	CHECK(again == fd); // not taken before its page is mapped
	CHECK_EQ(fd2num(fd), 3);
	CHECK(fd2data(fd) == INDEX2DATA(3));
	CHECK_EQ(fd_close(fd, true), -E_INVAL);
	CHECK_EQ(fd_close(fd, false), 0);
	CHECK_EQ(sys_page_alloc(0, fd, RW | PTE_SHARE), 0);
	fd->fd_dev_id = devcons.dev_id;
	fd->fd_omode = O_RDWR;
	CHECK_EQ(fd_lookup(3, &again), 0);
	CHECK(again == fd);
	CHECK_EQ(iscons(3), 1);
	CHECK_EQ(fd_alloc(&again), 0);
	CHECK(again == INDEX2FD(4));
	CHECK_EQ(fd_close(fd, true), 0);
	CHECK_EQ(fd_lookup(3, &again), -E_INVAL);

	// A descriptor of no device.
	CHECK_EQ(sys_page_alloc(0, fd, RW | PTE_SHARE), 0);
	fd->fd_dev_id = 12345;
	fd->fd_omode = O_RDWR;
	CHECK_EQ(read(3, &fd, 1), -E_INVAL);
	CHECK_EQ(write(3, "x", 1), -E_INVAL);
	CHECK_EQ(sys_page_unmap(0, INDEX2FD(3)), 0);
}

void
umain(int argc, char **argv)
{
	library_mode(argc, argv);
	console();
	bad_descriptors();
	work_begin(DIR);
	make_file(DIR "/a", 3000, 1);
	make_file(DIR "/b", 3000, 2);
	lowest();
	duplicates();
	exhaustion();
	beneath();
	CHECK_EQ(open_fds(), 3);
	must_open(DIR "/a", O_RDONLY);
	close_all();
	CHECK_EQ(open_fds(), 0);
	close_all();
	CHECK_EQ(opencons(), 0);
	CHECK_EQ(dup(0, 1), 1);
	work_end(DIR);
	PASS("lib_fd");
}
