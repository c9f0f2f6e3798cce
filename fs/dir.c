// Directories: files whose data are struct Files. They grow by a block when no slot
// is free, and have no holes. And the hidden one of the orphans: files that were removed
// while they were in use.

#include <fs/core.h>

// The struct File in a slot that the operation holds, to be changed.
struct File *
place_file(const struct Place *place)
{
	struct Buf *b = buf_have(place->block);

	buf_change(b);
	return (struct File *)b->data + place->slot;
}

// Block n of a directory.
static int
dir_block(struct Node *dir, uint32_t n, struct Buf **store)
{
	int r = file_peek(dir, n, store);

	return r == 0 && !*store ? -E_BAD_FS : r;
}

// Looks for a name of len bytes. 0: *hit is its slot. -E_NOT_FOUND: *gap is the first
// free slot, if there is one. -E_BAD_FS, -E_IO, -E_NO_MEM.
int
dir_find(struct Node *dir, const char *name, uint32_t len, struct Place *hit, struct Place *gap)
{
	uint32_t nblocks = dir->file.f_size / BLKSIZE;
	struct Buf *b;
	int r;

	gap->block = 0;
	for (uint32_t n = 0; n < nblocks; n++) {
		r = dir_block(dir, n, &b);
		if (r < 0)
			return r;
		for (uint32_t i = 0; i < BLKFILES; i++) {
			const struct File *f = (struct File *)b->data + i;

			if (!f->f_name[0]) {
				if (!gap->block)
					*gap = (struct Place){b->block, i};
			} else if (!memcmp(f->f_name, name, len) && !f->f_name[len]) {
				*hit = (struct Place){b->block, i};
				return 0;
			}
		}
	}
	return -E_NOT_FOUND;
}

// 0, or -E_NOT_EMPTY.
static int
dir_is_empty(struct Node *dir)
{
	uint32_t nblocks = dir->file.f_size / BLKSIZE;
	struct Buf *b;
	int r;

	for (uint32_t n = 0; n < nblocks; n++) {
		r = dir_block(dir, n, &b);
		if (r < 0)
			return r;
		for (uint32_t i = 0; i < BLKFILES; i++)
			if (((struct File *)b->data)[i].f_name[0])
				return -E_NOT_EMPTY;
	}
	return 0;
}

// Holds what dir_take will change. How many blocks it will allocate; -E_DIR_FULL,
// -E_BAD_FS, -E_IO, -E_NO_MEM.
int
dir_prepare(struct Node *dir, const struct Place *gap)
{
	uint32_t n = dir->file.f_size / BLKSIZE, block;
	struct Buf *b;
	int r;

	if (gap->block)
		return buf_get(gap->block, &b);
	if (n >= MAXDIRENTS / BLKFILES)
		return -E_DIR_FULL;
	r = node_home(dir);
	return r < 0 ? r : way_find(dir, n, &block);
}

// Makes the gap that dir_find found, or a new one, ready for place_file.
void
dir_take(struct Node *dir, struct Place *gap)
{
	struct Buf *b;

	if (gap->block)
		return;
	b = way_make(dir, dir->file.f_size / BLKSIZE, true);
	memset(b->data, 0, BLKSIZE);
	buf_change(b);
	dir->file.f_size += BLKSIZE;
	node_update(dir);
	*gap = (struct Place){b->block, 0};
}

// ---- Removing ----

static struct Node *orphans; // their directory

// The first half of removing a file, or an empty directory, from its directory; the
// caller has a Node. *gap is for remove_apply. How many blocks that will allocate; it
// must be called, or free_cancel. -E_NOT_EMPTY, -E_DIR_FULL, -E_BAD_FS, -E_IO, -E_NO_MEM.
int
remove_prepare(struct Node *node, struct Place *gap)
{
	struct Place hit;
	int r = 0;

	if (node->file.f_type == FTYPE_DIR)
		r = dir_is_empty(node);
	if (r == 0)
		r = node_home(node);
	if (r < 0)
		return r;
	if (node->refs == 1)
		return blocks_from(node, 0);
	r = dir_find(orphans, "", 0, &hit, gap);
	return r == -E_NOT_FOUND ? dir_prepare(orphans, gap) : r;
}

// A name that no other orphan has.
static void
orphan_name(char *name, const struct Place *place)
{
	uint32_t n = place->block * BLKFILES + place->slot;

	for (int i = 7; i >= 0; i--, n /= 16)
		name[i] = "0123456789abcdef"[n % 16];
	name[8] = 0;
}

// The second half: its blocks are freed, or it becomes an orphan. The slot that it
// was in stays as it is.
void
remove_apply(struct Node *node, struct Place *gap)
{
	struct File *f;

	if (node->refs == 1) {
		free_apply();
		return;
	}
	dir_take(orphans, gap);
	f = place_file(gap);
	*f = node->file;
	orphan_name(f->f_name, gap);
	node_move(node, gap->block, gap->slot);
	node->orphan = true;
}

// An operation: really removes an orphan that nobody uses any more.
int
orphan_end(struct Node *node)
{
	int r = op_begin(true);

	if (r == 0)
		r = node_home(node);
	if (r == 0)
		r = blocks_from(node, 0);
	if (r < 0)
		return r;
	free_apply();
	memset(place_file(&(struct Place){node->block, node->slot}), 0, sizeof(struct File));
	return 0;
}

// Removes the orphans that are in a block of their directory. One that is damaged
// stays. -E_IO, -E_NO_MEM.
static int
orphans_end_in(uint32_t block)
{
	struct Node *node;
	struct Buf *b;
	int r;

	for (uint32_t i = 0; i < BLKFILES; i++) {
		r = buf_peek(block, 0, &b);
		if (r < 0)
			return r;
		if (!((struct File *)b->data)[i].f_name[0])
			continue;
		r = node_get(block, i, &node);
		if (r == 0) {
			r = orphan_end(node);
			node_put(node);
		}
		if (r < 0 && r != -E_BAD_FS)
			return r;
	}
	return 0;
}

// Begins with the orphans, at a mount: removes what a crash left of them. -E_IO,
// -E_NO_MEM, -E_BAD_FS.
int
orphans_begin(void)
{
	struct Buf *b;
	uint32_t n;
	int r = node_get(ROOTS_BLOCK, ORPHANS_SLOT, &orphans);

	for (n = 0; r == 0 && n < (uint32_t)orphans->file.f_size / BLKSIZE; n++) {
		r = dir_block(orphans, n, &b);
		if (r == 0)
			r = orphans_end_in(b->block);
	}
	if (r < 0 || n <= 1 || dir_is_empty(orphans) < 0)
		return r;
	r = op_begin(true);
	return r < 0 ? r : file_resize(orphans, BLKSIZE);
}
