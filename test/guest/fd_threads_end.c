// Threads in the middle of calls on descriptors: page-fault handlers that make calls or end
// the thread, fork in another thread, and the exit of the first. Nobody waits for
// what somebody who is not there has, and a child has the descriptors that its
// memory knows of.
#include "fd_threads.h"
#include "kt_check.h"

#define DIR "/t-fd_threads_end"

static int rounds;
static volatile uint32_t stop, nready;

// ---- fork ---------------------------------------------------------------------------

static volatile int known[NTHREADS]; // a thread's descriptor, or -1

static int sleeping[2]; // a pipe that a thread reads all the while

static void
sleeps(int fd)
{
	char c;

	count_up(&nready);
	CHECK_EQ(read(fd, &c, 1), 0);
}

static void
opens(int me)
{
	char name[64];
	uint8_t byte;

	known[me] = -1;
	count_up(&nready);
	while (!stop) {
		int fd = must_open(file_name(name, DIR, me), O_RDONLY);
		known[me] = fd;
		CHECK_EQ(read(fd, &byte, 1), 1);
		CHECK_EQ(byte, pattern(0, me + 1));
		known[me] = -1;
		CHECK_EQ(close(fd), 0);
	}
}

// A child of fork, whose threads are not there.
static void
looks_at_known(int n)
{
	char name[64], buf[200];
	int nknown = 0;

	for (int i = 0; i < n; i++) {
		struct Stat st;
		if (known[i] < 0)
			continue;
		nknown++;
		CHECK_EQ(fstat(known[i], &st), 0);
		CHECK(st.st_name[0] == 'f' && st.st_name[1] == '0' + i);
	}
	// A thread has at most one that it has not told yet, or will not tell any more.
	CHECK(open_fds() >= 5 + nknown && open_fds() <= 5 + n);
	// What is in use by others only can be replaced and closed, and is free then.
	CHECK_EQ(read(sleeping[0], buf, 0), 0);
	for (int i = 3; i < 12; i++) {
		CHECK_EQ(dup(0, i), i);
		CHECK_EQ(close(i), 0);
	}
	CHECK_EQ(opencons(), 3);
	CHECK_EQ(close(3), 0);
	CHECK_EQ(open_fds(), 3);
	for (int i = 0; i < NFILES; i++) {
		int fd = must_open(file_name(name, DIR, i), O_RDONLY);
		CHECK_EQ(read(fd, buf, sizeof(buf)), sizeof(buf));
		CHECK(is_filled(buf, sizeof(buf), 0, i + 1));
		CHECK_EQ(close(fd), 0);
	}
	exit_status(55);
}

static void
forks(void)
{
	const int n = 3;

	stop = nready = 0;
	CHECK_EQ(pipe(sleeping), 0);
	start_thread(sleeps, sleeping[0]);
	for (int i = 0; i < n; i++)
		start_thread(opens, i);
	AWAIT(nready == (uint32_t)n + 1);
	for (int i = 0; i < rounds; i++) {
		envid_t child = fork();
		if (child < 0)
			panic("fork: %e", child);
		if (child == 0)
			looks_at_known(n);
		CHECK_EQ(sys_env_set_flags(child, ENVF_WATCHED) == 0 ? wait_status(child) : 55, 55);
	}
	stop = 1;
	CHECK_EQ(close(sleeping[1]), 0);
	join_threads(n + 1);
	CHECK_EQ(close(sleeping[0]), 0);
	CHECK_EQ(open_fds(), 3);
}

// ---- exit of the first ----------------------------------------------------------------

static void
busy(int me)
{
	char name[64], buf[5000];
	int p[2], i;
	char c;

	count_up(&nready);
	switch (me) {
	case 0: // asleep in a pipe
		CHECK_EQ(pipe(p), 0);
		read(p[0], &c, 1);
		break;
	case 1: // and in one that has been closed
		CHECK_EQ(pipe(p), 0);
		start_thread(busy, 5);
		read(p[0], &c, 1);
		break;
	case 2: // opening, reading, closing
		for (i = 0;; i++) {
			int fd = must_open(file_name(name, DIR, i % NFILES), O_RDWR);
			read(fd, buf, sizeof(buf));
			close(fd);
		}
	case 3: // writing to a descriptor that all have
		for (;;)
			write(3, buf, sizeof(buf));
	case 4: // replacing it by itself
		for (;;)
			dup(3, 10), dup(10, 3);
	case 5:
		for (;;)
			close(10 + sys_time_msec() % 20);
	}
}

