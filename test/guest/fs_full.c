// A full disk: -E_NO_DISK, all that is there stays as it is and can be changed in its
// place, and space that is given back is there again, to the last block.
//
// To be run on a disk of a few MiB.
#include <test/guest/filecheck.h>

#define DIR "/t-fs_full"
#define EACH (300 * 1024) // bytes of a file

static char path[64], buf[2 * PGSIZE];

static char *
file(int n)
{
	snprintf(path, sizeof(path), DIR "/f%d", n);
	return path;
}

// Fills what is left of the disk with a file, a block at a time and then a byte at a
// time. How many bytes it took.
static uint32_t
take_all(const char *name)
{
	int fd = must_open(name, O_WRONLY | O_CREAT | O_TRUNC), r = 0;
	uint32_t size = 0;
	struct Stat st;

	for (uint32_t n = PGSIZE; n >= 1; n = n == PGSIZE ? 1 : 0) {
		do {
			fill(buf, n, size, 77);
			r = write(fd, buf, n);
			if (r > 0)
				CHECK_EQ(r, n);
			if (r >= 0)
				size += n;
		} while (r >= 0);
		CHECK_EQ(r, -E_NO_DISK);
		CHECK_EQ(fstat(fd, &st), 0);
		CHECK_EQ(st.st_size, size); // what failed has left nothing
	}
	// Of a write of several blocks what fits is written, or nothing.
	r = write(fd, buf, sizeof(buf));
	CHECK_EQ(r, -E_NO_DISK);
	CHECK_EQ(close(fd), 0);
	check_file(name, size, 77);
	return size;
}

// Files of EACH bytes until no more fits. How many are whole.
static int
take_many(uint32_t *bytes)
{
	struct Stat st;
	int n, r;

	*bytes = 0;
	for (n = 0; (r = try_make_file(file(n), EACH, n)) == 0; n++)
		*bytes += EACH;
	CHECK_EQ(r, -E_NO_DISK);
	if (stat(file(n), &st) == 0) {
		CHECK(st.st_size < EACH);
		*bytes += st.st_size;
		check_file(file(n), st.st_size, n);
	}
	return n;
}

static void
full(int n)
{
	struct Stat st;
	int fd, p[2];

	// Nothing new.
	fd = open(DIR "/new", O_RDWR | O_CREAT);
	if (fd >= 0) { // there was room for its name
		CHECK_EQ(write(fd, buf, PGSIZE), -E_NO_DISK);
		CHECK_EQ(write(fd, buf, PGSIZE), -E_NO_DISK);
		CHECK_EQ(fstat(fd, &st), 0);
		CHECK_EQ(st.st_size, 0);
		CHECK_EQ(close(fd), 0);
		CHECK_EQ(remove(DIR "/new"), 0);
	} else {
		CHECK_EQ(fd, -E_NO_DISK);
		must_be_missing(DIR "/new");
	}
	CHECK_EQ(sync(), 0);
	// All that was there, and a change in its place.
	for (int i = 0; i < n; i++)
		check_file(file(i), EACH, i);
	fd = must_open(file(1), O_RDWR);
	fill(buf, sizeof(buf), 0, 99);
	CHECK_EQ(seek(fd, 5 * PGSIZE), 0);
	CHECK_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
	CHECK_EQ(seek(fd, 5 * PGSIZE), 0);
	CHECK_EQ(readn(fd, buf, sizeof(buf)), sizeof(buf));
	CHECK(is_filled(buf, sizeof(buf), 0, 99));
	fill(buf, sizeof(buf), 5 * PGSIZE, 1);
	CHECK_EQ(seek(fd, 5 * PGSIZE), 0);
	CHECK_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
	CHECK_EQ(close(fd), 0);
	check_file(file(1), EACH, 1);
	CHECK_EQ(rename(file(1), DIR "/moved"), 0); // takes no space
	CHECK_EQ(rename(DIR "/moved", file(1)), 0);
	// Pipes and the console need none.
	CHECK_EQ(pipe(p), 0);
	CHECK_EQ(write(p[1], "x", 1), 1);
	CHECK_EQ(close(p[0]), 0);
	CHECK_EQ(close(p[1]), 0);
}

// What is removed or cut off can be had again; what is removed while it is open, when
// it is closed.
static void
comes_back(int n)
{
	int fd;

	CHECK_EQ(remove(file(0)), 0);
	make_file(file(0), EACH - 8 * PGSIZE, 0);
	fd = must_open(file(2), O_RDWR);
	CHECK_EQ(ftruncate(fd, 1000), 0);
	CHECK_EQ(close(fd), 0);
	make_file(DIR "/cut", EACH - 16 * PGSIZE, 5);
	check_file(DIR "/cut", EACH - 16 * PGSIZE, 5);
	CHECK_EQ(remove(DIR "/cut"), 0);
	make_file(file(2), EACH - 8 * PGSIZE, 2);
	take_all(DIR "/rest");

	fd = must_open(file(3), O_RDONLY);
	CHECK_EQ(remove(file(3)), 0);
	CHECK_EQ(try_make_file(DIR "/instead", EACH - 8 * PGSIZE, 4), -E_NO_DISK);
	remove(DIR "/instead");
	check_fd(fd, 0, EACH, 3);
	CHECK_EQ(close(fd), 0);
	make_file(DIR "/instead", EACH - 8 * PGSIZE, 4);
	check_file(DIR "/instead", EACH - 8 * PGSIZE, 4);
	for (int i = 4; i < n; i++)
		check_file(file(i), EACH, i);
}

void
umain(int argc, char **argv)
{
	uint32_t first = 0, bytes, whole = 0;
	int n;

	library_mode(argc, argv);
	share_results();
	for (int round = 0; round < 2; round++) {
		work_begin(DIR);
		n = take_many(&bytes);
		CHECK(n > 4);
		full(n);
		comes_back(n);
		work_begin(DIR);
		CHECK_EQ(sync(), 0);
		bytes = take_all(DIR "/all");
		if (round == 0)
			whole = bytes;
		CHECK_EQ(bytes, whole);
		CHECK_EQ(remove(DIR "/all"), 0);
		n = take_many(&bytes);
		if (round == 0)
			first = bytes;
		CHECK_EQ(bytes, first);
	}
	work_end(DIR);
	PASS("fs_full");
}
