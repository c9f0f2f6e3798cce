// Files through the library: modes, reading, writing, seeking, truncating, stat,
// and each error that doc/fs.md and doc/library.md name.
#include <test/guest/filecheck.h>

#define DIR "/t-lib_file"

static char buf[3 * PGSIZE];

static void
modes(void)
{
	struct Stat st;
	int fd;

	must_be_missing(DIR "/a");
	CHECK_EQ(open(DIR "/a", O_WRONLY), -E_NOT_FOUND);
	CHECK_EQ(open(DIR "/a", O_RDWR | O_TRUNC), -E_NOT_FOUND);
	must_be_missing(DIR "/a");
	fd = must_open(DIR "/a", O_RDWR | O_CREAT | O_EXCL);
	CHECK_EQ(write(fd, "hello", 5), 5);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(open(DIR "/a", O_RDWR | O_CREAT | O_EXCL), -E_FILE_EXISTS);
	CHECK_EQ(open(DIR "/a", O_RDWR | O_CREAT | O_EXCL | O_TRUNC), -E_FILE_EXISTS);
	CHECK_EQ(open(DIR "/a", O_MKDIR), -E_FILE_EXISTS);

	fd = must_open(DIR "/a", O_RDONLY | O_CREAT); // there already: as it is
	CHECK_EQ(read(fd, buf, 100), 5);
	CHECK_EQ(memcmp(buf, "hello", 5), 0);
	CHECK_EQ(write(fd, "x", 1), -E_INVAL);
	CHECK_EQ(ftruncate(fd, 0), -E_INVAL);
	CHECK_EQ(close(fd), 0);

	fd = must_open(DIR "/a", O_WRONLY);
	CHECK_EQ(read(fd, buf, 1), -E_INVAL);
	CHECK_EQ(write(fd, "HE", 2), 2);
	CHECK_EQ(close(fd), 0);
	fd = must_open(DIR "/a", O_RDWR | O_APPEND);
	CHECK_EQ(read(fd, buf, 100), 5);
	CHECK_EQ(memcmp(buf, "HEllo", 5), 0);
	CHECK_EQ(seek(fd, 1), 0);
	CHECK_EQ(write(fd, "!!", 2), 2);
	CHECK_EQ(seek(fd, 0), 0);
	CHECK_EQ(read(fd, buf, 100), 7);
	CHECK_EQ(memcmp(buf, "HEllo!!", 7), 0);
	CHECK_EQ(close(fd), 0);

	fd = must_open(DIR "/a", O_RDWR | O_TRUNC);
	CHECK_EQ(read(fd, buf, 100), 0);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, 0);
	CHECK_EQ(close(fd), 0);

	// Without a '/' in front, and with more than one, it is the same file.
	make_file(DIR "/a", 10, 3);
	check_file(&(DIR "/a")[1], 10, 3);
	check_file("///" DIR "///a", 10, 3);
}

static void
reads_and_writes(void)
{
	int fd = must_open(DIR "/rw", O_RDWR | O_CREAT);

	fill(buf, sizeof(buf), 0, 4);
	CHECK_EQ(write(fd, buf, sizeof(buf)), sizeof(buf)); // more than a page at once
	CHECK_EQ(read(fd, buf, 10), 0);                     // at the end
	CHECK_EQ(seek(fd, 0), 0);
	memset(buf, 0, sizeof(buf));
	CHECK_EQ(read(fd, buf, sizeof(buf)), sizeof(buf));
	CHECK(is_filled(buf, sizeof(buf), 0, 4));
	CHECK_EQ(seek(fd, sizeof(buf) - 7), 0);
	CHECK_EQ(read(fd, buf, 100), 7); // what there is
	CHECK(is_filled(buf, 7, sizeof(buf) - 7, 4));
	CHECK_EQ(seek(fd, sizeof(buf) - 7), 0);
	CHECK_EQ(readn(fd, buf, 100), 7);
	CHECK_EQ(readn(fd, buf, 100), 0);
	CHECK_EQ(read(fd, buf, 0), 0);
	CHECK_EQ(write(fd, buf, 0), 0);

	// Behind the end there is nothing; writing there leaves a hole.
	CHECK_EQ(seek(fd, 50000), 0);
	CHECK_EQ(read(fd, buf, 100), 0);
	CHECK_EQ(write(fd, "end", 3), 3);
	CHECK_EQ(seek(fd, sizeof(buf)), 0);
	for (uint32_t at = sizeof(buf); at < 50000;) {
		int n = read(fd, buf, MIN(sizeof(buf), 50000 - at));

		CHECK(n > 0);
		CHECK(is_zero(buf, n));
		at += n;
	}
	CHECK_EQ(read(fd, buf, 100), 3);
	CHECK_EQ(memcmp(buf, "end", 3), 0);

	// In odd pieces across blocks.
	CHECK_EQ(seek(fd, 0), 0);
	fill(buf, sizeof(buf), 0, 5);
	for (uint32_t at = 0, n; at < sizeof(buf); at += n) {
		n = MIN(777U, sizeof(buf) - at);
		CHECK_EQ(write(fd, buf + at, n), n);
	}
	CHECK_EQ(seek(fd, 0), 0);
	memset(buf, 0, sizeof(buf));
	for (uint32_t at = 0, n; at < sizeof(buf); at += n) {
		n = MIN(1001U, sizeof(buf) - at);
		CHECK_EQ(read(fd, buf + at, n), n);
	}
	CHECK(is_filled(buf, sizeof(buf), 0, 5));

	// An offset that is none.
	if (seek(fd, -1) == 0) {
		CHECK_EQ(read(fd, buf, 10), -E_INVAL);
		CHECK_EQ(write(fd, buf, 10), -E_INVAL);
	}
	CHECK_EQ(close(fd), 0);
}

