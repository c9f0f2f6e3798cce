// Transactions, and the log that makes them safe. doc/fs.md argues why it does.
//
// A commit writes what the running transaction changed as one record into the ring,
// and is over when the disk has it. Blocks that were free before the transaction may
// go straight to their places instead, if the disk has them before it gets the record;
// that saves a second writing of much data, and costs a second wait. It must not
// be done with a block that a record in the ring names: recovery would overwrite it.
//
// When a transaction begins, the ring has room for the largest record. A commit that
// leaves less makes a checkpoint: everything goes to its place, and the head passes
// over all records.

#include <fs/core.h>

#define MIN_FRESH 8u   // so many blocks are not worth a second wait
#define MAX_FRESH 256u // a transaction with more commits by itself
#define MAX_LOGGED 128u

struct Fs fs = {.error = -E_NO_DEV};
struct Tx tx = {.id = 1};
struct Log fslog;

static uint32_t named[MAXBLOCKS / 32]; // blocks that the records in the ring name

bool
log_names(uint32_t block)
{
	return named[block / 32] >> block % 32 & 1;
}

// Reads or writes n blocks of the ring, from a position on. -E_IO.
int
log_io(bool write, uint32_t pos, uint32_t n, void *const bufs[])
{
	uint32_t done, part;
	int r;

	for (done = 0; done < n; done += part) {
		uint32_t at = (pos + done) % fs.super.s_nlog, block = fs.super.s_log + 1 + at;

		part = MIN(n - done, fs.super.s_nlog - at);
		r = write ? disk_write(block, part, bufs + done)
			  : disk_read(block, part, bufs + done);
		if (r < 0)
			return r;
	}
	return 0;
}

// Makes the log empty: everything that was written so far must be safe first, then
// the head passes over all records. -E_IO.
int
log_write_head(void)
{
	struct LogHead *head = cache_log_page(1);
	int r = disk_flush();

	if (r < 0)
		return r;
	memset(head, 0, BLKSIZE);
	head->h_magic = LOG_MAGIC;
	head->h_seq = fslog.seq;
	head->h_start = fslog.pos;
	head->h_checksum =
		fs_checksum(CHECKSUM_START, head, offsetof(struct LogHead, h_checksum) / 4);
	r = disk_write(fs.super.s_log, 1, (void *[]){head});
	if (r == 0)
		r = disk_flush(); // before anything goes where the old records are
	if (r < 0)
		return r;
	fslog.used = 0;
	fslog.head_is_old = false;
	memset(named, 0, sizeof(named));
	return 0;
}

// Takes over the ring as a mount finds it: empty.
void
log_begin(uint32_t seq, uint32_t pos)
{
	fslog.seq = seq;
	fslog.pos = pos;
	fslog.used = 0;
	fslog.head_is_old = true;
	fslog.max = MIN(fs.super.s_nlog / 2 - 1, MAX_LOGGED);
	tx.nlogged = tx.nfresh = 0;
	memset(named, 0, sizeof(named));
}

// Puts all that is committed in its place. There must be no transaction.
static int
checkpoint(void)
{
	int r = cache_write(B_LOGGED);

	if (r == 0)
		r = log_write_head();
	return r;
}

// Whether a buffer goes into the record.
static bool
is_to_log(const struct Buf *b, bool direct)
{
	return (b->flags & B_TX) && !(direct && (b->flags & B_FRESH));
}

// Writes the record. How many blocks it has, or -E_IO.
static int
write_record(bool direct)
{
	static void *pages[1 + MAX_LOGGED];
	struct LogRecord *record = cache_log_page(0);
	uint32_t nbufs, n = 0, sum;
	struct Buf *bufs = cache_all(&nbufs);
	int r;

	for (uint32_t i = 0; i < nbufs; i++) {
		if (!is_to_log(&bufs[i], direct))
			continue;
		assert(n < fslog.max);
		record->r_block[n] = bufs[i].block;
		pages[++n] = bufs[i].data;
	}
	record->r_magic = LOG_MAGIC;
	record->r_seq = fslog.seq;
	record->r_n = n;
	sum = fs_checksum(CHECKSUM_START, &record->r_seq, 2);
	sum = fs_checksum(sum, record->r_block, n);
	for (uint32_t i = 1; i <= n; i++)
		sum = fs_checksum(sum, pages[i], BLKSIZE / 4);
	record->r_checksum = sum;

	pages[0] = record;
	r = log_io(true, fslog.pos, 1 + n, pages);
	return r < 0 ? r : (int)n;
}

// The record is safe.
static void
committed(uint32_t n, bool direct)
{
	uint32_t nbufs;
	struct Buf *bufs = cache_all(&nbufs);

	for (uint32_t i = 0; i < nbufs; i++) {
		struct Buf *b = &bufs[i];
		bool logged = is_to_log(b, direct);

		if (logged)
			named[b->block / 32] |= 1u << b->block % 32;
		if (b->flags & B_TX)
			buf_committed(b, !logged);
	}
	fslog.seq++;
	fslog.pos = (fslog.pos + 1 + n) % fs.super.s_nlog;
	fslog.used += 1 + n;
	tx.id++;
	tx.nlogged = tx.nfresh = 0;
	bitmap_committed();
}

// The steps of a commit; the disk takes writes between two flushes in any order.
static int
commit(void)
{
	bool direct = tx.nfresh > MIN_FRESH;
	int r = 0, n;

	// Records with this head's number may be left from before a crash.
	if (fslog.head_is_old)
		r = log_write_head();
	if (r == 0 && direct)
		r = cache_write(B_FRESH);
	if (r == 0 && direct)
		r = disk_flush();
	if (r < 0)
		return r;
	n = write_record(direct);
	if (n < 0)
		return n;
	r = disk_flush();
	if (r < 0)
		return r;
	committed(n, direct);
	return fs.super.s_nlog - fslog.used <= fslog.max ? checkpoint() : 0;
}

// Makes all operations so far safe. After -E_IO what is on the disk is unknown, but
// sound: nothing is written there any more.
int
fs_commit(void)
{
	int r;

	if (fs.error)
		return fs.error;
	if (tx.nlogged + tx.nfresh == 0)
		return 0;
	r = commit();
	if (r < 0)
		fs.error = -E_IO;
	return r;
}

// The same, and puts everything in its place, so that the log is empty. Nothing is
// mounted then, whatever it returns.
int
fs_unmount(void)
{
	int r = fs_commit();

	if (r == 0 && fslog.used)
		r = checkpoint();
	fs.error = -E_NO_DEV;
	return r;
}

// Begins an operation. If it is to change something, there will be room for that in
// the transaction, in the log and in the cache. -E_NO_DEV, -E_IO.
int
op_begin(bool changes)
{
	uint32_t logged = tx.nlogged + MIN(tx.nfresh, MIN_FRESH);

	if (fs.error)
		return fs.error;
	cache_next_op();
	if (changes && (logged + op_changes() > fslog.max || tx.nfresh > MAX_FRESH ||
			cache_room(OP_BUFFERS) < OP_BUFFERS))
		return fs_commit();
	return 0;
}
