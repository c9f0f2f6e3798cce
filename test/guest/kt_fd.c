// Descriptors belong to the process: what one thread opens, another reads, and a third
// closes; all at once, too.
#include <test/guest/kt_check.h>

#define NTHREADS 6
#define DIR "/t-kt_fd"

static volatile uint32_t gate, stop, total;
static volatile int fd_of[NTHREADS * 4], fd;
static int ends[2];
static char line[] = "one two three four\n";

static void
opens(void *arg1, void *arg2)
{
	fd = open(DIR "/a", O_RDWR | O_CREAT | O_TRUNC);
	CHECK(fd >= 0);
	CHECK_EQ(write(fd, line, strlen(line)), strlen(line));
	CHECK_EQ(seek(fd, 4), 0);
}

static void
reads_on(void *arg1, void *arg2)
{
	char buf[4] = "";

	CHECK_EQ(readn(fd, buf, 3), 3);
	CHECK_EQ(memcmp(buf, arg1, 3), 0);
}

static void
closes(void *arg1, void *arg2)
{
	CHECK_EQ(close(fd), 0);
}

static void
one_after_the_other(int arg)
{
	char c;

	must_create(opens, NULL, NULL);
	must_join(1);
	must_create(reads_on, "two", NULL); // the offset is common
	must_join(1);
	reads_on(" th", NULL);
	must_create(closes, NULL, NULL);
	must_join(1);
	CHECK_EQ(read(fd, &c, 1), -E_INVAL);
	CHECK_EQ(close(fd), -E_INVAL);
}

// All open at once: as many numbers, all different.
static void
opens_some(void *arg1, void *arg2)
{
	uint32_t me = (uint32_t)arg1;
	char name[32];

	meet(&gate, NTHREADS);
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), DIR "/f%d", me * 4 + i);
		fd_of[me * 4 + i] = open(name, O_RDWR | O_CREAT | O_TRUNC);
		CHECK(fd_of[me * 4 + i] >= 0);
		CHECK_EQ(write(fd_of[me * 4 + i], name, 32), 32);
	}
}

static void
numbers(int arg)
{
	gate = 0;
	for (int i = 0; i < NTHREADS; i++)
		must_create(opens_some, (void *)i, NULL);
	must_join(NTHREADS);
	for (int i = 0; i < NTHREADS * 4; i++) {
		char name[32], buf[32];

		for (int j = 0; j < i; j++)
			CHECK(fd_of[i] != fd_of[j]);
		snprintf(name, sizeof(name), DIR "/f%d", i);
		CHECK_EQ(seek(fd_of[i], 0), 0);
		CHECK_EQ(readn(fd_of[i], buf, 32), 32);
		CHECK(strcmp(name, buf) == 0);
		CHECK_EQ(close(fd_of[i]), 0);
	}
}

// Lines that threads write to one descriptor: each whole, none over another.
#define LINE 64
#define NLINES 50

static void
writes_lines(void *arg1, void *arg2)
{
	char buf[LINE];

	memset(buf, 'A' + (int)arg1, LINE);
	meet(&gate, NTHREADS);
	for (int i = 0; i < NLINES; i++)
		CHECK_EQ(write(fd, buf, LINE), LINE);
}

static void
whole_lines(int arg)
{
	uint32_t seen[NTHREADS] = {0};
	char buf[LINE];

	gate = 0;
	fd = open(DIR "/lines", O_RDWR | O_CREAT | O_TRUNC);
	CHECK(fd >= 0);
	for (int i = 0; i < NTHREADS; i++)
		must_create(writes_lines, (void *)i, NULL);
	must_join(NTHREADS);
	CHECK_EQ(seek(fd, 0), 0);
	for (int i = 0; i < NTHREADS * NLINES; i++) {
		CHECK_EQ(readn(fd, buf, LINE), LINE);
		for (int j = 1; j < LINE; j++)
			CHECK_EQ(buf[j], buf[0]);
		seen[buf[0] - 'A']++;
	}
	CHECK_EQ(read(fd, buf, 1), 0);
	for (int i = 0; i < NTHREADS; i++)
		CHECK_EQ(seen[i], NLINES);
	CHECK_EQ(close(fd), 0);
}

