// Free blocks. The bitmap is pinned in the cache.
//
// What a transaction frees must not be used for anything else before the commit:
// after a crash the block would still be its old file's. So such blocks are free in
// the bitmap, but held back.

#include <fs/core.h>

#define NWORDS (MAXBLOCKS / 32)
#define BLKWORDS (BLKSIZE / 4)

// A set of blocks, and which of its words may not be 0.
struct Set {
	uint32_t words[NWORDS];
	uint32_t lo, hi;
};

static struct Buf *bitmap[MAX_NBITMAP];
static struct Set held; // freed by the running transaction
static struct Set op;   // to be freed by the running operation
static uint32_t nfree, nheld, nop;
static uint32_t cursor; // where to look for the next free block

bool
block_is_data(uint32_t block)
{
	return block >= fs.first_data && block < fs.super.s_nblocks;
}

static uint32_t *
word_of(uint32_t w)
{
	return (uint32_t *)bitmap[w / BLKWORDS]->data + w % BLKWORDS;
}

static bool
is_free(uint32_t block)
{
	return *word_of(block / 32) >> block % 32 & 1;
}

// Whether a block can be a file's. What the disk says is that of no file gets further.
bool
block_is_used(uint32_t block)
{
	return block_is_data(block) && !is_free(block);
}

static bool
set_has(const struct Set *set, uint32_t block)
{
	return set->words[block / 32] >> block % 32 & 1;
}

static void
set_clear(struct Set *set)
{
	if (set->lo <= set->hi)
		memset(set->words + set->lo, 0, (set->hi - set->lo + 1) * 4);
	set->lo = NWORDS;
	set->hi = 0;
}

static void
set_extend(struct Set *set, uint32_t w)
{
	set->lo = MIN(set->lo, w);
	set->hi = MAX(set->hi, w);
}

// Gets the bitmap at a mount. -E_BAD_FS, -E_IO, -E_NO_MEM.
int
bitmap_load(void)
{
	int r;

	held.lo = op.lo = 0;
	held.hi = op.hi = NWORDS - 1;
	set_clear(&held);
	set_clear(&op);
	nfree = nheld = nop = 0;
	cursor = fs.first_data;
	for (uint32_t i = 0; i < fs.super.s_nbitmap; i++) {
		r = buf_get(BITMAP_BLOCK + i, &bitmap[i]);
		if (r < 0)
			return r;
		buf_pin(bitmap[i]);
	}
	for (uint32_t w = 0; w < fs.super.s_nbitmap * BLKWORDS; w++) {
		for (uint32_t bits = *word_of(w); bits; bits &= bits - 1, nfree++)
			if (!block_is_data(w * 32 + __builtin_ctz(bits)))
				return -E_BAD_FS;
	}
	return 0;
}

uint32_t
fs_nfree(void)
{
	return nfree;
}

// ---- Allocating ----

// Sees to it that block_alloc can be called n times. Blocks that are held back are
// used if there are no others. -E_NO_DISK, -E_IO.
int
blocks_reserve(uint32_t n)
{
	if (n > nfree)
		return -E_NO_DISK;
	return n > nfree - nheld ? fs_commit() : 0;
}

static uint32_t
usable(uint32_t w)
{
	return *word_of(w) & ~held.words[w];
}

// Allocates a block: the one that is asked for if it is free, else the next after
// the one allocated last.
uint32_t
block_alloc(uint32_t goal)
{
	uint32_t nwords = fs.super.s_nbitmap * BLKWORDS, w, bits, n;

	w = block_is_data(goal) ? goal / 32 : 0;
	if (!block_is_data(goal) || !(usable(w) >> goal % 32 & 1)) {
		w = cursor / 32;
		bits = usable(w) & ~0u << cursor % 32;
		for (n = 0; bits == 0; n++) {
			assert(n <= nwords);
			w = w + 1 < nwords ? w + 1 : 0;
			bits = usable(w);
		}
		goal = w * 32 + __builtin_ctz(bits);
	}
	*word_of(w) &= ~(1u << goal % 32);
	buf_change(bitmap[w / BLKWORDS]);
	nfree--;
	cursor = block_is_data(goal + 1) ? goal + 1 : fs.first_data;
	return goal;
}

// ---- Freeing ----

// Adds a block to those that the operation is going to free. -E_BAD_FS if that cannot
// be right.
int
free_add(uint32_t block)
{
	if (!block_is_used(block) || set_has(&op, block))
		return -E_BAD_FS;
	op.words[block / 32] |= 1u << block % 32;
	set_extend(&op, block / 32);
	nop++;
	return 0;
}

// The operation fails.
void
free_cancel(void)
{
	set_clear(&op);
	nop = 0;
}

// The operation frees the blocks. What the cache has of them is not worth being
// written any more, unless a damaged file says that it is in two places.
void
free_apply(void)
{
	uint32_t nbufs;
	struct Buf *bufs = cache_all(&nbufs);

	if (nop == 0)
		return;
	for (uint32_t i = 0; i < nbufs; i++)
		if (set_has(&op, bufs[i].block) && !buf_is_held(&bufs[i]))
			buf_drop(&bufs[i]);
	for (uint32_t w = op.lo; w <= op.hi; w++) {
		if (op.words[w] == 0)
			continue;
		*word_of(w) |= op.words[w];
		buf_change(bitmap[w / BLKWORDS]);
		held.words[w] |= op.words[w];
		set_extend(&held, w);
	}
	nfree += nop;
	nheld += nop;
	free_cancel();
}

// What the last transaction freed may be used.
void
bitmap_committed(void)
{
	set_clear(&held);
	nheld = 0;
}
