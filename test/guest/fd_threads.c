// Threads that use descriptors at once: each number is given to one of them only, each
// read and write of a common descriptor is one, and spawn, stat and calls by path do not
// get into each other's way.
//
// fd_threads child N: what it runs itself for: ends with status N.
#include "fd_threads.h"

#define DIR "/t-fd_threads"
#define SELF "/test/fd_threads"
#define RECORD 6000 // no multiple of a page, and more than one
#define NRECORDS 24

static int rounds;

// ---- Numbers ------------------------------------------------------------------------

static volatile uint32_t holder[MAXFD];

// A number is ours, and nobody else's.
static int
got(int fd)
{
	if (fd < 0)
		panic("a descriptor: %e", fd);
	CHECK_EQ(xchg(&holder[fd], 1), 0);
	return fd;
}

static void
give_back(int fd)
{
	CHECK_EQ(xchg(&holder[fd], 0), 1);
	CHECK_EQ(close(fd), 0);
}

static void
use_file(int fd, int file)
{
	char buf[700];
	struct Stat st;
	struct Fd *there;
	int offset = (file * 1237) % (FILE_SIZE - (int)sizeof(buf));

	CHECK_EQ(fd_lookup(fd, &there), 0);
	CHECK_EQ(seek(fd, offset), 0);
	CHECK_EQ(read(fd, buf, sizeof(buf)), sizeof(buf));
	CHECK(is_filled(buf, sizeof(buf), offset, file + 1));
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, FILE_SIZE);
	CHECK_EQ(write(fd, buf, 1), -E_INVAL);
}

static void
use_pipe(int seed)
{
	int p[2], fd;
	char text[3] = {seed, seed + 1, seed + 2}, back[3];

	CHECK_EQ(pipe(p), 0);
	got(p[0]);
	got(p[1]);
	fd = got(fd_dup(p[1]));
	CHECK_EQ(write(fd, text, 3), 3);
	give_back(p[1]);
	CHECK_EQ(pipeisclosed(p[0]), 0);
	CHECK_EQ(read(p[0], back, 3), 3);
	CHECK_EQ(memcmp(text, back, 3), 0);
	give_back(fd);
	CHECK_EQ(read(p[0], back, 3), 0);
	give_back(p[0]);
}

static void
by_number(int me)
{
	char name[64];
	struct Stat st;

	for (int i = 0; i < rounds; i++) {
		int file = (me + i) % NFILES;
		int fd = got(open(file_name(name, DIR, file), O_RDONLY));
		int second = got(fd_dup(fd));
		use_file(second, file);
		give_back(fd);
		use_file(second, file);
		use_pipe(me * 40 + i % 8);
		CHECK_EQ(stat(name, &st), 0);
		CHECK_EQ(st.st_size, FILE_SIZE);
		fd = got(opencons());
		CHECK_EQ(iscons(fd), 1);
		give_back(fd);
		give_back(second);
	}
}

// ---- Offsets ------------------------------------------------------------------------

static int common;
static volatile uint32_t seen[NRECORDS];
static char aligned[NTHREADS][2 * PGSIZE] __attribute__((aligned(PGSIZE)));

static void
read_records(int me)
{
	char *buf = me % 2 ? aligned[me] : aligned[me] + 7;
	int r;

	while ((r = read(me == 2 ? common + 1 : common, buf, RECORD)) > 0) {
		CHECK_EQ(r, RECORD);
		uint8_t n = buf[0];
		CHECK(n < NRECORDS);
		for (int i = 0; i < RECORD; i++)
			CHECK_EQ((uint8_t)buf[i], n);
		count_up(&seen[n]);
	}
	CHECK_EQ(r, 0);
}

static void
write_records(int me)
{
	char *buf = me % 2 ? aligned[me] : aligned[me] + 7;

	for (int n = me; n < NRECORDS; n += NTHREADS) {
		memset(buf, n, RECORD);
		CHECK_EQ(write(me == 2 ? common + 1 : common, buf, RECORD), RECORD);
	}
}

