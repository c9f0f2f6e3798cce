// Which block of the disk is which of a file: through the pointers in its struct
// File, in its indirect block, and in those that its double indirect block names.
// Block number 0 is a hole. No number is followed before it has been checked; what a
// damaged file can bring about is wrong contents and -E_BAD_FS.

#include <fs/core.h>

#define FIRST_DOUBLE (NDIRECT + NINDIRECT) // the first block behind the double indirect one

// How a block of a file is reached: the numbers of the pointers to follow, the
// first of them in the struct File.
struct Way {
	uint32_t depth;
	uint32_t index[3];
};

static struct Way
way_of(uint32_t n)
{
	if (n < NDIRECT)
		return (struct Way){1, {n}};
	if (n < FIRST_DOUBLE)
		return (struct Way){2, {NDIRECT, n - NDIRECT}};
	n -= FIRST_DOUBLE;
	return (struct Way){3, {NDIRECT + 1, n / NINDIRECT, n % NINDIRECT}};
}

static const uint32_t *
file_pointer(const struct File *f, uint32_t i)
{
	if (i < NDIRECT)
		return &f->f_direct[i];
	return i == NDIRECT ? &f->f_indirect : &f->f_double_indirect;
}

// Gets the buffer of a block of pointers.
static int
pointers_get(uint32_t block, struct Buf **store)
{
	return block_is_used(block) ? buf_get(block, store) : -E_BAD_FS;
}

// Finds block n of a file, and holds the blocks on the way. *store is 0 if it is in a
// hole; the result says how many blocks, of pointers and of data, it would take to fill it:
// 0 to 3. -E_BAD_FS, -E_IO, -E_NO_MEM.
int
way_find(const struct Node *node, uint32_t n, uint32_t *store)
{
	struct Way way = way_of(n);
	uint32_t at = *file_pointer(&node->file, way.index[0]), level;
	struct Buf *b;
	int r;

	*store = 0;
	for (level = 1; at && level < way.depth; level++) {
		r = pointers_get(at, &b);
		if (r < 0)
			return r;
		at = ((uint32_t *)b->data)[way.index[level]];
	}
	if (at == 0)
		return way.depth - level + 1;
	if (!block_is_used(at))
		return -E_BAD_FS;
	*store = at;
	return 0;
}

// Of the `missing` blocks on the way to block n, how many are on the way to block
// n + 1, too.
uint32_t
ways_shared(uint32_t n, uint32_t missing)
{
	struct Way a = way_of(n), b = way_of(n + 1);
	uint32_t shared = 0;

	for (uint32_t level = 0; level < a.depth && a.index[level] == b.index[level]; level++)
		if (level >= a.depth - missing)
			shared++;
	return shared;
}

// The buffer of block n of a file, after way_find. What is missing is allocated
// from what was reserved; it is zeroes, but for a block of data that will be overwritten
// as a whole. node_update is the caller's. Cannot fail.
struct Buf *
way_make(struct Node *node, uint32_t n, bool whole)
{
	struct Way way = way_of(n);
	uint32_t *at = (uint32_t *)file_pointer(&node->file, way.index[0]);
	struct Buf *b, *above = NULL;

	for (uint32_t level = 1;; level++) {
		bool is_data = level == way.depth;

		if (*at) {
			b = buf_blank(*at);
		} else {
			// next to the block before it
			bool follows = is_data && way.index[level - 1] > 0 && at[-1];

			*at = block_alloc(follows ? at[-1] + 1 : 0);
			if (above)
				buf_change(above);
			b = buf_blank(*at);
			buf_fresh(b);
			if (!is_data || !whole)
				memset(b->data, 0, BLKSIZE);
		}
		if (is_data)
			return b;
		at = (uint32_t *)b->data + way.index[level];
		above = b;
	}
}

// ---- Freeing ----

// Adds what an indirect block, whose first number is for block n of the file, has for
// blocks from `from` on to what the operation frees. If some is left, holds it.
static int
add_indirect(uint32_t block, uint32_t n, uint32_t from)
{
	struct Buf *b;
	uint32_t *numbers;
	int r;

	if (block == 0 || from >= n + NINDIRECT)
		return 0;
	if (!block_is_used(block))
		return -E_BAD_FS;
	r = from > n ? buf_get(block, &b) : buf_peek(block, 0, &b);
	if (r < 0)
		return r;
	numbers = b->data;
	for (uint32_t i = from > n ? from - n : 0; r == 0 && i < NINDIRECT; i++)
		if (numbers[i])
			r = free_add(numbers[i]);
	return r == 0 && from <= n ? free_add(block) : r;
}

static int
add_double(uint32_t block, uint32_t from)
{
	struct Buf *b;
	uint32_t *numbers;
	int r;

	if (block == 0)
		return 0;
	r = pointers_get(block, &b);
	if (r < 0)
		return r;
	numbers = b->data;
	for (uint32_t i = 0; r == 0 && i < NINDIRECT; i++)
		r = add_indirect(numbers[i], FIRST_DOUBLE + i * NINDIRECT, from);
	return r == 0 && from <= FIRST_DOUBLE ? free_add(block) : r;
}

// Adds all blocks that a file has for its blocks from number `from` on to what the
// operation frees, and holds what pointers_cut changes. Cancels that if it fails:
// -E_BAD_FS, -E_IO, -E_NO_MEM.
int
blocks_from(const struct Node *node, uint32_t from)
{
	const struct File *f = &node->file;
	int r = 0;

	for (uint32_t i = from; r == 0 && i < NDIRECT; i++)
		if (f->f_direct[i])
			r = free_add(f->f_direct[i]);
	if (r == 0)
		r = add_indirect(f->f_indirect, NDIRECT, from);
	if (r == 0)
		r = add_double(f->f_double_indirect, from);
	if (r < 0)
		free_cancel();
	return r;
}

static void
cut_indirect(uint32_t block, uint32_t first)
{
	struct Buf *b;

	if (block == 0 || first >= NINDIRECT)
		return;
	b = buf_have(block);
	memset((uint32_t *)b->data + first, 0, (NINDIRECT - first) * 4);
	buf_change(b);
}

// Makes a hole of all from block `from` of a file on, after blocks_from. node_update
// is the caller's.
void
pointers_cut(struct Node *node, uint32_t from)
{
	struct File *f = &node->file;
	uint32_t n, inner;

	for (uint32_t i = from; i < NDIRECT; i++)
		f->f_direct[i] = 0;
	if (from <= NDIRECT)
		f->f_indirect = 0;
	else
		cut_indirect(f->f_indirect, from - NDIRECT);
	if (from <= FIRST_DOUBLE) {
		f->f_double_indirect = 0;
	} else if (f->f_double_indirect) {
		n = from - FIRST_DOUBLE;
		inner = ((uint32_t *)buf_have(f->f_double_indirect)->data)[n / NINDIRECT];
		cut_indirect(f->f_double_indirect, (n + NINDIRECT - 1) / NINDIRECT);
		if (n % NINDIRECT)
			cut_indirect(inner, n % NINDIRECT);
	}
}
