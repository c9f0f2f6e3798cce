// Power failures. Random operations run on a disk that records what is written, with a
// model beside them. For many moments, the disk is put together as a crash may have left
// it: all up to the last flush is there, and of what was written after it, any of the
// sectors. It must mount, and be as the model was after one of the operations: not
// before the last that was committed. And so again, after a crash of that mount.
// sources: fs/cache.c fs/log.c fs/recover.c fs/bitmap.c fs/map.c fs/node.c fs/file.c
// sources: fs/dir.c fs/path.c fs/mount.c
#include "test/host/fs_model.h"

#define OPS_MAX 1500
#define NBLOCKS 200
#define NESTED 12 // of so many crashes, in one the mount crashes, too, at each write

// The model after each operation, and what had been written then.
static struct {
	uint64_t digest;
	uint32_t nrecorded;
	uint32_t committed; // the last operation that is safe
	char text[60];
} history[OPS_MAX + 1];
static uint32_t nops;

static unsigned char base[NBLOCKS][BLKSIZE];    // the disk when recording began
static unsigned char durable[NBLOCKS][BLKSIZE]; // base, and what was flushed since
static uint32_t ncrashes, nnested;

static void
note_op(void)
{
	uint32_t before = nops ? history[nops - 1].committed : 0;

	history[nops].digest = model_digest();
	history[nops].nrecorded = nrecorded;
	history[nops].committed = op_committed ? nops : before;
	memcpy(history[nops].text, op_text, sizeof(history[nops].text));
	nops++;
}

// Runs operations on what is mounted.
static bool
run_ops(uint32_t n)
{
	memcpy(base, disk, sizeof(base));
	nrecorded = 0;
	nops = 0;
	recording = true;
	op_committed = true;
	host_snprintf(op_text, sizeof(op_text), "(begin)");
	note_op();
	while (nops <= n) {
		if (!random_op())
			return false;
		note_op();
	}
	recording = false;
	return true;
}

// Writes to a block of the disk what a crash may leave of it: nothing, all, or some of
// the sectors.
static void
tear(const struct Recorded *r)
{
	uint32_t sectors = random_below(3) == 0 ? 0xff : random_below(2) ? random_below(256) : 0;

	for (uint32_t i = 0; i < BLKSECTS; i++)
		if (sectors >> i & 1)
			memcpy(disk[r->block] + i * SECTSIZE, r->data + i * SECTSIZE, SECTSIZE);
}

// Makes the disk what it may be if the power goes after n of what was recorded.
// `durable` must hold what was safe then; unsafe is where the rest begins.
static void
make_crash(uint32_t unsafe, uint32_t n)
{
	memcpy(disk, durable, sizeof(durable));
	for (uint32_t i = unsafe; i < n; i++)
		tear(&recorded[i]);
}

// Goes on until *unsafe begins behind the last flush before n.
static void
advance(uint32_t *unsafe, uint32_t n)
{
	uint32_t flush = n;

	while (flush > *unsafe && recorded[flush - 1].block)
		flush--;
	for (; *unsafe < flush; ++*unsafe)
		if (recorded[*unsafe].block)
			memcpy(durable[recorded[*unsafe].block], recorded[*unsafe].data, BLKSIZE);
}

// Mounts, and checks that it is one of the states that it may be: which.
static bool
check_crash(uint32_t n, uint64_t *digest)
{
	uint32_t k, lo = 0, nfree, nfree_then, nwritten;
	int r = fs_mount();

	ncrashes++;
	wrong = NULL;
	if (r < 0) {
		host_snprintf(failure, sizeof(failure), "crash at %u: mount: %d", n, r);
		return false;
	}
	nfree_then = fs_nfree();
	*digest = fs_digest();
	// Which operations had come back; one more may have been under way.
	for (k = 0; k < nops && history[k].nrecorded <= n; k++)
		lo = history[k].committed;
	while (k > lo && (k == nops || history[k].digest != *digest))
		k--;
	if (!wrong && history[k].digest != *digest)
		wrong = "no state that it may have";
	if (!wrong && fs_unmount() < 0)
		wrong = "cannot unmount";
	if (!wrong) {
		nfree = check_blocks(false);
		if (!wrong && nfree != nfree_then)
			wrong = "another number of free blocks";
	}
	nwritten = disk_writes;
	if (!wrong && (fs_mount() < 0 || disk_writes != nwritten))
		wrong = "the log is not empty";
	if (wrong)
		host_snprintf(failure, sizeof(failure),
			      "crash at %u of %u, after '%s' (safe: '%s'): %s", n, nrecorded,
			      history[k].text, history[lo].text, wrong);
	return !wrong;
}

