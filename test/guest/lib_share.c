// Open files that several processes have: the offset is one, whoever closes closes
// for itself, and the file server's table of open files comes back from
// whoever ends, in whatever way.
#include <test/guest/filecheck.h>

#define DIR "/t-lib_share"
#define FILE DIR "/f"

static int fd;

static void
reads_on(int arg)
{
	static char buf[100];

	CHECK_EQ(read(fd, buf, 100), 100);
	CHECK(is_filled(buf, 100, 100, 1));
	CHECK_EQ(close(fd), 0);
	count_up(&shared->ready);
}

// A forked child goes on where the parent stopped, and the parent where it did.
static void
over_fork(void)
{
	static char buf[100];

	fd = must_open(FILE, O_RDONLY);
	CHECK_EQ(read(fd, buf, 100), 100);
	lib_child_finish(reads_on, 0);
	CHECK_EQ(shared->ready, 1);
	CHECK_EQ(read(fd, buf, 100), 100); // the child's close was its own
	CHECK(is_filled(buf, 100, 200, 1));
	CHECK_EQ(close(fd), 0);
}

// The same for one that is started from the disk; as its descriptor 0.
static void
over_spawn(void)
{
	const char *argv[] = {"lib_child", "read", "100", NULL};
	static char buf[100];

	fd = must_open(FILE, O_RDONLY);
	CHECK_EQ(dup(0, 20), 20);
	CHECK_EQ(dup(fd, 0), 0);
	CHECK_EQ(read(0, buf, 100), 100);
	CHECK_EQ(run_stopped(spawn_stopped("/test/lib_child", argv)), pattern(100, 1));
	CHECK_EQ(shared->result, 100 << 8 | pattern(100, 1));
	CHECK_EQ(run_stopped(spawn_stopped("/test/lib_child", argv)), pattern(200, 1));
	CHECK_EQ(read(fd, buf, 100), 100);
	CHECK(is_filled(buf, 100, 300, 1));
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(dup(20, 0), 0);
	CHECK_EQ(close(20), 0);
}

static void
seeks(int arg)
{
	CHECK_EQ(seek(fd, 2000), 0);
	CHECK_EQ(dup(fd, 25), 25);
	CHECK_EQ(close(fd), 0);
	fd = -1;
}

static void
over_child_of_child(int arg)
{
	lib_child_finish(seeks, 0);
}

static void
seek_is_shared(void)
{
	fd = must_open(FILE, O_RDONLY);
	lib_child_finish(over_child_of_child, 0);
	check_fd(fd, 2000, 5000, 1);
	CHECK_EQ(close(fd), 0);
}

// A child's last descriptor of a file that the parent has closed.
static void
writes_late(int arg)
{
	sleep_at(&shared->stop);
	CHECK_EQ(write(fd, "late", 4), 4);
	CHECK_EQ(close(fd), 0);
}

static void
child_is_last(void)
{
	static char buf[10];
	envid_t id;

	shared->stop = 0;
	fd = must_open(DIR "/late", O_RDWR | O_CREAT);
	CHECK_EQ(write(fd, "so ", 3), 3);
	id = lib_child(writes_late, 0);
	CHECK_EQ(close(fd), 0);
	go(&shared->stop);
	wait(id);
	fd = must_open(DIR "/late", O_RDONLY);
	CHECK_EQ(read(fd, buf, 10), 7);
	CHECK_EQ(memcmp(buf, "so late", 7), 0);
	CHECK_EQ(close(fd), 0);
}

static void
opens_many(int how)
{
	for (int i = 3; i < MAXFD; i++)
		CHECK_EQ(open(FILE, O_RDONLY), i);
	count_up(&shared->ready);
	if (how == 1)
		*(volatile uint32_t *)0 = 0;
	if (how == 2)
		sleep_at(&shared->word[99]);
}

// More opens than the server has slots for, by processes that end without a close.
static void
slots_come_back(void)
{
	for (int i = 0; i < MAXOPEN / (MAXFD - 3) + 10; i++) {
		envid_t id;

		shared->ready = 0;
		id = lib_child(opens_many, i % 20 == 0 ? 1 : i % 2 * 2);
		AWAIT(shared->ready);
		if (!env_gone(id))
			sys_env_destroy(id); // it may just have ended by itself
		wait(id);
	}
	for (int i = 0; i < MAXOPEN + 100; i++)
		CHECK_EQ(close(must_open(FILE, O_RDONLY)), 0);
}

static void
opens_all_it_can(int arg)
{
	int r, n = 0;

	while ((r = open(FILE, O_RDONLY)) >= 0)
		n++;
	CHECK_EQ(r, -E_MAX_OPEN);
	shared->count[arg] = n;
	sleep_at(&shared->stop);
	if (n > 0)
		check_fd(3, 0, 5000, 1); // they all work
}

// All slots at once: the server refuses, and goes on when some are free again.
static void
all_slots(void)
{
	enum { NCHILDREN = MAXOPEN / (MAXFD - 3) + 2 };
	envid_t id[NCHILDREN];
	uint32_t sum = 0;

	shared->stop = 0;
	for (int i = 0; i < NCHILDREN; i++) {
		shared->count[i] = -1U;
		id[i] = lib_child(opens_all_it_can, i);
		AWAIT(shared->count[i] != -1U);
		sum += shared->count[i];
	}
	CHECK_EQ(sum, MAXOPEN);
	CHECK_EQ(open(FILE, O_RDONLY), -E_MAX_OPEN);
	CHECK_EQ(open(DIR "/new", O_RDWR | O_CREAT), -E_MAX_OPEN);
	CHECK_EQ(open_fds(), 3);
	go(&shared->stop);
	for (int i = 0; i < NCHILDREN; i++)
		wait(id[i]);
	must_be_missing(DIR "/new");
	check_file(FILE, 5000, 1);
}

void
umain(int argc, char **argv)
{
	library_mode(argc, argv);
	share_results();
	work_begin(DIR);
	make_file(FILE, 5000, 1);
	over_fork();
	over_spawn();
	seek_is_shared();
	child_is_last();
	if (flex_library != FLEX_ALWAYS) { // the server's side, the same by any door
		slots_come_back();
		all_slots();
	}
	CHECK_EQ(open_fds(), 3);
	work_end(DIR);
	PASS("lib_share");
}