static void
truncates(void)
{
	struct Stat st;
	int fd, other;

	make_file(DIR "/t", 20000, 6);
	fd = must_open(DIR "/t", O_RDWR);
	other = must_open(DIR "/t", O_RDONLY);
	CHECK_EQ(ftruncate(fd, 9999), 0);
	CHECK_EQ(fstat(other, &st), 0); // seen through all descriptors
	CHECK_EQ(st.st_size, 9999);
	check_fd(other, 0, 9999, 6);
	CHECK_EQ(ftruncate(fd, 30000), 0); // what was cut off does not come back
	CHECK_EQ(seek(other, 9999), 0);
	for (int left = 30000 - 9999; left > 0;) {
		int n = read(other, buf, sizeof(buf));

		CHECK(n > 0);
		CHECK(is_zero(buf, n));
		left -= n;
	}
	CHECK_EQ(read(other, buf, 1), 0);
	CHECK_EQ(ftruncate(fd, -1), -E_INVAL);
	CHECK_EQ(ftruncate(fd, 0x7ffff001), -E_FILE_BIG);
	CHECK_EQ(ftruncate(other, 0), -E_INVAL);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, 30000);
	CHECK_EQ(ftruncate(fd, 0), 0);
	CHECK_EQ(seek(other, 0), 0);
	CHECK_EQ(read(other, buf, 1), 0);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(close(other), 0);
}

static void
stats(void)
{
	struct Stat st;
	int fd;

	make_file(DIR "/s", 12345, 7);
	CHECK_EQ(stat(DIR "/s", &st), 0);
	CHECK_EQ(strcmp(st.st_name, "s"), 0);
	CHECK_EQ(st.st_size, 12345);
	CHECK_EQ(st.st_isdir, 0);
	CHECK(st.st_dev == &devfile);
	CHECK_EQ(stat(DIR, &st), 0);
	CHECK_EQ(strcmp(st.st_name, &DIR[1]), 0);
	CHECK_EQ(st.st_isdir, 1);
	CHECK_EQ(st.st_size % BLKSIZE, 0);
	CHECK_EQ(stat("/", &st), 0);
	CHECK_EQ(st.st_isdir, 1);
	CHECK_EQ(stat(DIR "/s/x", &st), -E_NOT_DIR);
	fd = must_open("/", O_RDONLY);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_isdir, 1);
	CHECK_EQ(close(fd), 0);
}

static void
directories(void)
{
	struct File f;
	int found = 0, fd;

	CHECK_EQ(mkdir(DIR "/d"), 0);
	CHECK_EQ(mkdir(DIR "/d"), -E_FILE_EXISTS);
	CHECK_EQ(mkdir(DIR "/a"), -E_FILE_EXISTS);
	CHECK_EQ(mkdir(DIR "/no/d"), -E_NOT_FOUND);
	CHECK_EQ(mkdir(DIR "/a/d"), -E_NOT_DIR);
	CHECK_EQ(open(DIR "/no/f", O_RDWR | O_CREAT), -E_NOT_FOUND);
	CHECK_EQ(open(DIR "/a/f", O_RDWR | O_CREAT), -E_NOT_DIR);
	CHECK_EQ(open(DIR "/a/f", O_RDONLY), -E_NOT_DIR);
	CHECK_EQ(open(DIR "/d", O_WRONLY), -E_IS_DIR);
	CHECK_EQ(open(DIR "/d", O_RDWR), -E_IS_DIR);
	make_file(DIR "/d/f", 100, 8);
	CHECK_EQ(dir_count(DIR "/d", "f", &found), 1);
	CHECK_EQ(found, 1);
	fd = must_open(DIR "/d", O_RDONLY);
	CHECK_EQ(read(fd, &f, sizeof(f)), sizeof(f));
	CHECK_EQ(write(fd, &f, sizeof(f)), -E_INVAL);
	CHECK_EQ(ftruncate(fd, 0), -E_INVAL);
	CHECK_EQ(close(fd), 0);

	CHECK_EQ(remove(DIR "/d"), -E_NOT_EMPTY);
	CHECK_EQ(remove(DIR "/d/no"), -E_NOT_FOUND);
	CHECK_EQ(remove(DIR "/d/f/x"), -E_NOT_DIR);
	CHECK_EQ(remove("/"), -E_INVAL);
	check_file(DIR "/d/f", 100, 8);
	CHECK_EQ(remove(DIR "/d/f"), 0);
	CHECK_EQ(remove(DIR "/d/f"), -E_NOT_FOUND);
	CHECK_EQ(remove(DIR "/d"), 0);
	must_be_missing(DIR "/d");
}

void
umain(int argc, char **argv)
{
	library_mode(argc, argv);
	work_begin(DIR);
	modes();
	reads_and_writes();
	truncates();
	stats();
	directories();
	CHECK_EQ(sync(), 0);
	CHECK_EQ(open_fds(), 3);
	work_end(DIR);
	PASS("lib_file");
}