// The mount that follows a crash crashes itself, at each of its writes.
static bool
crash_mount(uint32_t n, uint64_t digest)
{
	static unsigned char crashed[NBLOCKS][BLKSIZE], safe[NBLOCKS][BLKSIZE];
	uint32_t first = nrecorded, end, unsafe = first, i;
	uint64_t again;
	bool ok = true;

	memcpy(crashed, disk, sizeof(crashed));
	recording = true;
	ok = fs_mount() == 0;
	recording = false;
	end = nrecorded;
	memcpy(safe, durable, sizeof(safe));
	memcpy(durable, crashed, sizeof(crashed));
	for (i = first; ok && i <= end; i++) {
		nrecorded = i;
		advance(&unsafe, i);
		make_crash(unsafe, i);
		nnested++;
		nrecorded = first;
		ok = check_crash(n, &again);
		if (ok && again != digest) {
			host_snprintf(failure, sizeof(failure),
				      "crash at %u: another state after one more", n);
			ok = false;
		}
	}
	nrecorded = first;
	memcpy(durable, safe, sizeof(safe));
	return ok;
}

// Crashes at each write that was recorded.
static bool
crash_everywhere(void)
{
	uint32_t unsafe = 0, n;
	uint64_t digest;

	memcpy(durable, base, sizeof(durable));
	for (n = 0; n <= nrecorded; n++) {
		uint32_t seed = random_state;

		advance(&unsafe, n);
		make_crash(unsafe, n);
		if (!check_crash(n, &digest))
			return false;
		if (n % NESTED)
			continue;
		random_state = seed; // the same crash
		make_crash(unsafe, n);
		if (!crash_mount(n, digest))
			return false;
	}
	return true;
}

static void
begin(uint32_t seed, int budget)
{
	random_state = seed;
	disk_nblocks = NBLOCKS;
	pages_budget = MAX(pages_budget, budget);
	memset(disk, 0, sizeof(disk));
	model_reset();
}

static void
crashes(uint32_t seed, int budget)
{
	begin(seed, budget);
	CHECK_EQ(fs_format(NBLOCKS), 0);
	if (!run_ops(OPS_MAX - 1) || !crash_everywhere())
		return;
	CHECK(nrecorded > 100);
}

static void
small_cache(void)
{
	crashes(1, MIN_PAGES);
}

// Transactions that end when they are large, and records that go round the ring.
static void
large_transactions(void)
{
	commits = 1;
	overwrites = true;
	for (uint32_t seed = 20; seed < 24 && !failure[0]; seed++)
		crashes(seed, 0);
	commits = 8;
	overwrites = false;
}

// One crash after the other, and work between them: what an old life left in the log
// must never be taken for new.
static void
lives(void)
{
	uint32_t unsafe, n;
	uint64_t digest;

	begin(7, 0);
	CHECK_EQ(fs_format(NBLOCKS), 0);
	for (int life = 0; life < 400; life++) {
		if (!run_ops(5 + random_below(40)))
			return;
		memcpy(durable, base, sizeof(durable));
		unsafe = 0;
		n = random_below(nrecorded + 1);
		advance(&unsafe, n);
		make_crash(unsafe, n);
		memcpy(base, disk, sizeof(base));
		if (!check_crash(n, &digest))
			return;
		// It was unmounted to be checked; the next life begins from the crash.
		memcpy(disk, base, sizeof(base));
		CHECK_EQ(fs_mount(), 0);
		model_load();
		CHECK(model_digest() == digest);
	}
}

static void
large_cache(void)
{
	for (uint32_t seed = 2; seed < 4 && !failure[0]; seed++)
		crashes(seed, CACHE_BLOCKS);
}

int
main(void)
{
	RUN(small_cache);
	RUN(large_transactions);
	RUN(lives);
	RUN(large_cache);
	host_printf("%u crashes, %u of them while mounting\n", ncrashes, nnested);
	return report("fs_crash");
}
