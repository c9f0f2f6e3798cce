// Blocks in memory, at most CACHE_BLOCKS: found by a hash of their number, and
// replaced least recently used first. A block that the last commit left in the log
// only is written to its place first; that is safe at any time, since recovery would
// write the same.
//
// What buf_get returned stays until the next operation begins.

#include <fs/core.h>

#define NHASH 1024
#define MAXRUN 64 // blocks written at once
#define NLOGPAGES 2
#define NGROW 16u // pages asked for at once

static_assert(CACHE_BLOCKS >= MIN_PAGES, "the cache is large enough for an operation");

static struct Buf bufs[CACHE_BLOCKS]; // the first NLOGPAGES only lend their pages
static uint32_t nbufs;
static uint32_t nbusy;  // pinned, or changed by the running transaction
static uint32_t nempty; // without a block; they are the oldest
static uint32_t op_now;
static struct Buf *hash[NHASH];
static struct Buf lru; // newer: the oldest; older: the newest

// ---- Lists ----

static struct Buf **
hash_chain(uint32_t block)
{
	return &hash[block % NHASH];
}

static struct Buf *
find(uint32_t block)
{
	struct Buf *b = *hash_chain(block);

	while (b && b->block != block)
		b = b->next;
	return b;
}

static void
lru_remove(struct Buf *b)
{
	b->newer->older = b->older;
	b->older->newer = b->newer;
}

static void
lru_insert(struct Buf *b, struct Buf *older)
{
	b->older = older;
	b->newer = older->newer;
	b->newer->older = b;
	older->newer = b;
}

static void
make_newest(struct Buf *b)
{
	if (lru.older == b)
		return;
	lru_remove(b);
	lru_insert(b, lru.older);
}

// Gives a buffer that is empty a block.
static void
fill(struct Buf *b, uint32_t block)
{
	struct Buf **chain = hash_chain(block);

	b->block = block;
	b->next = *chain;
	*chain = b;
	nempty--;
	make_newest(b);
}

static void
empty(struct Buf *b)
{
	struct Buf **link = hash_chain(b->block);

	while (*link != b)
		link = &(*link)->next;
	*link = b->next;
	b->block = 0;
	b->flags = 0;
	b->op = 0;
	nempty++;
	lru_remove(b);
	lru_insert(b, &lru);
}

// Takes more pages. How many it got.
static uint32_t
grow(void)
{
	void *pages[NGROW];
	int n = pages_grow(pages, MIN(NGROW, CACHE_BLOCKS - nbufs));

	for (int i = 0; i < n; i++) {
		struct Buf *b = &bufs[nbufs++];

		b->data = pages[i];
		if (nbufs <= NLOGPAGES)
			continue;
		lru_insert(b, &lru);
		nempty++;
	}
	return n;
}

// Forgets everything, for a mount. -E_NO_MEM.
int
cache_reset(void)
{
	memset(hash, 0, sizeof(hash));
	lru.newer = lru.older = &lru;
	nbusy = nempty = 0;
	op_now = 1;
	for (uint32_t i = NLOGPAGES; i < nbufs; i++) {
		bufs[i].block = bufs[i].flags = bufs[i].op = 0;
		lru_insert(&bufs[i], &lru);
		nempty++;
	}
	while (nbufs < MIN_PAGES)
		if (grow() == 0)
			return -E_NO_MEM;
	return 0;
}

// A page that is the log's for good: 0 or 1.
void *
cache_log_page(uint32_t i)
{
	return bufs[i].data;
}

// An operation begins: nothing is held.
void
cache_next_op(void)
{
	if (++op_now == 0)
		op_now = 1;
}

// How many buffers are neither pinned nor changed: at least want, if more pages
// help.
uint32_t
cache_room(uint32_t want)
{
	while (nbufs - NLOGPAGES - nbusy < want && grow() > 0)
		;
	return nbufs - NLOGPAGES - nbusy;
}

struct Buf *
cache_all(uint32_t *n)
{
	*n = nbufs - NLOGPAGES;
	return bufs + NLOGPAGES;
}

// ---- Writing ----

static bool
is_to_write(const struct Buf *b, uint32_t flag)
{
	if (flag == B_LOGGED && (b->flags & B_TX))
		return false; // it holds what is not committed
	return b->flags & flag;
}

// Writes buffers with a flag to their places: b, and those of the blocks that
// follow, up to MAXRUN in all. How many, or -E_IO.
static int
write_run(struct Buf *b, uint32_t flag)
{
	void *pages[MAXRUN];
	uint32_t block = b->block, n = 0;

	do {
		pages[n++] = b->data;
		b = find(block + n);
	} while (n < MAXRUN && b && is_to_write(b, flag));
	if (disk_write(block, n, pages) < 0)
		return fs.error = -E_IO;
	for (uint32_t i = 0; flag == B_LOGGED && i < n; i++)
		find(block + i)->flags &= ~B_LOGGED;
	return n;
}

// Writes all with a flag, B_FRESH or B_LOGGED, to their places. -E_IO.
int
cache_write(uint32_t flag)
{
	for (uint32_t i = NLOGPAGES; i < nbufs; i++) {
		struct Buf *b = &bufs[i], *before = find(b->block - 1);
		int n;

		if (before && is_to_write(before, flag))
			continue; // it comes with that one
		while (b && is_to_write(b, flag)) {
			n = write_run(b, flag);
			if (n < 0)
				return n;
			b = n == MAXRUN ? find(b->block + n) : NULL;
		}
	}
	return 0;
}