// A pipe between threads of one process, several at each end.
#define PIPED 20000

static void
writes_pipe(void *arg1, void *arg2)
{
	char buf[100];

	memset(buf, 1, sizeof(buf));
	for (int i = 0; i < PIPED / 100; i++)
		CHECK_EQ(write(ends[1], buf, 100), 100);
}

static void
reads_pipe(void *arg1, void *arg2)
{
	char buf[77];
	int r;

	while ((r = read(ends[0], buf, sizeof(buf))) > 0)
		for (int i = 0; i < r; i++)
			add_up(&total, buf[i]);
	CHECK_EQ(r, 0);
	count_up(&stop);
}

static void
pipes(int arg)
{
	total = stop = 0;
	CHECK_EQ(pipe(ends), 0);
	must_create(reads_pipe, NULL, NULL);
	must_create(reads_pipe, NULL, NULL);
	must_create(writes_pipe, NULL, NULL);
	must_create(writes_pipe, NULL, NULL);
	must_join(2); // the writers: the readers stay until the end is closed
	CHECK_EQ(stop, 0);
	CHECK_EQ(close(ends[1]), 0);
	must_join(2);
	CHECK_EQ(total, 2 * PIPED);
	CHECK_EQ(close(ends[0]), 0);
}

// open and close against read and write by others: errors at most, never another's data.
static void
opens_and_closes(void *arg1, void *arg2)
{
	while (!stop) {
		int n = open(DIR "/lines", O_RDONLY);

		CHECK(n >= 0);
		fd = n;
		sys_yield();
		CHECK_EQ(close(n), 0);
	}
}

static void
reads_whatever(void *arg1, void *arg2)
{
	char buf[LINE];

	for (int i = 0; i < 300; i++) {
		int r = read(fd, buf, LINE);

		CHECK(r == -E_INVAL || r == LINE || r == 0);
		for (int j = 1; j < r; j++)
			CHECK_EQ(buf[j], buf[0]);
	}
}

static void
closed_in_use(int arg)
{
	stop = 0;
	fd = 31;
	must_create(opens_and_closes, NULL, NULL);
	for (int i = 0; i < 3; i++)
		must_create(reads_whatever, NULL, NULL);
	must_join(3);
	stop = 1;
	must_join(1);
}

// The end of a thread closes nothing.
static void
thread_ends(int arg)
{
	char buf[4];

	must_create(opens, NULL, NULL);
	must_join(1);
	CHECK_EQ(readn(fd, buf, 3), 3);
	CHECK_EQ(close(fd), 0);
}

// Programs started by several threads at once.
static volatile int status[NTHREADS];

static void
spawns(void *arg1, void *arg2)
{
	char number[4] = {'1' + (int)arg1};
	const char *argv[] = {"lib_child", "exit", number, NULL};
	envid_t id;

	meet(&gate, NTHREADS);
	id = spawn_stopped("/test/lib_child", argv);
	CHECK(id > 0);
	CHECK_EQ(sys_env_set_flags(id, ENVF_WATCHED), 0);
	CHECK_EQ(sys_env_set_status(id, ENV_RUNNABLE), 0);
	status[(int)arg1] = wait_status(id);
}

static void
programs(int arg)
{
	gate = 0;
	for (int i = 0; i < NTHREADS; i++)
		must_create(spawns, (void *)i, NULL);
	must_join(NTHREADS);
	for (int i = 0; i < NTHREADS; i++)
		CHECK_EQ(status[i], 1 + i);
}

void
umain(int argc, char **argv)
{
	share_results();
	CHECK_EQ(mkdir(DIR), 0);
	child_must_live("one after the other", one_after_the_other, 0);
	child_must_live("numbers", numbers, 0);
	child_must_live("whole lines", whole_lines, 0);
	child_counted("pipes", pipes, 0);
	child_must_live("closed in use", closed_in_use, 0);
	child_must_live("end of a thread", thread_ends, 0);
	for (int i = 0; i < 5; i++)
		child_must_live("programs", programs, 0);
	PASS("kt_fd");
}
