// The file system's contents: reading and writing, the limits of a file and of the disk,
// files that are removed while in use, what is safe, and how few commands all that takes.
// sources: fs/cache.c fs/log.c fs/recover.c fs/bitmap.c fs/map.c fs/node.c fs/file.c
// sources: fs/dir.c fs/path.c fs/mount.c
#include "test/host/fs_steps.h"

// ---- Files ----

static void
reading_writing(void)
{
	struct Node *node, *dir;

	begin(256);
	CHECK_EQ(node_create("/f", FTYPE_REG, &node), 0);
	CHECK_EQ(node_read(node, back, 10, 0), 0);
	CHECK_EQ(node_write(node, "hello", 5, 0), 5);
	CHECK_EQ(node_size(node), 5);
	CHECK_EQ(node_read(node, back, BLKSIZE, 0), 5);
	CHECK_EQ(node_read(node, back, BLKSIZE, 4), 1);
	CHECK_EQ(node_read(node, back, BLKSIZE, 5), 0);
	CHECK_EQ(node_read(node, back, BLKSIZE, 0x7fffffff), 0);
	CHECK_EQ(node_read(node, back, 1, -1), -E_INVAL);
	CHECK_EQ(node_read(node, back, BLKSIZE + 1, 0), -E_INVAL);
	CHECK_EQ(node_write(node, back, BLKSIZE + 1, 0), -E_INVAL);
	CHECK_EQ(node_write(node, back, 1, -1), -E_INVAL);
	CHECK_EQ(node_write(node, back, 0, 100), 0);
	CHECK_EQ(node_size(node), 5);
	CHECK_EQ(node_truncate(node, -1), -E_INVAL);
	CHECK_EQ(node_truncate(node, 0x7fffffff), -E_FILE_BIG);

	// across blocks, and with a hole before
	memset(buf, 'x', BLKSIZE);
	CHECK_EQ(node_write(node, buf, BLKSIZE, 3 * BLKSIZE - 7), BLKSIZE);
	CHECK(has(node, 5, BLKSIZE, 0));
	CHECK(has(node, 2 * BLKSIZE, BLKSIZE - 7, 0));
	CHECK(has(node, 3 * BLKSIZE - 7, BLKSIZE, 'x'));
	CHECK_EQ(node_size(node), 4 * BLKSIZE - 7);

	// what was cut off is zeroes when it comes back
	CHECK_EQ(node_truncate(node, 3 * BLKSIZE - 3), 0);
	CHECK_EQ(node_truncate(node, 5 * BLKSIZE), 0);
	CHECK(has(node, 3 * BLKSIZE - 7, 4, 'x'));
	CHECK(has(node, 3 * BLKSIZE - 3, BLKSIZE, 0));
	CHECK(has(node, 4 * BLKSIZE, BLKSIZE, 0));

	CHECK_EQ(node_lookup("/", &dir), 0);
	CHECK_EQ(node_write(dir, buf, 1, 0), -E_IS_DIR);
	CHECK_EQ(node_truncate(dir, 0), -E_IS_DIR);
	CHECK_EQ(node_read(dir, back, BLKSIZE, 0), BLKSIZE);
	CHECK_STR((char *)back, "f");
	node_put(dir);
	node_put(node);
	end();
}