static void
exits_early(int after)
{
	must_open(DIR "/out", O_RDWR | O_CREAT | O_TRUNC);
	nready = 0;
	for (int i = 0; i < 5; i++)
		start_thread(busy, i);
	AWAIT(nready >= 5);
	some_time(after);
	exit_status(66);
}

static void
exits(void)
{
	for (int i = 0; i < rounds; i++) {
		envid_t child = child_run(exits_early, i * 997 % 30000);
		if (sys_env_set_flags(child, ENVF_WATCHED) == 0)
			CHECK_EQ(wait_status(child), 66);
		else
			wait(child);
	}
}

// ---- The end of a thread in a handler -------------------------------------------------

static volatile int common;

static void
ends_thread(struct UTrapframe *utf)
{
	CHECK((utf->utf_fault_va & ~0xfffff) == 0xa0000000);
	exit();
}

static void
faults_in_read(int me)
{
	read(common, (char *)0xa0000010 + me * PGSIZE, me % 2 ? 100 : 3 * PGSIZE);
	panic("after the end");
}

// What the thread used can be closed, read by others, and its number given again.
static void
handlers(void)
{
	char buf[300];

	set_pgfault_handler(ends_thread);
	for (int i = 0; i < 6; i++) {
		common = must_open(DIR "/f1", O_RDONLY);
		start_thread(faults_in_read, i);
		join_threads(1);
		CHECK_EQ(read(common, buf, sizeof(buf)), sizeof(buf));
		CHECK(is_filled(buf, sizeof(buf), 0, 2));
		CHECK_EQ(dup(0, common), common);
		CHECK_EQ(close(common), 0);
		CHECK_EQ(open(DIR "/f1", O_RDONLY), common);
		CHECK_EQ(close(common), 0);
	}
	set_pgfault_handler(NULL);
}

// A handler makes calls of its own, also on the descriptor that it interrupts a read of.
static void
makes_calls(struct UTrapframe *utf)
{
	uintptr_t page = ROUNDDOWN(utf->utf_fault_va, PGSIZE);
	struct Stat st;
	char c;

	CHECK((page & ~0xfffff) == 0xa0000000);
	CHECK_EQ(read(common, &c, 1), 1);
	CHECK_EQ(stat(DIR "/f2", &st), 0);
	CHECK_EQ(st.st_size, FILE_SIZE);
	int fd = must_open(DIR "/f3", O_RDONLY);
	CHECK_EQ(read(fd, &c, 1), 1);
	CHECK_EQ((uint8_t)c, pattern(0, 4));
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(sys_page_alloc(0, (void *)page, RW), 0);
}

static void
faults_much(int me)
{
	char *area = (char *)0xa0000000 + me * 4 * PGSIZE;

	for (int i = 0; i < rounds; i++) {
		CHECK_EQ(seek(common, 0), 0);
		CHECK(read(common, area + 16, 2 * PGSIZE) >= 0);
		CHECK_EQ(write(common, area + 3 * PGSIZE, 1), 1);
		for (int j = 0; j < 4; j++)
			CHECK_EQ(sys_page_unmap(0, area + j * PGSIZE), 0);
	}
}

static void
calls_in_handlers(void)
{
	make_file(DIR "/much", 100 * PGSIZE, 1);
	common = must_open(DIR "/much", O_RDWR);
	set_pgfault_handler(makes_calls);
	run_threads(faults_much, NTHREADS);
	set_pgfault_handler(NULL);
	CHECK_EQ(close(common), 0);
	CHECK_EQ(remove(DIR "/much"), 0);
}

void
umain(int argc, char **argv)
{
	rounds = arg_number(argc, argv, library_mode(argc, argv), 20);
	make_files(DIR);
	handlers();
	calls_in_handlers();
	forks();
	exits();
	CHECK_EQ(open_fds(), 3);
	work_end(DIR);
	PASS("fd_threads_end");
}
