// Descriptors that one thread closes or replaces while others use them: a call in
// flight goes on with what it began with, the number is another's only when that is safe,
// and a call that sleeps in a pipe keeps nobody from the number.
#include "fd_threads.h"

#define DIR "/t-fd_threads_close"
#define NUMBER 20

static int rounds;
static volatile uint32_t stop;

// ---- Calls that sleep ---------------------------------------------------------------

static int ends[2];
static volatile uint32_t asleep_soon, got;
static volatile envid_t sleeper;

static void
reads_byte(int fd)
{
	char c = 0;

	sleeper = thisenv->env_id;
	asleep_soon = 1;
	CHECK_EQ(read(fd, &c, 1), 1);
	got = c;
}

static void
start_sleeper(void (*body)(int), int fd)
{
	asleep_soon = got = 0;
	start_thread(body, fd);
	AWAIT(asleep_soon && asleep(sleeper));
}

// A number is free soon after it was closed.
static bool
is_free(int fd)
{
	struct Fd *lowest;

	return fd_alloc(&lowest) == 0 && fd2num(lowest) <= fd;
}

static void
close_under_read(void)
{
	char c;

	CHECK_EQ(pipe(ends), 0);
	start_sleeper(reads_byte, ends[0]);
	CHECK_EQ(close(ends[0]), 0);
	CHECK_EQ(close(ends[0]), -E_INVAL);
	CHECK_EQ(read(ends[0], &c, 1), -E_INVAL);
	AWAIT(is_free(ends[0]));
	CHECK_EQ(opencons(), ends[0]);
	// The one in flight can still read, and is the last that can.
	CHECK_EQ(pipeisclosed(ends[1]), 0);
	CHECK_EQ(write(ends[1], "x", 1), 1);
	join_threads(1);
	CHECK_EQ(got, 'x');
	CHECK_EQ(pipeisclosed(ends[1]), 1);
	CHECK_EQ(iscons(ends[0]), 1);
	CHECK_EQ(close(ends[0]), 0);
	CHECK_EQ(close(ends[1]), 0);
}

static void
dup_over_read(void)
{
	char buf[100];
	int file = must_open(DIR "/f2", O_RDONLY);

	CHECK_EQ(pipe(ends), 0);
	start_sleeper(reads_byte, ends[0]);
	CHECK_EQ(dup(file, ends[0]), ends[0]);
	CHECK_EQ(read(ends[0], buf, sizeof(buf)), sizeof(buf));
	CHECK(is_filled(buf, sizeof(buf), 0, 3));
	CHECK_EQ(write(ends[1], "y", 1), 1);
	join_threads(1);
	CHECK_EQ(got, 'y');
	CHECK_EQ(pipeisclosed(ends[1]), 1);
	CHECK_EQ(close(ends[0]), 0);
	CHECK_EQ(close(ends[1]), 0);
	CHECK_EQ(close(file), 0);
}

// The end comes to one who reads aside, too.
static void
reads_end(int fd)
{
	char c;

	sleeper = thisenv->env_id;
	asleep_soon = 1;
	CHECK_EQ(read(fd, &c, 1), 0);
	got = 1;
}

static void
close_both(void)
{
	CHECK_EQ(pipe(ends), 0);
	start_sleeper(reads_end, ends[0]);
	CHECK_EQ(close(ends[0]), 0);
	CHECK_EQ(close(ends[1]), 0);
	join_threads(1);
	CHECK_EQ(got, 1);
	AWAIT(is_free(ends[0]) && open_fds() == 3);
}

static void
writes_much(int fd)
{
	static char much[3 * PGSIZE];

	fill(much, sizeof(much), 0, 9);
	sleeper = thisenv->env_id;
	asleep_soon = 1;
	CHECK_EQ(write(fd, much, sizeof(much)), sizeof(much));
	got = 1;
}

static void
close_under_write(void)
{
	static char much[3 * PGSIZE];

	CHECK_EQ(pipe(ends), 0);
	start_sleeper(writes_much, ends[1]);
	CHECK_EQ(close(ends[1]), 0);
	AWAIT(is_free(ends[1]));
	CHECK_EQ(readn(ends[0], much, sizeof(much)), sizeof(much));
	CHECK(is_filled(much, sizeof(much), 0, 9));
	CHECK_EQ(read(ends[0], much, 1), 0);
	join_threads(1);
	CHECK_EQ(got, 1);
	CHECK_EQ(close(ends[0]), 0);
}

// Many sleepers, more than there are places aside: they stay, and all is right.
#define MANY 40

static volatile uint32_t nwaiting, nread;

static void
one_of_many(int fd)
{
	char c;

	count_up(&nwaiting);
	CHECK_EQ(read(fd, &c, 1), 1);
	count_up(&nread);
}