static void
large_files(void)
{
	uint32_t first_double = NDIRECT + NINDIRECT, nfree;
	struct Node *node;

	begin(4000);
	CHECK_EQ(make("/x", FTYPE_REG), 0);
	nfree = fs_nfree();
	CHECK_EQ(node_create("/f", FTYPE_REG, &node), 0);
	CHECK_EQ(fill(node, 0, first_double + 1500, 'f'), 0); // two more indirect blocks
	CHECK_EQ(fs_nfree(), nfree - first_double - 1500 - 4);
	CHECK_EQ(fs_commit(), 0);
	CHECK(has(node, (first_double + 1499) * BLKSIZE, BLKSIZE, 'f'));
	CHECK_EQ(node_truncate(node, (first_double + 10) * BLKSIZE - 1), 0);
	CHECK_EQ(fs_nfree(), nfree - first_double - 10 - 3);
	CHECK(has(node, (first_double + 8) * BLKSIZE, BLKSIZE, 'f'));
	CHECK_EQ(node_truncate(node, first_double * BLKSIZE), 0);
	CHECK_EQ(fs_nfree(), nfree - first_double - 1);
	CHECK_EQ(node_truncate(node, NDIRECT * BLKSIZE), 0);
	CHECK_EQ(fs_nfree(), nfree - NDIRECT);
	CHECK_EQ(node_truncate(node, 0), 0);
	CHECK_EQ(fs_nfree(), nfree);

	// the largest
	CHECK_EQ(node_write(node, "end", 3, MAXFILESIZE - 3), 3);
	CHECK_EQ(node_size(node), MAXFILESIZE);
	CHECK_EQ(node_write(node, "end", 3, MAXFILESIZE - 2), -E_FILE_BIG);
	CHECK_EQ(node_write(node, "end", 1, MAXFILESIZE), -E_FILE_BIG);
	CHECK_EQ(node_write(node, "end", 1, 0x7fffffff), -E_FILE_BIG);
	CHECK_EQ(fs_nfree(), nfree - 3);
	CHECK(has(node, MAXFILESIZE - BLKSIZE, BLKSIZE - 3, 0));
	CHECK_EQ(node_read(node, back, BLKSIZE, MAXFILESIZE - 3), 3);
	CHECK_EQ(node_truncate(node, MAXFILESIZE), 0);
	CHECK_EQ(fs_commit(), 0);
	CHECK_EQ(fs_remove("/f"), 0);
	node_put(node);
	CHECK_EQ(fs_nfree(), nfree);
	end();
}

// Holes at every border, each filled by one write over it.
static void
borders(void)
{
	static const uint32_t blocks[] = {1, 9, 10, 11, 1033, 1034, 1035, 2057, 2058, 2059, 524286};
	struct Node *node;
	uint32_t nfree;

	begin(512);
	CHECK_EQ(make("/f", FTYPE_REG), 0);
	nfree = fs_nfree();
	for (uint32_t i = 0; i < ARRAY_SIZE(blocks); i++) {
		int32_t at = blocks[i] * BLKSIZE - 100;

		CHECK_EQ(node_lookup("/f", &node), 0);
		memset(buf, 'b', BLKSIZE);
		CHECK_EQ(node_write(node, buf, 200, at), 200);
		CHECK_EQ(node_size(node), at + 200);
		CHECK(has(node, at - 1000, 1000, 0));
		CHECK(has(node, at, 200, 'b'));
		CHECK_EQ(fs_commit(), 0);
		CHECK_EQ(fs_mount(), 0);
		CHECK_EQ(node_lookup("/f", &node), 0);
		CHECK(has(node, at, 200, 'b'));
		CHECK_EQ(node_truncate(node, 0), 0);
		CHECK_EQ(fs_nfree(), nfree);
		node_put(node);
	}
	end();
}

// ---- A full disk ----

