// fsck's checks: goes through all directories, those nearest to the root first,
// takes down whose each block is, and compares that with the bitmap.
//
// Nothing on the image is trusted. Each block is followed only for the one who
// claims it first, so a cycle ends, and the work is bounded by the image's size.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fs/fsck.h>

#define MAXSHOWNPATH 4096

struct Node *nodes;
uint32_t nnodes;
uint32_t nfiles, ndirs, norphans;
uint32_t nused, nfree;
uint32_t norphan_blocks;

static uint32_t nodes_room;
static uint32_t *owner; // of each block: a node + 1, or 0

const struct File *
node_file(uint32_t node)
{
	const struct File *slots = image_block(nodes[node].slot / BLKFILES);

	return &slots[nodes[node].slot % BLKFILES];
}

static bool
node_add(uint32_t parent, uint32_t slot)
{
	if (nnodes == nodes_room) {
		uint32_t room = nodes_room ? nodes_room * 2 : 1024;
		struct Node *more = realloc(nodes, room * sizeof(*nodes));

		if (!more)
			return false;
		nodes = more;
		nodes_room = room;
	}
	nodes[nnodes++] = (struct Node){.parent = parent, .slot = slot};
	return true;
}

// ---- Names ----

// Writes a name so that it ends at `end`, with what is no plain character as \xHH.
// Where it begins, or NULL if that is before start.
static char *
name_before(char *start, char *end, const char *name)
{
	size_t i = strnlen(name, MAXNAMELEN);
	unsigned char c;

	while (i--) {
		c = name[i];
		if (end - start < 4)
			return NULL;
		if (c > ' ' && c < 0x7f && c != '\\') {
			*--end = c;
			continue;
		}
		end -= 4;
		end[0] = '\\';
		end[1] = 'x';
		end[2] = "0123456789abcdef"[c >> 4];
		end[3] = "0123456789abcdef"[c & 15];
	}
	return end;
}

// A node's path, until the next but three calls. A very long one has no front.
const char *
node_path(uint32_t node)
{
	static char text[4][MAXSHOWNPATH];
	static int which;
	char *start = text[which++ & 3], *at = start + MAXSHOWNPATH - 1, *next;
	uint32_t n;

	*at = 0;
	for (n = node; n > ORPHANS; n = nodes[n].parent) {
		next = name_before(start + 4, at, node_file(n)->f_name);
		if (!next)
			return memcpy(at - 3, "...", 3);
		at = next;
		*--at = '/';
	}
	if (n == ORPHANS)
		return name_before(start, at, "(orphans)");
	if (node == ROOT)
		*--at = '/';
	return at;
}

static int
by_name(const void *a, const void *b)
{
	const struct File *slots;
	const struct Node *n[2] = {a, b};
	const char *name[2];
	int i;

	for (i = 0; i < 2; i++) {
		slots = image_block(n[i]->slot / BLKFILES);
		name[i] = slots[n[i]->slot % BLKFILES].f_name;
	}
	i = strncmp(name[0], name[1], MAXNAMELEN);
	return i ? i : (n[0]->slot > n[1]->slot) - (n[0]->slot < n[1]->slot);
}

static void
check_name(uint32_t node)
{
	const struct File *f = node_file(node);

	if (node == ROOT && strncmp(f->f_name, "/", MAXNAMELEN) != 0)
		wrong("/: the root directory has another name");
	if (!memchr(f->f_name, 0, MAXNAMELEN))
		wrong("%s: the name has no end", node_path(node));
	if (node > ORPHANS && memchr(f->f_name, '/', strnlen(f->f_name, MAXNAMELEN)))
		wrong("%s: the name has a '/' in it", node_path(node));
}

// ---- Blocks ----

// How many blocks a file has, holes included. Of a size that cannot be: 0.
uint32_t
file_nblocks(const struct File *f)
{
	if (f->f_size < 0 || f->f_size > MAXFILESIZE)
		return 0;
	return ((uint32_t)f->f_size + BLKSIZE - 1) / BLKSIZE;
}

