// What fsck shows of an image: a listing, a file's contents, and a digest, by which
// two states of a file system can be compared.

#include <stdio.h>
#include <string.h>
#include <fs/fsck.h>

// The node of a path, with or without '/' in front, or NOWHERE.
uint32_t
tree_lookup(const char *path)
{
	uint32_t node = ROOT, i;
	size_t n;

	for (;;) {
		path += strspn(path, "/");
		if (!*path)
			return node;
		n = strcspn(path, "/");
		if (n >= MAXNAMELEN || node_file(node)->f_type != FTYPE_DIR)
			return NOWHERE;
		for (i = 0; i < nodes[node].count; i++) {
			const char *name = node_file(nodes[node].first + i)->f_name;

			if (!memcmp(name, path, n) && !name[n])
				break;
		}
		if (i == nodes[node].count)
			return NOWHERE;
		node = nodes[node].first + i;
		path += n;
	}
}

// Calls visit for a node and all below it: directories before what they hold, and
// that by name.
static void
tree_visit(uint32_t top, void (*visit)(uint32_t node))
{
	uint32_t node = top, parent;

	for (;;) {
		visit(node);
		if (nodes[node].count) {
			node = nodes[node].first;
			continue;
		}
		for (;; node = parent) {
			if (node == top)
				return;
			parent = nodes[node].parent;
			if (node + 1 < nodes[parent].first + nodes[parent].count)
				break;
		}
		node++;
	}
}

static void
list_node(uint32_t node)
{
	const struct File *f = node_file(node);

	printf("%c %10d %8u  %s\n", f->f_type == FTYPE_DIR ? 'd' : '-', f->f_size,
	       nodes[node].nblocks, node_path(node));
}

// Type, size, blocks used and path of a file, or of all in a directory; of the whole
// file system, of the orphans, too.
void
tree_list(uint32_t top)
{
	tree_visit(top, list_node);
	if (top == ROOT && norphans)
		tree_visit(ORPHANS, list_node);
}

// ---- Contents ----

// FNV-1a, of 64 bits.
#define HASH_START 0xcbf29ce484222325ULL
#define HASH_PRIME 0x100000001b3ULL

// As if n zeroes had been hashed: each is a multiplication.
static uint64_t
hash_zeroes(uint64_t hash, uint64_t n)
{
	uint64_t power = HASH_PRIME;

	for (; n; n >>= 1, power *= power)
		if (n & 1)
			hash *= power;
	return hash;
}

static uint64_t
hash_file(const struct File *f)
{
	uint32_t nblocks = file_nblocks(f), index, block, run;
	uint64_t hash = HASH_START, left, n, i;

	for (index = 0; index < nblocks; index += run) {
		block = file_block(f, index, &run);
		left = (uint64_t)f->f_size - (uint64_t)index * BLKSIZE;
		n = MIN(left, (uint64_t)run * BLKSIZE);
		if (!block) {
			hash = hash_zeroes(hash, n);
			continue;
		}
		const uint8_t *data = image_block(block);

		for (i = 0; i < n; i++)
			hash = (hash ^ data[i]) * HASH_PRIME;
	}
	return hash;
}

static void
digest_node(uint32_t node)
{
	const struct File *f = node_file(node);

	if (f->f_type == FTYPE_DIR)
		printf("%s d\n", node_path(node));
	else
		printf("%s f %d %016llx\n", node_path(node), f->f_size,
		       (unsigned long long)hash_file(f));
}

// "PATH d" for each directory, "PATH f SIZE HASH" for each file. How large a
// directory is, and where anything lies, makes no difference.
void
tree_digest(void)
{
	tree_visit(ROOT, digest_node);
}

// A file's contents. False, and says why, if it is a directory.
bool
tree_cat(uint32_t node)
{
	static const char zeroes[BLKSIZE];
	const struct File *f = node_file(node);
	uint32_t nblocks = file_nblocks(f), index, block, run;
	int32_t left = f->f_size;

	if (f->f_type == FTYPE_DIR) {
		fprintf(stderr, "%s: is a directory\n", node_path(node));
		return false;
	}
	for (index = 0; index < nblocks; index++, left -= BLKSIZE) {
		block = file_block(f, index, &run);
		if (fwrite(block ? image_block(block) : zeroes, 1, MIN(left, BLKSIZE), stdout) == 0)
			break;
	}
	return true;
}