static void
full_disk(void)
{
	struct Node *f, *g;
	uint32_t nfree, n = 0;
	int r;

	begin(300);
	CHECK_EQ(make_full("/old", 30, 'o'), 0);
	CHECK_EQ(node_create("/f", FTYPE_REG, &f), 0);
	CHECK_EQ(node_create("/g", FTYPE_REG, &g), 0);
	memset(buf, 'f', BLKSIZE);
	while ((r = node_write(f, buf, BLKSIZE, n * BLKSIZE)) == BLKSIZE)
		n++;
	CHECK_EQ(r, -E_NO_DISK);
	CHECK_EQ(fs_nfree(), 0);
	CHECK_EQ(node_size(f), n * BLKSIZE);
	CHECK_EQ(node_write(g, buf, 1, 0), -E_NO_DISK);
	CHECK_EQ(node_size(g), 0);
	CHECK_EQ(node_write(f, buf, 2, n * BLKSIZE - 1), -E_NO_DISK); // half would fit
	CHECK(has(f, n * BLKSIZE - 1, 1, 'f'));
	CHECK_EQ(node_write(f, "x", 1, n * BLKSIZE - 1), 1);
	CHECK_EQ(node_truncate(g, 1000000), 0);
	CHECK_EQ(node_truncate(g, 0), 0);
	for (n = 0; (r = make(long_name(n + 1), FTYPE_REG)) == 0; n++)
		;
	CHECK_EQ(r, -E_NO_DISK);
	CHECK_EQ(n, 16 - 3); // slots of the root's block
	CHECK_EQ(look(long_name(n)), 0);
	CHECK_EQ(look(long_name(n + 1)), -E_NOT_FOUND);
	CHECK_EQ(fs_rename(long_name(1), "/renamed"), 0);

	// One that is open goes, too, and its blocks can be used as soon as it is put.
	CHECK_EQ(fs_remove("/f"), 0);
	CHECK_EQ(fs_nfree(), 0);
	node_put(f);
	nfree = fs_nfree();
	CHECK(nfree > 100);
	CHECK_EQ(fill(g, 0, nfree - 1, 'g'), 0); // one is for its indirect block
	CHECK_EQ(fs_nfree(), 0);
	CHECK_EQ(fs_commit(), 0);
	CHECK_EQ(fs_mount(), 0);
	CHECK_EQ(node_lookup("/g", &g), 0);
	CHECK(has(g, (nfree - 2) * BLKSIZE, BLKSIZE, 'g'));
	CHECK_EQ(node_truncate(g, 0), 0);
	node_put(g);
	CHECK_EQ(node_lookup("/old", &f), 0);
	CHECK(has(f, 29 * BLKSIZE, BLKSIZE, 'o'));
	node_put(f);
	end();
}

// A write that needs exactly what there is left, with pointers that two blocks share.
static void
exact_fit(void)
{
	static const struct {
		uint32_t block, need;
	} cases[] = {{5, 2}, {9, 3}, {10, 3}, {1033, 5}, {1034, 4}, {2057, 5}};
	struct Node *f, *g;
	uint32_t n;

	for (uint32_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (uint32_t less = 0; less < 2; less++) {
			int32_t at = (cases[i].block + 1) * BLKSIZE - 10;
			uint32_t left = cases[i].need - less;

			begin(128);
			CHECK_EQ(node_create("/f", FTYPE_REG, &f), 0);
			CHECK_EQ(node_create("/g", FTYPE_REG, &g), 0);
			for (n = 0; fs_nfree() > left; n++)
				CHECK_EQ(fill(g, n, 1, 'g'), 0);
			CHECK_EQ(fs_nfree(), left);
			CHECK_EQ(node_write(f, "0123456789abcdefghij", 20, at),
				 less ? -E_NO_DISK : 20);
			CHECK_EQ(fs_nfree(), less ? left : 0);
			CHECK_EQ(node_size(f), less ? 0 : at + 20);
			node_put(f);
			node_put(g);
			end();
		}
	}
}

// ---- Files that were removed while in use ----