// ---- Replacing ----

static bool
may_go(const struct Buf *b)
{
	return !(b->flags & (B_PINNED | B_TX)) && b->op != op_now;
}

// Whether there are n buffers that can be taken as they are.
static bool
are_clean(uint32_t n)
{
	struct Buf *b;

	for (b = lru.newer; b != &lru && n > 0; b = b->newer)
		if (may_go(b) && !(b->flags & B_LOGGED))
			n--;
	return n == 0;
}

// Sees to it that the next n calls of buf_blank find a buffer. -E_NO_MEM, -E_IO.
int
buf_spare(uint32_t n)
{
	while (nempty < n && grow() > 0)
		;
	while (nempty < n && !are_clean(n)) {
		struct Buf *b = lru.newer;
		int r;

		while (b != &lru && !(may_go(b) && (b->flags & B_LOGGED)))
			b = b->newer;
		if (b == &lru)
			return -E_NO_MEM;
		r = write_run(b, B_LOGGED);
		if (r < 0)
			return r;
	}
	return 0;
}

// An empty buffer, one of buf_spare's.
static struct Buf *
take(void)
{
	struct Buf *b = lru.newer;

	while (b != &lru && (!may_go(b) || (b->flags & B_LOGGED)))
		b = b->newer;
	assert(b != &lru);
	if (b->block)
		empty(b);
	b->op = op_now; // not to be taken again
	return b;
}

// ---- Buffers ----

bool
buf_cached(uint32_t block)
{
	return find(block) != NULL;
}

bool
buf_is_held(const struct Buf *b)
{
	return b->op == op_now;
}

// Reads n blocks, none of them cached; fewer if there is no room for all, or some
// cannot be read.
static int
read_in(uint32_t block, uint32_t n)
{
	struct Buf *got[1 + MAXAHEAD];
	void *pages[1 + MAXAHEAD];
	int r;

	if (n > 1 && buf_spare(n) < 0)
		n = 1;
	r = buf_spare(n);
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < n; i++) {
		got[i] = take();
		pages[i] = got[i]->data;
	}
	r = disk_read(block, n, pages);
	for (uint32_t i = 0; i < n; i++) {
		got[i]->op = 0;
		if (r >= 0)
			fill(got[i], block + i);
	}
	return r < 0 && n > 1 ? read_in(block, 1) : r;
}

// The buffer of a block, until the next call of a function that gets one. If it has
// to be read, the nahead blocks that follow are, too; they must not be cached.
// -E_IO, -E_NO_MEM.
int
buf_peek(uint32_t block, uint32_t nahead, struct Buf **store)
{
	struct Buf *b = find(block);
	int r;

	if (!b) {
		r = read_in(block, 1 + MIN(nahead, MAXAHEAD));
		if (r < 0)
			return r;
		b = find(block);
	}
	make_newest(b);
	*store = b;
	return 0;
}

// The same, until the end of the operation.
int
buf_get(uint32_t block, struct Buf **store)
{
	int r = buf_peek(block, 0, store);

	if (r == 0)
		(*store)->op = op_now;
	return r;
}

// The buffer that buf_get returned before in this operation.
struct Buf *
buf_have(uint32_t block)
{
	struct Buf *b = find(block);

	assert(b);
	return b;
}

// Keeps a buffer until the next mount.
void
buf_pin(struct Buf *b)
{
	if (!(b->flags & (B_PINNED | B_TX)))
		nbusy++;
	b->flags |= B_PINNED;
}

// The buffer of a block whose contents do not matter. One of buf_spare's, if it is
// not cached.
struct Buf *
buf_blank(uint32_t block)
{
	struct Buf *b = find(block);

	if (!b) {
		b = take();
		fill(b, block);
	}
	make_newest(b);
	b->op = op_now;
	return b;
}

// The running operation changes a buffer.
void
buf_change(struct Buf *b)
{
	pages_changed(b->block);
	if (b->flags & B_TX)
		return;
	if (!(b->flags & B_PINNED))
		nbusy++;
	b->flags |= B_TX;
	tx.nlogged++;
}

// The same, of a block that was allocated just now.
void
buf_fresh(struct Buf *b)
{
	pages_changed(b->block);
	if ((b->flags & B_TX) || log_names(b->block)) {
		buf_change(b);
		return;
	}
	nbusy++;
	b->flags |= B_TX | B_FRESH;
	tx.nfresh++;
}

// What the transaction changed is safe: in its place, or in the log.
void
buf_committed(struct Buf *b, bool in_place)
{
	if (!(b->flags & B_PINNED))
		nbusy--;
	b->flags &= ~(B_TX | B_FRESH);
	if (!in_place)
		b->flags |= B_LOGGED;
}

// The block has been freed, and what was in it matters no more.
void
buf_drop(struct Buf *b)
{
	pages_changed(b->block);
	if (b->flags & B_FRESH)
		tx.nfresh--;
	else if (b->flags & B_TX)
		tx.nlogged--;
	if (b->flags & B_TX)
		nbusy--;
	empty(b);
}
