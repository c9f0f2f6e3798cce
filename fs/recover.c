// What a crash left: the records of the log that are whole belong to transactions
// that were committed, and are written to their places again. A crash in the middle
// of that does no harm: the next mount begins anew, since the head moves last.

#include <fs/core.h>

#define BATCH 16u // blocks read at once

static_assert(BATCH <= MIN_PAGES - 2, "the cache lends its pages");

static bool
head_is_sound(const struct LogHead *head)
{
	return head->h_magic == LOG_MAGIC && head->h_start < fs.super.s_nlog &&
	       head->h_checksum ==
		       fs_checksum(CHECKSUM_START, head, offsetof(struct LogHead, h_checksum) / 4);
}

// What a record may name: Roots, the bitmap, and what files have.
static bool
may_be_named(uint32_t block)
{
	return (block >= ROOTS_BLOCK && block < fs.super.s_log) || block_is_data(block);
}

// Reads the record at a position; room is how many blocks of the ring are left.
// How many blocks it has, 0 if there is no sound one, -E_IO, or -E_BAD_FS.
static int
read_record(struct LogRecord *record, void *const pages[], uint32_t pos, uint32_t seq,
	    uint32_t room)
{
	uint32_t sum, part;
	int r = log_io(false, pos, 1, (void *[]){record});

	if (r < 0)
		return r;
	if (record->r_magic != LOG_MAGIC || record->r_seq != seq)
		return 0;
	if (record->r_n == 0 || record->r_n > LOG_MAXBLOCKS || record->r_n >= room)
		return 0;
	sum = fs_checksum(CHECKSUM_START, &record->r_seq, 2);
	sum = fs_checksum(sum, record->r_block, record->r_n);
	for (uint32_t done = 0; done < record->r_n; done += part) {
		part = MIN(record->r_n - done, BATCH);
		r = log_io(false, pos + 1 + done, part, pages);
		if (r < 0)
			return r;
		for (uint32_t i = 0; i < part; i++)
			sum = fs_checksum(sum, pages[i], BLKSIZE / 4);
	}
	if (sum != record->r_checksum)
		return 0;
	for (uint32_t i = 0; i < record->r_n; i++)
		if (!may_be_named(record->r_block[i]))
			return -E_BAD_FS;
	return record->r_n;
}

// Writes the blocks of a sound record to their places.
static int
replay(const struct LogRecord *record, void *const pages[], uint32_t pos)
{
	uint32_t part;
	int r = 0;

	for (uint32_t done = 0; done < record->r_n; done += part) {
		part = MIN(record->r_n - done, BATCH);
		r = log_io(false, pos + 1 + done, part, pages);
		for (uint32_t i = 0; r == 0 && i < part; i++)
			r = disk_write(record->r_block[done + i], 1, &pages[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

// Reads the log's head, and puts in its place what the log has. The log is empty
// then. The cache must be empty: its pages are used. -E_BAD_FS, -E_IO.
int
log_recover(void)
{
	struct LogRecord *record = cache_log_page(0);
	struct LogHead *head = cache_log_page(1);
	uint32_t seq, pos, used = 0, nbufs;
	struct Buf *bufs = cache_all(&nbufs);
	void *pages[BATCH];
	int n, r;

	for (uint32_t i = 0; i < BATCH; i++)
		pages[i] = bufs[i].data;
	r = disk_read(fs.super.s_log, 1, (void *[]){head});
	if (r < 0)
		return r;
	if (!head_is_sound(head))
		return -E_BAD_FS;
	seq = head->h_seq;
	pos = head->h_start;
	for (;;) {
		n = read_record(record, pages, pos, seq, fs.super.s_nlog - used);
		if (n < 0)
			return n;
		if (n == 0)
			break;
		r = replay(record, pages, pos);
		if (r < 0)
			return r;
		seq++;
		pos = (pos + 1 + n) % fs.super.s_nlog;
		used += 1 + n;
	}
	// A piece of a record with that number may be there: it will not be used again.
	log_begin(seq + 1, pos);
	return used ? log_write_head() : 0;
}