static void
orphans(void)
{
	struct Node *nodes[100], *node;
	char path[40];
	uint32_t nfree;
	int i;

	begin(600);
	CHECK_EQ(make("/x", FTYPE_REG), 0);
	for (i = 0; i < 100; i++) {
		host_snprintf(path, sizeof(path), "/%d", i);
		CHECK_EQ(make(path, FTYPE_REG), 0);
	}
	for (i = 0; i < 100; i++) {
		host_snprintf(path, sizeof(path), "/%d", i);
		CHECK_EQ(fs_remove(path), 0);
	}
	nfree = fs_nfree();
	for (i = 0; i < 100; i++) {
		host_snprintf(path, sizeof(path), "/%d", i);
		CHECK_EQ(node_create(path, i % 10 ? FTYPE_REG : FTYPE_DIR, &nodes[i]), 0);
		if (i % 10)
			CHECK_EQ(fill(nodes[i], 0, 2, i), 0);
		CHECK_EQ(fs_remove(path), 0);
		CHECK_EQ(look(path), -E_NOT_FOUND);
		CHECK_STR(node_name(nodes[i]), path + 1);
	}
	// a new one of the same name is another
	CHECK_EQ(node_create("/55", FTYPE_REG, &node), 0);
	CHECK(node != nodes[55]);
	CHECK_EQ(node_size(node), 0);
	node_put(node);
	CHECK_EQ(fs_remove("/55"), 0);
	CHECK_EQ(node_write(nodes[55], buf, BLKSIZE, 2 * BLKSIZE), BLKSIZE);
	for (i = 0; i < 50; i++) {
		if (i % 10)
			CHECK(has(nodes[i], BLKSIZE, BLKSIZE, i));
		node_put(nodes[i]);
	}
	CHECK_EQ(fs_commit(), 0);
	CHECK(fs_nfree() < nfree - 80);
	CHECK_EQ(fs_mount(), 0); // the others go here
	CHECK_EQ(fs_nfree(), nfree);
	end();
}

// ---- The disk ----

static void
safety(void)
{
	struct Node *a, *b;

	begin(300);
	CHECK_EQ(node_create("/a", FTYPE_REG, &a), 0);
	CHECK_EQ(node_create("/b", FTYPE_REG, &b), 0);
	CHECK(!node_is_safe(a));
	CHECK_EQ(fs_commit(), 0);
	CHECK(node_is_safe(a));
	CHECK_EQ(node_write(a, "a", 1, 0), 1);
	CHECK(!node_is_safe(a));
	CHECK(node_is_safe(b));
	node_put(a);
	CHECK_EQ(node_lookup("/a", &a), 0);
	CHECK(!node_is_safe(a)); // what was forgotten counts as not safe
	CHECK_EQ(fs_commit(), 0);
	CHECK_EQ(node_write(a, "b", 1, 0), 1); // in place
	CHECK(!node_is_safe(a));
	CHECK_EQ(fs_commit(), 0);
	CHECK_EQ(fs_rename("/a", "/b"), 0);
	CHECK(!node_is_safe(a));
	node_put(a);
	node_put(b);
	end();
}

// Reading through a file takes few commands; so does writing.
static void
few_commands(void)
{
	struct Node *node;
	uint32_t reads, writes, flushes;

	begin(1024);
	CHECK_EQ(make_full("/f", 160, 'f'), 0);
	CHECK_EQ(make("/s", FTYPE_REG), 0);
	writes = disk_writes;
	CHECK_EQ(fs_commit(), 0);
	CHECK(disk_writes - writes < 160 + 10); // once
	CHECK_EQ(fs_mount(), 0);
	CHECK_EQ(node_lookup("/f", &node), 0);
	reads = disk_reads;
	for (int i = 0; i < 160; i++)
		CHECK(has(node, i * BLKSIZE, BLKSIZE, 'f'));
	CHECK(disk_reads - reads <= 160 / 16 + 4);
	node_put(node);
	CHECK_EQ(node_lookup("/s", &node), 0);
	CHECK_EQ(node_write(node, "s", 1, 0), 1);
	CHECK_EQ(fs_commit(), 0); // the first one after a mount renews the head
	flushes = disk_flushes;
	writes = disk_writes;
	CHECK_EQ(node_write(node, "t", 1, 0), 1);
	CHECK_EQ(fs_commit(), 0);
	CHECK_EQ(disk_flushes - flushes, 1);
	CHECK_EQ(disk_writes - writes, 2); // the record, and the block in it
	CHECK_EQ(fs_commit(), 0);
	CHECK_EQ(disk_flushes - flushes, 1);
	node_put(node);
	end();
}

static void
all(void)
{
	RUN(reading_writing);
	RUN(large_files);
	RUN(borders);
	RUN(full_disk);
	RUN(exact_fit);
	RUN(orphans);
	RUN(safety);
}

int
main(void)
{
	with_each_cache(all);
	RUN(few_commands);
	return report("fs_contents");
}