// Written by all, read by all: no record is torn, none missing, none there twice.
static void
offsets(void)
{
	common = must_open(DIR "/records", O_RDWR | O_CREAT | O_TRUNC);
	CHECK_EQ(dup(common, common + 1), common + 1);
	run_threads(write_records, NTHREADS);
	CHECK_EQ(seek(common, 0), 0);
	memset((void *)seen, 0, sizeof(seen));
	run_threads(read_records, NTHREADS);
	for (int i = 0; i < NRECORDS; i++)
		CHECK_EQ(seen[i], 1);
	CHECK_EQ(close(common + 1), 0);
	CHECK_EQ(close(common), 0);
}

// ---- Paths --------------------------------------------------------------------------

static void
by_path(int me)
{
	char a[64], b[64];
	struct Stat st;

	for (int i = 0; i < rounds; i++) {
		snprintf(a, sizeof(a), DIR "/d%d", me);
		snprintf(b, sizeof(b), DIR "/e%d", me);
		CHECK_EQ(mkdir(a), 0);
		CHECK_EQ(rename(a, b), 0);
		CHECK_EQ(stat(a, &st), -E_NOT_FOUND);
		CHECK_EQ(stat(b, &st), 0);
		CHECK_EQ(st.st_isdir, 1);
		CHECK_EQ(remove(b), 0);
	}
}

// ---- Pipes --------------------------------------------------------------------------

#define BYTES 20000

static int ends[2];
static volatile uint32_t nread;

// Numbers of 4 bytes: whole, and each of them once.
static void
pipe_writer(int me)
{
	for (int i = 0; i < BYTES / 4; i++) {
		uint32_t word = me << 16 | i;
		CHECK_EQ(write(ends[1], &word, 4), 4);
	}
}

static void
pipe_reader(int me)
{
	uint32_t word, last[2] = {0, 0};

	while (read(ends[0], &word, 4) == 4) {
		uint32_t from = word >> 16;
		CHECK(from < 2 && (word & 0xffff) < BYTES / 4);
		// What one reader gets of one writer is in order.
		CHECK(last[from] <= (word & 0xffff));
		last[from] = word & 0xffff;
		count_up(&nread);
	}
}

static void
pipes(void)
{
	nread = 0;
	CHECK_EQ(pipe(ends), 0);
	start_thread(pipe_reader, 0);
	start_thread(pipe_reader, 1);
	start_thread(pipe_writer, 0);
	start_thread(pipe_writer, 1);
	join_threads(2); // the writers: the readers have an end to wait for
	CHECK_EQ(close(ends[1]), 0);
	join_threads(2);
	CHECK_EQ(nread, 2 * BYTES / 4);
	CHECK_EQ(close(ends[0]), 0);
}

// ---- Spawn --------------------------------------------------------------------------

static void
spawns(int me)
{
	char number[8];
	const char *argv[] = {"fd_threads", "child", number, NULL};

	for (int i = 0; i < 3; i++) {
		snprintf(number, sizeof(number), "%d", me * 10 + i);
		CHECK_EQ(run_stopped(spawn_stopped(SELF, argv)), me * 10 + i);
	}
}

void
umain(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "child") == 0) {
		CHECK_EQ(open_fds(), 3);
		exit_status(strtol(argv[2], NULL, 10));
	}
	int next = library_mode(argc, argv);
	rounds = arg_number(argc, argv, next, 15);
	make_files(DIR);
	run_threads(by_number, NTHREADS);
	CHECK_EQ(open_fds(), 3);
	offsets();
	run_threads(by_path, NTHREADS);
	pipes();
	run_threads(spawns, NTHREADS);
	CHECK_EQ(open_fds(), 3);
	work_end(DIR);
	PASS("fd_threads");
}
