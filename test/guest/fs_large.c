// Large files: as many MiB as are asked for, every byte of them; holes; and the
// largest that there can be, of which only the ends are there.
//
// Argument: MiB (5).
#include <test/guest/filecheck.h>

#define DIR "/t-fs_large"
#define LARGEST 0x7ffff000 // doc/fs.md

static char buf[2 * PGSIZE];

static void
whole(uint32_t size)
{
	struct Stat st;
	int fd;

	make_file(DIR "/f", size, 1);
	check_file(DIR "/f", size, 1);

	// From the end to the beginning, in the middle, and over old contents.
	fd = must_open(DIR "/f", O_RDWR);
	for (int at = size - 100; at >= 0; at -= size / 37) {
		CHECK_EQ(seek(fd, at), 0);
		CHECK_EQ(readn(fd, buf, 100), 100);
		CHECK(is_filled(buf, 100, at, 1));
	}
	CHECK_EQ(seek(fd, size / 2), 0);
	fill(buf, sizeof(buf), 0, 2);
	CHECK_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
	CHECK_EQ(seek(fd, size / 2), 0);
	CHECK_EQ(readn(fd, buf, sizeof(buf)), sizeof(buf));
	CHECK(is_filled(buf, sizeof(buf), 0, 2));
	CHECK_EQ(readn(fd, buf, sizeof(buf)), sizeof(buf));
	CHECK(is_filled(buf, sizeof(buf), size / 2 + sizeof(buf), 1));

	// Cut to where the single indirect block ends, a little more, and a little less.
	CHECK_EQ(ftruncate(fd, (10 + 1024) * BLKSIZE + 1), 0);
	CHECK_EQ(ftruncate(fd, (10 + 1024) * BLKSIZE), 0);
	CHECK_EQ(ftruncate(fd, 10 * BLKSIZE + 1), 0);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, 10 * BLKSIZE + 1);
	CHECK_EQ(seek(fd, 0), 0);
	check_fd(fd, 0, 10 * BLKSIZE + 1, 1);
	CHECK_EQ(ftruncate(fd, 10 * BLKSIZE), 0);
	CHECK_EQ(ftruncate(fd, 100), 0);
	CHECK_EQ(seek(fd, 0), 0);
	check_fd(fd, 0, 100, 1);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(remove(DIR "/f"), 0);
}

// A byte here and there; all between is zero.
static void
holes(void)
{
	static const int32_t at[] = {0,         4095,      4096,    10 * BLKSIZE - 1, 10 * BLKSIZE,
				     100000,    4235263,   4235264, 8000000,          50000000,
				     500000000, 2000000000};
	int fd = must_open(DIR "/h", O_RDWR | O_CREAT);
	struct Stat st;

	for (unsigned i = 0; i < ARRAY_SIZE(at); i++) {
		CHECK_EQ(seek(fd, at[i]), 0);
		CHECK_EQ(write(fd, &"0123456789abcdef"[i], 1), 1);
	}
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, 2000000001);
	for (unsigned i = 0; i < ARRAY_SIZE(at); i++) {
		CHECK_EQ(seek(fd, at[i]), 0);
		CHECK_EQ(read(fd, buf, 1), 1);
		CHECK_EQ(buf[0], "0123456789abcdef"[i]);
		if (i + 1 < ARRAY_SIZE(at) && at[i] + 1 < at[i + 1]) {
			uint32_t n = MIN(sizeof(buf), (uint32_t)(at[i + 1] - at[i] - 1));

			CHECK_EQ(readn(fd, buf, n), n);
			CHECK(is_zero(buf, n));
		}
	}
	CHECK_EQ(read(fd, buf, 1), 0);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(remove(DIR "/h"), 0);
}

static void
largest(void)
{
	int fd = must_open(DIR "/l", O_RDWR | O_CREAT);
	struct Stat st;

	CHECK_EQ(ftruncate(fd, LARGEST), 0);
	CHECK_EQ(ftruncate(fd, LARGEST + 1), -E_FILE_BIG);
	CHECK_EQ(ftruncate(fd, 0x7fffffff), -E_FILE_BIG);
	CHECK_EQ(seek(fd, LARGEST - 5), 0);
	CHECK_EQ(write(fd, "hello", 5), 5);
	CHECK_EQ(write(fd, "x", 1), -E_FILE_BIG);
	CHECK_EQ(seek(fd, LARGEST - 5), 0);
	CHECK_EQ(write(fd, "HELLO!", 6), -E_FILE_BIG); // all or nothing
	CHECK_EQ(seek(fd, 0x7ffffffe), 0);
	CHECK_EQ(write(fd, "x", 1), -E_FILE_BIG);
	CHECK_EQ(read(fd, buf, 1), 0);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, LARGEST);
	CHECK_EQ(seek(fd, LARGEST - 6), 0);
	CHECK_EQ(read(fd, buf, 100), 6);
	CHECK_EQ(memcmp(buf, "\0hello", 6), 0);
	CHECK_EQ(close(fd), 0);
	fd = must_open(DIR "/l", O_RDWR | O_APPEND);
	CHECK_EQ(write(fd, "x", 1), -E_FILE_BIG);
	CHECK_EQ(ftruncate(fd, LARGEST - 1), 0);
	CHECK_EQ(write(fd, "y", 1), 1);
	CHECK_EQ(write(fd, "z", 1), -E_FILE_BIG);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(remove(DIR "/l"), 0);
}

void
umain(int argc, char **argv)
{
	int first = library_mode(argc, argv);
	uint32_t mib = arg_number(argc, argv, first, 5);

	work_begin(DIR);
	whole(mib << 20);
	holes();
	largest();
	CHECK_EQ(sync(), 0);
	work_end(DIR);
	PASS("fs_large");
}