// Number i of an indirect block, 0 for what is none.
static uint32_t
indirect(uint32_t block, uint32_t i)
{
	return block_is_data(block) ? ((const uint32_t *)image_block(block))[i] : 0;
}

// Block `index` of a file; 0 for a hole, and for a number that cannot be. *run: how
// many blocks from there on are the same hole at least, or 1.
uint32_t
file_block(const struct File *f, uint32_t index, uint32_t *run)
{
	uint32_t block;

	*run = 1;
	if (index < NDIRECT) {
		block = f->f_direct[index];
	} else if ((index -= NDIRECT) < NINDIRECT) {
		block = indirect(f->f_indirect, index);
	} else {
		index -= NINDIRECT;
		block = indirect(f->f_double_indirect, index / NINDIRECT);
		if (!block_is_data(block))
			*run = NINDIRECT - index % NINDIRECT;
		block = indirect(block, index % NINDIRECT);
	}
	return block_is_data(block) ? block : 0;
}

// Takes down that a block is a node's. Whether it may be followed.
static bool
claim(uint32_t node, uint32_t block)
{
	if (!block_is_data(block)) {
		wrong("%s: block %u: not one of those for files", node_path(node), block);
		return false;
	}
	if (owner[block]) {
		wrong("%s: block %u: used by %s, too", node_path(node), block,
		      node_path(owner[block] - 1));
		return false;
	}
	owner[block] = node + 1;
	nodes[node].nblocks++;
	nused++;
	return true;
}

// The number that a file has for its block `index`, 0 for a hole. If the file is a
// directory, adds what is in the block. False: out of memory.
static bool
check_data(uint32_t node, uint32_t index, uint32_t block, uint32_t nblocks)
{
	const struct File *slots;
	uint32_t i;

	if (!block)
		return true;
	if (index >= nblocks)
		wrong("%s: block %u: beyond the end of the file", node_path(node), block);
	if (!claim(node, block) || node_file(node)->f_type != FTYPE_DIR || index >= nblocks)
		return true;
	slots = image_block(block);
	for (i = 0; i < BLKFILES; i++)
		if (slots[i].f_name[0] && !node_add(node, block * BLKFILES + i))
			return false;
	return true;
}

// An indirect block, the first of whose numbers is for block `index` of the file.
static bool
check_indirect(uint32_t node, uint32_t index, uint32_t block, uint32_t nblocks)
{
	const uint32_t *numbers;
	uint32_t i;

	if (!block)
		return true;
	if (index >= nblocks)
		wrong("%s: block %u: an indirect block beyond the end of the file", node_path(node),
		      block);
	if (!claim(node, block))
		return true;
	numbers = image_block(block);
	for (i = 0; i < NINDIRECT; i++)
		if (!check_data(node, index + i, numbers[i], nblocks))
			return false;
	return true;
}

// All blocks of a node. False: out of memory.
static bool
check_blocks(uint32_t node)
{
	struct File f = *node_file(node);
	uint32_t nblocks = file_nblocks(&f), index = NDIRECT + NINDIRECT, i;
	const uint32_t *numbers;

	for (i = 0; i < NDIRECT; i++)
		if (!check_data(node, i, f.f_direct[i], nblocks))
			return false;
	if (!check_indirect(node, NDIRECT, f.f_indirect, nblocks))
		return false;
	if (!f.f_double_indirect)
		return true;
	if (index >= nblocks)
		wrong("%s: block %u: an indirect block beyond the end of the file", node_path(node),
		      f.f_double_indirect);
	if (!claim(node, f.f_double_indirect))
		return true;
	numbers = image_block(f.f_double_indirect);
	for (i = 0; i < NINDIRECT; i++, index += NINDIRECT)
		if (!check_indirect(node, index, numbers[i], nblocks))
			return false;
	return true;
}

// ---- Files ----

