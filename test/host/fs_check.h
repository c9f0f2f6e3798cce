// Checks of what fs/ made of the disk in memory: which blocks belong to what, against the
// bitmap, and a digest of all that paths lead to.
#ifndef TEST_HOST_FS_CHECK_H
#define TEST_HOST_FS_CHECK_H

#include "test/host/fs_disk.h"

// What is wrong, or NULL.
static const char *wrong;

// ---- The blocks ----

static unsigned char owned[DISK_MAX];
static uint32_t nowned;

static void
own(uint32_t block)
{
	const struct Super *super = (struct Super *)disk[1];

	if (block <= super->s_log + super->s_nlog || block >= super->s_nblocks)
		wrong = "a block number is out of range";
	else if (owned[block]++)
		wrong = "a block is used twice";
	else
		nowned++;
}

static void own_files(uint32_t block);

static void
own_data(const struct File *f, uint32_t n, uint32_t block)
{
	if (!block || wrong)
		return;
	if (n >= ((uint32_t)f->f_size + BLKSIZE - 1) / BLKSIZE)
		wrong = "a block lies behind the end of its file";
	own(block);
	if (f->f_type == FTYPE_DIR && !wrong)
		own_files(block);
}

static void
own_indirect(const struct File *f, uint32_t n, uint32_t block)
{
	const uint32_t *numbers = (uint32_t *)disk[block % DISK_MAX];

	if (!block || wrong)
		return;
	own(block);
	for (uint32_t i = 0; i < NINDIRECT && !wrong; i++)
		own_data(f, n + i, numbers[i]);
}

static void
own_file(const struct File *f)
{
	const uint32_t *numbers = (uint32_t *)disk[f->f_double_indirect % DISK_MAX];

	for (uint32_t i = 0; i < NDIRECT; i++)
		own_data(f, i, f->f_direct[i]);
	own_indirect(f, NDIRECT, f->f_indirect);
	if (!f->f_double_indirect || wrong)
		return;
	own(f->f_double_indirect);
	for (uint32_t i = 0; i < NINDIRECT && !wrong; i++)
		own_indirect(f, NDIRECT + NINDIRECT + i * NINDIRECT, numbers[i]);
}

static void
own_files(uint32_t block)
{
	const struct File *f = (struct File *)disk[block];

	for (uint32_t i = 0; i < BLKFILES; i++)
		if (f[i].f_name[0])
			own_file(&f[i]);
}

// Checks a file system that was unmounted: each block is free or used once. How many
// are free. If `orphans`, there may be some.
static uint32_t
check_blocks(bool orphans)
{
	const struct Super *super = (struct Super *)disk[1];
	const uint32_t *bitmap = (uint32_t *)disk[3];
	const struct Roots *roots = (struct Roots *)disk[2];
	uint32_t block, first = super->s_log + 1 + super->s_nlog, before, nfree = 0;

	memset(owned, 0, sizeof(owned));
	nowned = 0;
	own_file(&roots->r_root);
	before = nowned;
	own_file(&roots->r_orphans);
	if (!wrong && !orphans && nowned - before != 1)
		wrong = "orphans, or their directory, have blocks";
	for (block = 0; block < super->s_nblocks && !wrong; block++) {
		bool is_free = bitmap[block / 32] >> block % 32 & 1;

		nfree += is_free;
		if (is_free && (block < first || owned[block]))
			wrong = "a block that is used is free";
		if (!is_free && block >= first && !owned[block])
			wrong = "a block is lost";
	}
	return nfree;
}

// ---- The digest ----

static uint64_t
mix(uint64_t h, uint64_t n)
{
	h = (h ^ n) * 0x9E3779B97F4A7C15ull;
	return h ^ h >> 29;
}

static uint64_t
path_hash(const char *path)
{
	uint64_t h = 1;

	while (*path)
		h = mix(h, (unsigned char)*path++);
	return h;
}

// Of block n of a file; of zeroes, 0.
static uint64_t
block_hash(uint32_t n, const unsigned char *data)
{
	static const unsigned char zeroes[BLKSIZE];
	const uint64_t *words = (const uint64_t *)data;
	uint64_t h = n + 1;

	if (!memcmp(data, zeroes, BLKSIZE))
		return 0;
	for (uint32_t i = 0; i < BLKSIZE / 8; i++)
		h = mix(h, words[i]);
	return h;
}

static uint64_t
file_hash(uint64_t path, uint32_t type, int32_t size, uint64_t blocks)
{
	return mix(mix(mix(mix(7, path), type), type == FTYPE_DIR ? 0 : size), blocks);
}

static uint64_t digest_of(const char *path);

static uint64_t
digest_dir(const char *path, struct Node *dir)
{
	static const char no_name[1];
	struct File files[BLKFILES];
	uint64_t sum = 0;

	for (int32_t at = 0; at < node_size(dir) && !wrong; at += BLKSIZE) {
		if (node_read(dir, files, BLKSIZE, at) != BLKSIZE)
			wrong = "cannot read a directory";
		for (uint32_t i = 0; i < BLKFILES && !wrong; i++) {
			char below[MAXPATHLEN];

			if (files[i].f_name[0] == no_name[0])
				continue;
			host_snprintf(below, sizeof(below), "%s/%s", path, files[i].f_name);
			sum += digest_of(below);
		}
	}
	return sum;
}

// Called with all that is found, if not NULL.
static void (*digest_visit)(const char *path, struct Node *node);

// The sum over all files at and below a path.
static uint64_t
digest_of(const char *path)
{
	static unsigned char data[BLKSIZE] __attribute__((aligned(8)));
	uint64_t sum = 0;
	struct Node *node;
	int n;

	if (node_lookup(path, &node) < 0) {
		wrong = "cannot look up a file";
		return 0;
	}
	if (digest_visit)
		digest_visit(path, node);
	if (node_type(node) == FTYPE_REG) {
		for (int32_t at = 0; at < node_size(node) && !wrong; at += BLKSIZE) {
			n = node_read(node, data, BLKSIZE, at);
			if (n != MIN(node_size(node) - at, BLKSIZE))
				wrong = "cannot read a file";
			memset(data + n, 0, BLKSIZE - n);
			sum += block_hash(at / BLKSIZE, data);
		}
	}
	sum = file_hash(path_hash(path), node_type(node), node_size(node), sum);
	if (node_type(node) == FTYPE_DIR)
		sum += digest_dir(path, node);
	node_put(node);
	return sum;
}

static inline uint64_t
fs_digest(void)
{
	return digest_of("");
}

#endif
