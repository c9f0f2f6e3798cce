// Pipes with several readers and several writers, some of which are killed at any
// moment: no byte is lost or doubled, each writer's bytes keep their order, nobody
// hangs, and the end comes when the last writer has gone, however it went.
//
// pipe_stress [KILLS]
#include "check.h"

#define WRITERS 4
#define READERS 3
#define TOTAL 20000  // bytes of each writer
#define RECORDS 2000 // of each writer
#define CHUNK 700    // of a read or write of random size

static int ends[2];
static uint32_t seed = 12345;

// Per writer or reader, in shared->count and shared->word.
#define begun(w) (shared->count[w])           // bytes given to write
#define finished(w) (shared->count[64 + (w)]) // bytes that write said it has written
#define got(w) (shared->word[w])              // bytes of this writer that were read

static uint32_t
below(uint32_t n)
{
	return next_random(&seed) % n;
}

// Writes that are small as a rule, sometimes larger than the pipe.
static uint32_t
write_size(void)
{
	return below(16) == 0 ? 1 + below(6000) : 1 + below(CHUNK);
}

static void
write_bytes(int w)
{
	static char buf[6000];

	close(ends[0]);
	seed += 1000 * (w + 1);
	memset(buf, w, sizeof(buf));
	for (uint32_t done = 0; done < TOTAL;) {
		uint32_t n = MIN(write_size(), TOTAL - done);
		begun(w) += n;
		CHECK_EQ(write(ends[1], buf, n), n);
		finished(w) += n;
		done += n;
	}
}

static void
write_until_stopped(int w)
{
	static char buf[6000];

	close(ends[0]);
	seed += sys_getenvid();
	memset(buf, w, sizeof(buf));
	while (!shared->stop) {
		uint32_t n = write_size();
		__atomic_add_fetch(&begun(w), n, __ATOMIC_SEQ_CST);
		int r = write(ends[1], buf, n);
		CHECK(r >= 0 && r <= (int)n);
		__atomic_add_fetch(&finished(w), r, __ATOMIC_SEQ_CST);
	}
}

static void
read_bytes(int reader)
{
	static unsigned char buf[CHUNK];
	uint32_t mine[WRITERS];
	int n;

	close(ends[1]);
	seed += 77777 * (sys_getenvid() & 0xffff);
	while ((n = read(ends[0], buf, 1 + below(CHUNK))) > 0) {
		memset(mine, 0, sizeof(mine));
		for (int i = 0; i < n; i++) {
			CHECK(buf[i] < WRITERS);
			mine[buf[i]]++;
		}
		for (int w = 0; w < WRITERS; w++)
			__atomic_add_fetch(&got(w), mine[w], __ATOMIC_SEQ_CST);
	}
	CHECK_EQ(n, 0);
}

static void
start(void)
{
	memset((void *)shared, 0, sizeof(*shared));
	CHECK_EQ(pipe(ends), 0);
}

// Closes both ends here, and waits for the children.
static void
finish(const envid_t *child, int n)
{
	close(ends[0]);
	close(ends[1]);
	for (int i = 0; i < n; i++)
		wait(child[i]);
}

// ---- Nobody is killed ---------------------------------------------------------------

static void
all_bytes(void)
{
	envid_t child[WRITERS + READERS];
	int n = 0;

	start();
	for (int i = 0; i < READERS; i++)
		child[n++] = child_run(read_bytes, i);
	for (int w = 0; w < WRITERS; w++)
		child[n++] = child_run(write_bytes, w);
	finish(child, n);
	for (int w = 0; w < WRITERS; w++)
		CHECK_EQ(got(w), TOTAL);
}

// ---- Order --------------------------------------------------------------------------

struct Record {
	uint32_t writer, number;
};

// Writes of up to 512 bytes are whole: so a reader finds whole records.
static void
write_records(int w)
{
	struct Record buf[64];

	close(ends[0]);
	seed += 1000 * (w + 1);
	for (uint32_t number = 0; number < RECORDS;) {
		uint32_t n = MIN(1 + below(64), RECORDS - number);
		for (uint32_t i = 0; i < n; i++)
			buf[i] = (struct Record){w, number++};
		CHECK_EQ(write(ends[1], buf, n * sizeof(buf[0])), n * sizeof(buf[0]));
	}
}

static void
in_order(void)
{
	uint32_t next[WRITERS] = {0};
	envid_t child[WRITERS];
	struct Record record;

	start();
	for (int w = 0; w < WRITERS; w++)
		child[w] = child_run(write_records, w);
	close(ends[1]);
	for (int i = 0; i < WRITERS * RECORDS; i++) {
		CHECK_EQ(readn(ends[0], &record, sizeof(record)), sizeof(record));
		CHECK(record.writer < WRITERS);
		CHECK_EQ(record.number, next[record.writer]);
		next[record.writer]++;
	}
	CHECK_EQ(read(ends[0], &record, 1), 0);
	finish(child, WRITERS);
}

