// What the tests of the file system proper (fs/, on a disk in memory) share: beginning with
// an empty one, checking it at the end, files made in one step, and their contents.
#ifndef TEST_HOST_FS_STEPS_H
#define TEST_HOST_FS_STEPS_H

#include "test/host/fs_check.h"

static unsigned char buf[BLKSIZE], back[BLKSIZE];

static inline void
begin(uint32_t nblocks)
{
	disk_nblocks = nblocks;
	reads_left = writes_left = -1;
	bad_block = 0;
	memset(disk, 0, sizeof(disk));
	wrong = NULL;
	CHECK_EQ(fs_format(nblocks), 0);
}

// Unmounts, and checks all blocks.
static inline void
end(void)
{
	uint32_t nfree = fs_nfree();

	if (failure[0])
		return;
	CHECK_EQ(fs_unmount(), 0);
	CHECK_EQ(check_blocks(false), nfree);
	if (wrong)
		FAIL("%s", wrong);
}

static inline int
make(const char *path, uint32_t type)
{
	struct Node *node;
	int r = node_create(path, type, &node);

	if (r == 0)
		node_put(node);
	return r;
}

static inline int
look(const char *path)
{
	struct Node *node;
	int r = node_lookup(path, &node);

	if (r == 0)
		node_put(node);
	return r;
}

// Writes `blocks` whole blocks with a byte to a file from a block on, and puts it.
static inline int
fill(struct Node *node, uint32_t from, uint32_t blocks, int byte)
{
	int r = BLKSIZE;

	memset(buf, byte, BLKSIZE);
	for (uint32_t i = 0; i < blocks && r == BLKSIZE; i++)
		r = node_write(node, buf, BLKSIZE, (from + i) * BLKSIZE);
	return r == BLKSIZE ? 0 : r;
}

static inline int
make_full(const char *path, uint32_t blocks, int byte)
{
	struct Node *node;
	int r = node_create(path, FTYPE_REG, &node);

	if (r == 0) {
		r = fill(node, 0, blocks, byte);
		node_put(node);
	}
	return r;
}

// Whether n bytes of a file from offset on are `byte`.
static inline bool
has(struct Node *node, int32_t offset, uint32_t n, int byte)
{
	memset(back, ~byte, BLKSIZE);
	if (node_read(node, back, n, offset) != (int)n)
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (back[i] != (unsigned char)byte)
			return false;
	return true;
}

static inline const char *
long_name(uint32_t len)
{
	static char name[300];

	memset(name, 'n', len);
	name[len] = 0;
	return name;
}

// Runs tests with the smallest cache that there can be, then with the largest.
static inline void
with_each_cache(void (*all)(void))
{
	pages_budget = MIN_PAGES;
	all();
	pages_budget = CACHE_BLOCKS;
	all();
}

#endif
