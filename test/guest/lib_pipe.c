// Pipes: what is there is read, the end is seen by whoever is left, in whatever way
// the others went, and a pipe is a descriptor like any.
#include <test/guest/filecheck.h>

#define MANY 100000 // more than a pipe holds

static char buf[8192];
static int p[2];

static void
make_pipe(void)
{
	CHECK_EQ(pipe(p), 0);
	CHECK(p[0] != p[1]);
}

static void
close_both(void)
{
	CHECK_EQ(close(p[0]), 0);
	CHECK_EQ(close(p[1]), 0);
}

// In one process.
static void
by_oneself(void)
{
	struct Stat st;
	struct Fd *fd;

	make_pipe();
	CHECK_EQ(fd_lookup(p[0], &fd), 0);
	CHECK_EQ(fd->fd_dev_id, devpipe.dev_id);
	CHECK_EQ(pipeisclosed(p[0]), 0);
	CHECK_EQ(pipeisclosed(p[1]), 0);
	CHECK_EQ(write(p[1], "hello", 5), 5);
	CHECK_EQ(fstat(p[0], &st), 0);
	CHECK(st.st_dev == &devpipe);
	CHECK_EQ(st.st_isdir, 0);
	CHECK_EQ(st.st_size, 5);
	CHECK_EQ(read(p[0], buf, 3), 3);
	CHECK_EQ(memcmp(buf, "hel", 3), 0);
	CHECK_EQ(write(p[1], "!", 1), 1);
	CHECK_EQ(read(p[0], buf, 100), 3); // what there is
	CHECK_EQ(memcmp(buf, "lo!", 3), 0);
	CHECK_EQ(read(p[0], buf, 0), 0);
	CHECK_EQ(write(p[1], buf, 0), 0);
	CHECK_EQ(write(p[0], "x", 1), -E_INVAL); // the wrong ends
	CHECK_EQ(read(p[1], buf, 1), -E_INVAL);
	CHECK_EQ(ftruncate(p[1], 0), -E_NOT_SUPP);

	// What was written is there after the writer has closed; then comes the end.
	CHECK_EQ(write(p[1], "rest", 4), 4);
	CHECK_EQ(close(p[1]), 0);
	CHECK_EQ(read(p[0], buf, 2), 2);
	CHECK_EQ(readn(p[0], buf, 100), 2);
	CHECK_EQ(memcmp(buf, "st", 2), 0);
	for (int i = 0; i < 3; i++)
		CHECK_EQ(read(p[0], buf, 1), 0);
	CHECK_EQ(pipeisclosed(p[0]), 1);
	CHECK_EQ(close(p[0]), 0);

	// Nobody reads.
	make_pipe();
	CHECK_EQ(close(p[0]), 0);
	CHECK_EQ(pipeisclosed(p[1]), 1);
	CHECK_EQ(write(p[1], "x", 1), 0);
	CHECK_EQ(close(p[1]), 0);

	// A duplicate keeps an end open.
	make_pipe();
	CHECK_EQ(dup(p[1], 20), 20);
	CHECK_EQ(close(p[1]), 0);
	CHECK_EQ(pipeisclosed(p[0]), 0);
	CHECK_EQ(write(20, "dup", 3), 3);
	CHECK_EQ(close(20), 0);
	CHECK_EQ(read(p[0], buf, 100), 3);
	CHECK_EQ(read(p[0], buf, 100), 0);
	CHECK_EQ(close(p[0]), 0);
}

static void
writes_many(int pieces)
{
	CHECK_EQ(close(p[0]), 0);
	for (uint32_t at = 0, n; at < MANY; at += n) {
		n = MIN((uint32_t)pieces, MANY - at);
		fill(buf, n, at, 1);
		CHECK_EQ(write(p[1], buf, n), n);
	}
	// Its end closes the pipe.
}

// More than fits, in pieces of many sizes on both sides.
static void
much(void)
{
	static const uint32_t sizes[] = {1, 100, PGSIZE, sizeof(buf)};

	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (unsigned j = 0; j < ARRAY_SIZE(sizes); j++) {
			uint32_t at = 0, limit = sizes[i] == 1 || sizes[j] == 1 ? 5000 : MANY;
			envid_t id;
			int n;

			if (sizes[i] == 1 && sizes[j] == 1)
				continue;
			make_pipe();
			id = lib_child(writes_many, sizes[i]);
			CHECK_EQ(close(p[1]), 0);
			while (at < limit && (n = read(p[0], buf, sizes[j])) > 0) {
				CHECK(is_filled(buf, n, at, 1));
				at += n;
			}
			if (limit == MANY) {
				CHECK_EQ(at, MANY);
				CHECK_EQ(read(p[0], buf, 1), 0);
			} else {
				sys_env_destroy(id); // or it has just ended
			}
			CHECK_EQ(close(p[0]), 0);
			wait(id);
		}
	}
}