static void
check_fields(uint32_t node)
{
	const struct File *f = node_file(node);
	uint32_t i;

	check_name(node);
	if (f->f_type != FTYPE_REG && f->f_type != FTYPE_DIR)
		wrong("%s: impossible type %u", node_path(node), f->f_type);
	if (f->f_size < 0 || f->f_size > MAXFILESIZE)
		wrong("%s: impossible size %d", node_path(node), f->f_size);
	if (f->f_type == FTYPE_DIR &&
	    (f->f_size % BLKSIZE || file_nblocks(f) > MAXDIRENTS / BLKFILES))
		wrong("%s: impossible size of a directory, %d", node_path(node), f->f_size);
	for (i = 0; i < ARRAY_SIZE(f->f_reserved); i++)
		if (f->f_reserved[i]) {
			wrong("%s: reserved fields are not 0", node_path(node));
			break;
		}
	if (node <= ORPHANS && f->f_type != FTYPE_DIR)
		wrong("%s: not a directory", node_path(node));
}

// A directory has no holes, unlike a file.
static void
check_holes(uint32_t node)
{
	const struct File *f = node_file(node);
	uint32_t nblocks = MIN(file_nblocks(f), MAXDIRENTS / BLKFILES), i, run;

	for (i = 0; f->f_type == FTYPE_DIR && i < nblocks; i++)
		if (!file_block(f, i, &run)) {
			wrong("%s: block number %u of the directory is missing", node_path(node),
			      i);
			return;
		}
}

// A node, and which nodes it holds. False: out of memory.
static bool
check_node(uint32_t node)
{
	uint32_t first = nnodes, i;

	check_fields(node);
	check_holes(node);
	if (!check_blocks(node))
		return false;
	nodes[node].first = first;
	nodes[node].count = nnodes - first;
	qsort(&nodes[first], nnodes - first, sizeof(*nodes), by_name);
	for (i = first + 1; i < nnodes; i++)
		if (!strncmp(node_file(i - 1)->f_name, node_file(i)->f_name, MAXNAMELEN))
			wrong("%s: the name is in its directory twice", node_path(i));
	return true;
}

// What came of the orphans: files, and directories that were empty.
static void
count(uint32_t node)
{
	uint32_t top = node;

	while (top > ORPHANS)
		top = nodes[top].parent;
	if (top == ROOT && node_file(node)->f_type == FTYPE_DIR)
		ndirs++;
	else if (top == ROOT)
		nfiles++;
	if (top == ROOT || node == ORPHANS)
		return;
	norphans++;
	norphan_blocks += nodes[node].nblocks;
	if (nodes[node].count)
		wrong("%s: an orphan that is not empty", node_path(node));
}

// ---- The bitmap ----

static bool
marked_free(uint32_t block)
{
	const uint32_t *bitmap = image_block(3);

	return bitmap[block / 32] >> block % 32 & 1;
}

static void
check_bitmap(void)
{
	uint32_t b, lost;

	for (b = 0; b < super->s_nblocks; b++) {
		bool used = b < first_data || owner[b];

		nfree += marked_free(b);
		if (used && marked_free(b)) {
			wrong("%s: block %u: marked as free",
			      b < first_data ? "(the file system's own)" : node_path(owner[b] - 1),
			      b);
		} else if (!used && !marked_free(b)) {
			for (lost = b; b + 1 < super->s_nblocks; b++)
				if (owner[b + 1] || marked_free(b + 1))
					break;
			if (lost == b)
				wrong("block %u: lost, neither free nor used", b);
			else
				wrong("blocks %u to %u: lost, neither free nor used", lost, b);
		}
	}
	for (; b < super->s_nbitmap * BLKBITSIZE; b++)
		if (marked_free(b)) {
			wrong("block %u: marked as free, but there is none", b);
			break;
		}
}

// Checks all, and fills nodes[]. False: out of memory.
bool
check_all(void)
{
	uint32_t node;
	bool ok;

	owner = calloc(super->s_nblocks, sizeof(*owner));
	ok = owner && node_add(ROOT, 2 * BLKFILES) && node_add(ORPHANS, 2 * BLKFILES + 1);
	for (node = 0; ok && node < nnodes; node++)
		ok = check_node(node);
	if (!ok) {
		fprintf(stderr, "fsck: out of memory\n");
		return false;
	}
	for (node = 0; node < nnodes; node++)
		count(node);
	check_bitmap();
	return true;
}