// ---- Killed -------------------------------------------------------------------------

static void
killed(int kills)
{
	envid_t child[WRITERS + READERS];
	uint32_t lost = 0, all_begun = 0, all_finished = 0, all_got = 0;

	start();
	for (int i = 0; i < WRITERS + READERS; i++)
		child[i] =
			i < WRITERS ? child_run(write_until_stopped, i) : child_run(read_bytes, i);
	for (int k = 0; k < kills; k++) {
		int i = below(WRITERS + READERS);
		for (int n = below(20); n > 0; n--)
			sys_yield();
		CHECK_EQ(sys_env_destroy(child[i]), 0);
		wait(child[i]);
		if (i >= WRITERS)
			lost += CHUNK; // of what it had read, it had not yet told
		child[i] =
			i < WRITERS ? child_run(write_until_stopped, i) : child_run(read_bytes, i);
	}
	shared->stop = 1;
	finish(child, WRITERS + READERS);

	for (int w = 0; w < WRITERS; w++) {
		CHECK(got(w) <= begun(w));
		all_begun += begun(w);
		all_finished += finished(w);
		all_got += got(w);
	}
	CHECK(all_got + lost >= all_finished);
	cprintf("%d kills: %u bytes read, of %u to %u written\n", kills, all_got, all_finished,
		all_begun);
}

// The last writer is killed while a reader sleeps, or is about to: the end comes.
static void
sit(int arg)
{
	close(ends[0]);
	count_up(&shared->ready);
	for (;;)
		sys_yield();
}

static void
writer_is_killed(int times)
{
	char c;

	for (int i = 0; i < times; i++) {
		start();
		envid_t writer = child_run(sit, 0);
		close(ends[1]);
		AWAIT(shared->ready);
		envid_t reader = fork();
		CHECK(reader >= 0);
		if (reader == 0) {
			CHECK_EQ(read(ends[0], &c, 1), 0);
			exit();
		}
		for (int n = below(6); n > 0; n--)
			sys_yield();
		for (volatile uint32_t n = below(20000); n > 0; n--)
			;
		CHECK_EQ(pipeisclosed(ends[0]), 0);
		CHECK_EQ(sys_env_destroy(writer), 0);
		wait(reader);
		wait(writer);
		CHECK_EQ(pipeisclosed(ends[0]), 1);
		close(ends[0]);
	}
}

// ---- Descriptors come and go ----------------------------------------------------------

// Makes and closes descriptors of one end, here and in children.
static void
churn(int end)
{
	const int here = ends[end], there = 20;

	close(ends[1 - end]);
	count_up(&shared->ready);
	for (int i = 0; !shared->stop; i++) {
		CHECK_EQ(dup(here, there), there);
		CHECK_EQ(close(here), 0);
		CHECK_EQ(dup(there, here), here);
		CHECK_EQ(close(there), 0);
		if (i % 8 == 0) {
			envid_t id = fork();
			CHECK(id >= 0);
			if (id == 0)
				exit();
			wait(id);
		}
	}
}

static void
reads_end(int arg)
{
	char c;

	close(ends[1]);
	count_up(&shared->ready);
	CHECK_EQ(read(ends[0], &c, 1), 0);
}

// While there is a writer, no moment at which the reader's end looks like the only one;
// and when it has gone, a reader that sleeps sees that, whatever the others do.
static void
descriptors_come_and_go(int looks)
{
	envid_t churner[3], writer, reader;

	start();
	for (int i = 0; i < 3; i++)
		churner[i] = child_run(churn, 0);
	writer = child_run(churn, 1);
	AWAIT(shared->ready == 4);
	for (int i = 0; i < looks; i++) {
		CHECK_EQ(pipeisclosed(ends[0]), 0);
		CHECK_EQ(pipeisclosed(ends[1]), 0);
	}
	close(ends[1]);
	for (int i = 0; i < looks; i++)
		CHECK_EQ(pipeisclosed(ends[0]), 0);
	reader = child_run(reads_end, 0);
	AWAIT(shared->ready == 5);
	CHECK_EQ(sys_env_destroy(writer), 0);
	wait(reader);
	CHECK_EQ(shared->stop, 0);
	shared->stop = 1;
	for (int i = 0; i < 3; i++)
		wait(churner[i]);
	CHECK_EQ(pipeisclosed(ends[0]), 1);
	close(ends[0]);
}

void
umain(int argc, char **argv)
{
	int kills = arg_number(argc, argv, 1, 100);

	share_results();
	all_bytes();
	in_order();
	writer_is_killed(kills / 2);
	descriptors_come_and_go(kills * 200);
	killed(kills);
	PASS("pipe_stress");
}