// A writer blocks when the pipe is full, and ends when its reader goes.
static void
writes_until_closed(int arg)
{
	int r;

	CHECK_EQ(close(p[0]), 0);
	shared->ready = 1;
	fill(buf, sizeof(buf), 0, 2);
	while ((r = write(p[1], buf, sizeof(buf))) == sizeof(buf))
		count_up(&shared->count[0]);
	CHECK(r >= 0 && r < (int)sizeof(buf));
	// Some room may be left, which the last piece, up to 512 bytes at once, didn't fit.
	int left = 0;
	while (write(p[1], buf, 1) == 1)
		left++;
	CHECK(left < 512);
	CHECK_EQ(write(p[1], buf, 1), 0);
	shared->result = r;
	shared->ready = 2;
}

static void
reads_some(int kill)
{
	CHECK_EQ(close(p[1]), 0);
	CHECK_EQ(readn(p[0], buf, 5000), 5000);
	shared->stop = 1;
	if (kill)
		sys_ipc_recv((void *)UTOP);
}

static void
reader_goes(void)
{
	for (int kill = 0; kill < 2; kill++) {
		envid_t writer, reader;

		shared->ready = shared->stop = shared->count[0] = 0;
		make_pipe();
		writer = lib_child(writes_until_closed, 0);
		reader = lib_child(reads_some, kill);
		close_both();
		AWAIT(shared->stop);
		if (kill) {
			AWAIT(asleep(writer) && asleep(reader)); // full, and nobody reads
			CHECK_EQ(shared->ready, 1);
			CHECK_EQ(sys_env_destroy(reader), 0);
		}
		wait(reader);
		wait(writer);
		CHECK_EQ(shared->ready, 2);
	}
}

// A reader that sleeps sees the end when the last writer closes, exits, faults or
// is killed.
static void
reads_to_end(int arg)
{
	CHECK_EQ(close(p[1]), 0);
	shared->result = readn(p[0], buf, sizeof(buf));
	count_up(&shared->ready);
}

static void
holds_writer(int how)
{
	CHECK_EQ(write(p[1], "w", 1), 1);
	AWAIT(shared->stop);
	if (how == 1)
		CHECK_EQ(close(p[1]), 0);
	if (how == 2)
		*(volatile uint32_t *)0 = 0;
	if (how == 3)
		close_all();
	if (how == 1 || how == 3 || how == 4)
		sys_ipc_recv((void *)UTOP);
}

static void
writers_go(void)
{
	for (int how = 0; how < 5; how++) {
		envid_t reader, writer[2];

		shared->ready = shared->stop = 0;
		make_pipe();
		reader = lib_child(reads_to_end, 0);
		writer[0] = lib_child(holds_writer, how);
		writer[1] = lib_child(holds_writer, how);
		close_both();
		AWAIT(asleep(reader));
		CHECK_EQ(shared->ready, 0);
		shared->stop = 1;
		if (how == 4) {
			AWAIT(asleep(writer[0]) && asleep(writer[1]));
			CHECK_EQ(sys_env_destroy(writer[1]), 0);
			wait(writer[1]);
			CHECK_EQ(shared->ready, 0); // the other could still write
			CHECK_EQ(sys_env_destroy(writer[0]), 0);
		}
		AWAIT(shared->ready == 1);
		CHECK_EQ(shared->result, 2);
		wait(reader);
		for (int i = 0; i < 2; i++) {
			if (!env_gone(writer[i]))
				sys_env_destroy(writer[i]);
			wait(writer[i]);
		}
	}
}

// A row of processes, each of which passes on what it reads.
static void
passes_on(int arg)
{
	int r;

	while ((r = read(0, buf, 1500)) > 0)
		CHECK_EQ(write(1, buf, r), r);
	CHECK_EQ(r, 0);
}

static void
row(void)
{
	enum { LENGTH = 6 };
	envid_t id[LENGTH + 1];
	int in, n;

	CHECK_EQ(dup(0, 20), 20);
	CHECK_EQ(dup(1, 21), 21);
	make_pipe();
	id[0] = lib_child(writes_many, 3000);
	CHECK_EQ(close(p[1]), 0);
	in = p[0];
	for (int i = 1; i <= LENGTH; i++) {
		CHECK_EQ(dup(in, 0), 0);
		CHECK_EQ(close(in), 0);
		make_pipe();
		CHECK_EQ(dup(p[1], 1), 1);
		CHECK_EQ(close(p[1]), 0);
		id[i] = lib_child(passes_on, 0);
		in = p[0];
		CHECK_EQ(dup(20, 0), 0);
		CHECK_EQ(dup(21, 1), 1);
	}
	for (uint32_t at = 0; at < MANY; at += n) {
		n = read(in, buf, sizeof(buf));
		CHECK(n > 0);
		CHECK(is_filled(buf, n, at, 1));
	}
	CHECK_EQ(read(in, buf, 1), 0);
	CHECK_EQ(close(in), 0);
	for (int i = 0; i <= LENGTH; i++)
		wait(id[i]);
	CHECK_EQ(close(20), 0);
	CHECK_EQ(close(21), 0);
}

void
umain(int argc, char **argv)
{
	library_mode(argc, argv);
	share_results();
	by_oneself();
	much();
	reader_goes();
	writers_go();
	row();
	CHECK_EQ(open_fds(), 3);
	PASS("lib_pipe");
}
