// Reading and writing files.

#include <fs/core.h>

// How many blocks behind block n of a file, which is `block`, lie behind it on the
// disk, too, and are worth being read with it.
static uint32_t
ahead(struct Node *node, uint32_t n, uint32_t block)
{
	uint32_t nblocks = ((uint32_t)node->file.f_size + BLKSIZE - 1) / BLKSIZE, i, next;

	if (n != 0 && n != node->next_read)
		return 0;
	for (i = 1; i <= MAXAHEAD && n + i < nblocks; i++)
		if (way_find(node, n + i, &next) < 0 || next != block + i || buf_cached(next))
			break;
	return i - 1;
}

// The buffer of block n of a file, for as long as buf_peek's; NULL if it is a hole.
// -E_BAD_FS, -E_IO, -E_NO_MEM.
int
file_peek(struct Node *node, uint32_t n, struct Buf **store)
{
	uint32_t block;
	int r = way_find(node, n, &block);

	*store = NULL;
	if (r < 0)
		return r;
	r = 0;
	if (block)
		r = buf_peek(block, buf_cached(block) ? 0 : ahead(node, n, block), store);
	node->next_read = n + 1;
	return r;
}

int
node_read(struct Node *node, void *buf, uint32_t n, int32_t offset)
{
	uint32_t done, part;
	struct Buf *b;
	int r;

	if (offset < 0 || n > BLKSIZE)
		return -E_INVAL;
	r = op_begin(false);
	if (r < 0)
		return r;
	if (offset >= node->file.f_size)
		return 0;
	n = MIN(n, (uint32_t)(node->file.f_size - offset));
	for (done = 0; done < n; done += part) {
		uint32_t at = offset + done;

		part = MIN(n - done, BLKSIZE - at % BLKSIZE);
		r = file_peek(node, at / BLKSIZE, &b);
		if (r < 0)
			return r;
		if (b)
			memcpy((char *)buf + done, (char *)b->data + at % BLKSIZE, part);
		else
			memset((char *)buf + done, 0, part);
	}
	return n;
}

int
node_block(struct Node *node, int32_t offset, uint32_t *block, const void **data)
{
	struct Buf *b;
	int r;

	if (node->file.f_type == FTYPE_DIR || offset < 0 || offset >= node->file.f_size)
		return -E_INVAL;
	r = op_begin(false);
	if (r == 0)
		r = file_peek(node, offset / BLKSIZE, &b);
	if (r < 0)
		return r;
	if (!b)
		return -E_NOT_SUPP;
	*block = b->block;
	*data = b->data;
	return 0;
}

// The part of a write that falls into one block.
struct Piece {
	uint32_t n; // the block's number in the file
	uint32_t offset, len;
	uint32_t missing; // blocks to allocate
	struct Buf *buf;
};

// Gets what there is of a piece's block.
static int
piece_prepare(struct Node *node, struct Piece *piece)
{
	uint32_t block;
	int r = way_find(node, piece->n, &block);

	if (r < 0)
		return r;
	piece->missing = r;
	return block && piece->len < BLKSIZE ? buf_get(block, &piece->buf) : 0;
}

int
node_write(struct Node *node, const void *buf, uint32_t n, int32_t offset)
{
	struct Piece pieces[2];
	uint32_t need = 0, npieces = 0, done, i;
	int r;

	if (node->file.f_type == FTYPE_DIR)
		return -E_IS_DIR;
	if (offset < 0 || n > BLKSIZE)
		return -E_INVAL;
	if (offset > MAXFILESIZE - (int32_t)n)
		return -E_FILE_BIG;
	r = op_begin(true);
	if (r < 0 || n == 0)
		return r;

	for (done = 0; done < n; done += pieces[npieces++].len) {
		struct Piece *piece = &pieces[npieces];
		uint32_t at = offset + done;

		piece->n = at / BLKSIZE;
		piece->offset = at % BLKSIZE;
		piece->len = MIN(n - done, BLKSIZE - piece->offset);
		r = piece_prepare(node, piece);
		if (r < 0)
			return r;
		need += piece->missing;
	}
	if (npieces == 2)
		need -= ways_shared(pieces[0].n, pieces[0].missing);
	r = node_home(node);
	if (r == 0)
		r = blocks_reserve(need);
	if (r == 0)
		r = buf_spare(need + npieces);
	if (r < 0)
		return r;

	// All pointers before any contents: who knows where they are in a damaged file.
	for (i = 0; i < npieces; i++)
		pieces[i].buf = way_make(node, pieces[i].n, pieces[i].len == BLKSIZE);
	for (i = 0, done = 0; i < npieces; done += pieces[i++].len) {
		memcpy((char *)pieces[i].buf->data + pieces[i].offset, (const char *)buf + done,
		       pieces[i].len);
		buf_change(pieces[i].buf);
	}
	node->tx = tx.id;
	if (need || offset + (int32_t)n > node->file.f_size) {
		node->file.f_size = MAX(node->file.f_size, offset + (int32_t)n);
		node_update(node);
	}
	return n;
}

// Makes a file or directory longer, with a hole, or shorter. What lies behind the
// end in its last block becomes zeroes. -E_BAD_FS, -E_IO, -E_NO_MEM. Part of an operation.
int
file_resize(struct Node *node, int32_t size)
{
	uint32_t last = size / BLKSIZE, from = last + (size % BLKSIZE != 0), block = 0;
	struct Buf *tail = NULL;
	int r = node_home(node);

	if (r == 0 && size < node->file.f_size) {
		if (size % BLKSIZE)
			r = way_find(node, last, &block);
		if (r >= 0 && block)
			r = buf_get(block, &tail);
		if (r >= 0)
			r = blocks_from(node, from);
	}
	if (r < 0)
		return r;
	if (size < node->file.f_size)
		pointers_cut(node, from);
	if (tail) {
		memset((char *)tail->data + size % BLKSIZE, 0, BLKSIZE - size % BLKSIZE);
		buf_change(tail);
	}
	node->file.f_size = size;
	node_update(node);
	free_apply();
	return 0;
}

int
node_truncate(struct Node *node, int32_t size)
{
	int r;

	if (node->file.f_type == FTYPE_DIR)
		return -E_IS_DIR;
	if (size < 0)
		return -E_INVAL;
	if (size > MAXFILESIZE)
		return -E_FILE_BIG;
	r = op_begin(true);
	if (r < 0 || size == node->file.f_size)
		return r;
	return file_resize(node, size);
}