static void
close_under_many(void)
{
	char text[MANY];

	memset(text, 'm', sizeof(text));
	nwaiting = nread = 0;
	CHECK_EQ(pipe(ends), 0);
	for (int i = 0; i < MANY; i++)
		start_thread(one_of_many, ends[0]);
	AWAIT(nwaiting == MANY);
	sleep_msec(30);
	CHECK_EQ(close(ends[0]), 0);
	for (int i = 0; i < MANY; i++)
		CHECK_EQ(write(ends[1], text, 1), 1);
	join_threads(MANY);
	CHECK_EQ(nread, MANY);
	CHECK_EQ(pipeisclosed(ends[1]), 1);
	CHECK_EQ(close(ends[1]), 0);
	AWAIT(is_free(ends[0]) && open_fds() == 3);
}

// ---- Calls that do not ----------------------------------------------------------------

// Reads at NUMBER, which is always some file: what comes is of one of them.
static void
always_open(int me)
{
	char *buf = malloc(FILE_SIZE);

	CHECK(buf != NULL);
	while (!stop) {
		int r = read(NUMBER, buf, FILE_SIZE);
		if (r < 0)
			panic("read of a number that is replaced: %e", r);
		if (r == FILE_SIZE)
			CHECK(whose(buf, r, 0) >= 0);
		// The file may be another by now: that is what seek is of, then.
		CHECK_EQ(seek(NUMBER, 0), 0);
	}
	free(buf);
}

static void
replaces(int me)
{
	char name[64];

	for (int i = 0; i < rounds; i++) {
		int fd = must_open(file_name(name, DIR, (i + me) % NFILES), O_RDONLY);
		CHECK_EQ(dup(fd, NUMBER), NUMBER);
		CHECK_EQ(close(fd), 0);
	}
	count_up(&stop);
}

static void
replacing(void)
{
	stop = 0;
	CHECK_EQ(dup(0, NUMBER), NUMBER);
	int fd = must_open(DIR "/f0", O_RDONLY);
	CHECK_EQ(dup(fd, NUMBER), NUMBER);
	CHECK_EQ(close(fd), 0);
	for (int i = 0; i < 3; i++)
		start_thread(always_open, i);
	start_thread(replaces, 0);
	join_threads(4);
	CHECK_EQ(close(NUMBER), 0);
	CHECK_EQ(open_fds(), 3);
}

// Reads at NUMBER, which comes and goes.
static void
at_times_open(int me)
{
	char *buf = malloc(FILE_SIZE);

	CHECK(buf != NULL);
	while (!stop) {
		int r = read(NUMBER, buf, FILE_SIZE);
		if (r != -E_INVAL)
			CHECK(r >= 0 && r <= FILE_SIZE);
		if (r == FILE_SIZE)
			CHECK(whose(buf, r, 0) >= 0);
		struct Stat st;
		r = fstat(NUMBER, &st);
		CHECK(r == 0 || r == -E_INVAL);
		if (r == 0)
			CHECK_EQ(st.st_size, FILE_SIZE);
	}
	free(buf);
}

static void
opens_and_closes(int me)
{
	char name[64];

	for (int i = 0; i < rounds; i++) {
		int fd = must_open(file_name(name, DIR, i % NFILES), O_RDONLY);
		CHECK_EQ(dup(fd, NUMBER), NUMBER);
		CHECK_EQ(close(fd), 0);
		CHECK_EQ(close(NUMBER), 0);
	}
	stop = 1;
}

static void
closing(void)
{
	stop = 0;
	for (int i = 0; i < 3; i++)
		start_thread(at_times_open, i);
	start_thread(opens_and_closes, 0);
	join_threads(4);
	AWAIT(open_fds() == 3);
}

// Numbers that several threads make each other's duplicates, closing and reading them, too:
// whatever they are, all come to an end, and no page is left.
static void
storm(int me)
{
	uint32_t state = me + 1;
	char buf[64];

	for (int i = 0; i < rounds * 10; i++) {
		int a = 10 + next_random(&state) % 4, b = 10 + next_random(&state) % 4;

		int r;

		switch (next_random(&state) % 4) {
		case 0: close(a); break;
		case 1:
			if (seek(a, 0) == 0)
				read(a, buf, sizeof(buf));
			break;
		default:
			r = dup(next_random(&state) % 8 ? a : 5, b);
			CHECK(r == b || r == -E_INVAL);
			break;
		}
	}
}

static void
storms(void)
{
	int fd = must_open(DIR "/f0", O_RDONLY);

	CHECK_EQ(dup(fd, 5), 5);
	CHECK_EQ(close(fd), 0);
	run_threads(storm, NTHREADS);
	for (int i = 10; i < 14; i++)
		close(i);
	CHECK_EQ(pageref(INDEX2FD(5)), 2); // the server's, and ours
	CHECK_EQ(close(5), 0);
	CHECK_EQ(open_fds(), 3);
}

void
umain(int argc, char **argv)
{
	rounds = arg_number(argc, argv, library_mode(argc, argv), 60);
	make_files(DIR);
	close_under_read();
	dup_over_read();
	close_both();
	close_under_write();
	close_under_many();
	replacing();
	closing();
	storms();
	work_end(DIR);
	PASS("fd_threads_close");
}
