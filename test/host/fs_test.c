// The file system proper on a disk in memory: every function with its errors, limits,
// a full disk, damaged disks, and random operations beside a model.
// sources: fs/cache.c fs/log.c fs/recover.c fs/bitmap.c fs/map.c fs/node.c fs/file.c
// sources: fs/dir.c fs/path.c fs/mount.c
#include "test/host/fs_model.h"

static unsigned char buf[BLKSIZE], back[BLKSIZE];

static void
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
static void
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

static int
make(const char *path, uint32_t type)
{
	struct Node *node;
	int r = node_create(path, type, &node);

	if (r == 0)
		node_put(node);
	return r;
}

static int
look(const char *path)
{
	struct Node *node;
	int r = node_lookup(path, &node);

	if (r == 0)
		node_put(node);
	return r;
}

// Writes `blocks` whole blocks with a byte to a file from a block on, and puts it.
static int
fill(struct Node *node, uint32_t from, uint32_t blocks, int byte)
{
	int r = BLKSIZE;

	memset(buf, byte, BLKSIZE);
	for (uint32_t i = 0; i < blocks && r == BLKSIZE; i++)
		r = node_write(node, buf, BLKSIZE, (from + i) * BLKSIZE);
	return r == BLKSIZE ? 0 : r;
}

static int
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
static bool
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

static const char *
long_name(uint32_t len)
{
	static char name[300];

	memset(name, 'n', len);
	name[len] = 0;
	return name;
}

// ---- Mounting ----

static void
no_memory(void)
{
	disk_nblocks = 256;
	pages_budget = MIN_PAGES - 1;
	CHECK_EQ(fs_mount(), -E_NO_MEM);
	CHECK_EQ(fs_format(256), -E_NO_MEM);
	pages_budget = MIN_PAGES;
	begin(256);
	end();
}

static void
no_disk(void)
{
	begin(256);
	disk_nblocks = 0;
	CHECK_EQ(fs_mount(), -E_NO_DEV);
	CHECK_EQ(fs_format(256), -E_NO_DEV);
	CHECK_EQ(look("/"), -E_NO_DEV);
	CHECK_EQ(make("/a", FTYPE_REG), -E_NO_DEV);
	CHECK_EQ(fs_commit(), -E_NO_DEV);
	CHECK_EQ(fs_remove("/a"), -E_NO_DEV);
	CHECK_EQ(fs_rename("/a", "/b"), -E_NO_DEV);
}

static void
format_sizes(void)
{
	disk_nblocks = 1000;
	CHECK_EQ(fs_format(MINBLOCKS - 1), -E_INVAL);
	CHECK_EQ(fs_format(1001), -E_INVAL);
	CHECK_EQ(fs_format(MAXBLOCKS + 1), -E_INVAL);
	for (uint32_t n = MINBLOCKS; n < 1000; n += 111) {
		begin(n);
		CHECK_EQ(make_full("/a", 3, 'a'), 0);
		end();
	}
	disk_nblocks = MINBLOCKS - 1;
	CHECK_EQ(fs_mount(), -E_BAD_FS);
}

static void
lives_on(void)
{
	struct Node *node;
	uint32_t nfree, written;

	begin(300);
	CHECK_EQ(make("/d", FTYPE_DIR), 0);
	CHECK_EQ(make_full("/d/f", 20, 'f'), 0);
	CHECK_EQ(fs_commit(), 0);
	nfree = fs_nfree();
	CHECK_EQ(make("/late", FTYPE_REG), 0); // and never committed
	CHECK_EQ(fs_mount(), 0);
	CHECK_EQ(fs_nfree(), nfree);
	CHECK_EQ(look("/late"), -E_NOT_FOUND);
	CHECK_EQ(node_lookup("d/f", &node), 0);
	CHECK_EQ(node_size(node), 20 * BLKSIZE);
	CHECK(has(node, 19 * BLKSIZE, BLKSIZE, 'f'));
	node_put(node);
	end();
	written = disk_writes;
	CHECK_EQ(fs_mount(), 0);
	CHECK_EQ(fs_unmount(), 0);
	CHECK_EQ(disk_writes, written); // nothing was changed
	CHECK_EQ(look("/"), -E_NO_DEV);
}

// Whatever sector of what a mount reads is damaged: an error, or what was there.
static void
damaged(void)
{
	static const uint32_t words[] = {0, 1, 0x80000000, 0xffffffff, 0x7fffffff, 37, 64};
	static unsigned char sound[128][BLKSIZE];
	struct Super *super = (struct Super *)disk[1];

	begin(128);
	CHECK_EQ(make("/d", FTYPE_DIR), 0);
	CHECK_EQ(make_full("/d/f", 12, 'f'), 0);
	CHECK_EQ(fs_unmount(), 0);
	memcpy(sound, disk, sizeof(sound));

	for (uint32_t i = 0; i < 28; i += 4) {
		*(uint32_t *)&disk[1][i] ^= 1;
		CHECK_EQ(fs_mount(), -E_BAD_FS);
		memcpy(disk, sound, sizeof(sound));
	}
	for (uint32_t i = 0; i < sizeof(struct Super) / 4 - 1; i++) {
		for (uint32_t k = 0; k < ARRAY_SIZE(words); k++) { // with a checksum that fits
			((uint32_t *)disk[1])[i] = words[k];
			super->s_checksum = fs_checksum(CHECKSUM_START, super, 6);
			bool may_be = i == 5 || !memcmp(super, sound[1], 24);
			int r = fs_mount();

			CHECK(r == -E_BAD_FS || (r == 0 && may_be));
			memcpy(disk, sound, sizeof(sound));
		}
	}
	for (uint32_t i = 0; i < 16; i += 4) { // the log's head
		disk[super->s_log][i] ^= 0x10;
		CHECK_EQ(fs_mount(), -E_BAD_FS);
		memcpy(disk, sound, sizeof(sound));
	}
	disk[3][0] ^= 1; // the bitmap says that block 0 is free
	CHECK_EQ(fs_mount(), -E_BAD_FS);
	memcpy(disk, sound, sizeof(sound));
	disk[3][128 / 8] ^= 1; // or one behind the end
	CHECK_EQ(fs_mount(), -E_BAD_FS);
	memcpy(disk, sound, sizeof(sound));
	for (int slot = 0; slot < 2; slot++) {
		struct File *f = (struct File *)disk[2] + slot;

		f->f_type = FTYPE_REG;
		CHECK_EQ(fs_mount(), -E_BAD_FS);
		f->f_type = FTYPE_DIR;
		f->f_size = 1000;
		CHECK_EQ(fs_mount(), -E_BAD_FS);
		f->f_size = -BLKSIZE;
		CHECK_EQ(fs_mount(), -E_BAD_FS);
		f->f_size = 0x7ffff000;
		CHECK_EQ(fs_mount(), -E_BAD_FS);
		memset(f->f_name, 'x', sizeof(f->f_name));
		CHECK_EQ(fs_mount(), -E_BAD_FS);
		memcpy(disk, sound, sizeof(sound));
	}
	CHECK_EQ(fs_mount(), 0);
	end();
}

// A record that names what is no file's is not written there.
static void
damaged_log(void)
{
	static const uint32_t targets[] = {0, 1, 4, 5, 68, 128, 0xffffffff};
	struct LogHead *head;
	struct LogRecord *record;
	uint32_t sum;

	for (uint32_t k = 0; k < ARRAY_SIZE(targets); k++) {
		begin(128);
		CHECK_EQ(make("/a", FTYPE_REG), 0);
		CHECK_EQ(fs_commit(), 0);
		head = (struct LogHead *)disk[4];
		record = (struct LogRecord *)disk[5 + head->h_start];
		CHECK_EQ(record->r_magic, LOG_MAGIC);
		record->r_block[0] = targets[k];
		sum = fs_checksum(CHECKSUM_START, &record->r_seq, 2);
		sum = fs_checksum(sum, record->r_block, record->r_n);
		for (uint32_t i = 1; i <= record->r_n; i++)
			sum = fs_checksum(sum, disk[5 + head->h_start + i], BLKSIZE / 4);
		record->r_checksum = sum;
		CHECK_EQ(fs_mount(), -E_BAD_FS);
		record->r_checksum ^= 1; // but one that is not sound ends the log
		CHECK_EQ(fs_mount(), 0);
		CHECK_EQ(look("/a"), -E_NOT_FOUND);
	}
}

// Garbage in files' pointers, directories and the bitmap: errors, and never a crash.
static void
fuzzed(void)
{
	static unsigned char sound[200][BLKSIZE];
	uint32_t mounted = 0;

	random_state = 99;
	model_reset();
	begin(200);
	for (int i = 0; i < 300; i++)
		if (!random_op())
			return;
	CHECK_EQ(fs_unmount(), 0);
	memcpy(sound, disk, sizeof(sound));
	for (int round = 0; round < 1500; round++) {
		memcpy(disk, sound, sizeof(sound));
		for (uint32_t n = 1 + random_below(30); n > 0; n--) {
			uint32_t block =
				random_below(3) ? 69 + random_below(131) : 2 + random_below(2);
			uint32_t *word = (uint32_t *)disk[block] + random_below(BLKSIZE / 4);

			*word = random_below(4) ? random_below(220) : random_below(1u << 31);
			if (random_below(4) == 0 && block != 3)
				memcpy(disk[block], disk[69 + random_below(131)], BLKSIZE);
		}
		model_reset();
		if (fs_mount() < 0)
			continue;
		mounted++;
		for (int i = 0; i < 60; i++) {
			random_op(); // the results are anything
			failure[0] = 0;
		}
		fs_digest();
		wrong = NULL;
	}
	CHECK(mounted > 100);
}

// ---- Names ----

static void
paths(void)
{
	struct Node *node;
	char path[400];

	begin(256);
	CHECK_EQ(make("/d", FTYPE_DIR), 0);
	CHECK_EQ(make("d//e/", FTYPE_DIR), 0);
	CHECK_EQ(make("//d/e/f", FTYPE_REG), 0);
	CHECK_EQ(look("/d/e/f"), 0);
	CHECK_EQ(look("d/e//f/"), 0);
	CHECK_EQ(look(""), 0);
	CHECK_EQ(look("///"), 0);
	CHECK_EQ(look("/d/e/g"), -E_NOT_FOUND);
	CHECK_EQ(look("/d/x/f"), -E_NOT_FOUND);
	CHECK_EQ(look("/d/e/f/g"), -E_NOT_DIR);
	CHECK_EQ(look("/d/."), -E_NOT_FOUND);
	CHECK_EQ(look("/d/.."), -E_NOT_FOUND);
	CHECK_EQ(look("orphans"), -E_NOT_FOUND);
	CHECK_EQ(make("/d", FTYPE_DIR), -E_FILE_EXISTS);
	CHECK_EQ(make("/", FTYPE_DIR), -E_FILE_EXISTS);
	CHECK_EQ(make("/d/e/f", FTYPE_REG), -E_FILE_EXISTS);
	CHECK_EQ(make("/x/f", FTYPE_REG), -E_NOT_FOUND);
	CHECK_EQ(make("/d/e/f/g", FTYPE_REG), -E_NOT_DIR);
	CHECK_EQ(make("/t", 2), -E_INVAL);
	CHECK_EQ(make(long_name(127), FTYPE_REG), 0);
	CHECK_EQ(look(long_name(127)), 0);
	CHECK_EQ(look(long_name(126)), -E_NOT_FOUND);
	CHECK_EQ(make(long_name(128), FTYPE_REG), -E_BAD_PATH);
	CHECK_EQ(look(long_name(200)), -E_BAD_PATH);
	host_snprintf(path, sizeof(path), "%s/a", long_name(128));
	CHECK_EQ(look(path), -E_BAD_PATH);

	CHECK_EQ(node_lookup("", &node), 0);
	CHECK_EQ(node_type(node), FTYPE_DIR);
	CHECK_STR(node_name(node), "/");
	node_put(node);
	CHECK_EQ(node_lookup("d/e/f", &node), 0);
	CHECK_EQ(node_type(node), FTYPE_REG);
	CHECK_EQ(node_size(node), 0);
	CHECK_STR(node_name(node), "f");
	node_put(node);
	end();
}

static void
removing(void)
{
	uint32_t nfree;

	begin(256);
	nfree = fs_nfree();
	CHECK_EQ(make("/d", FTYPE_DIR), 0);
	CHECK_EQ(make_full("/d/f", 15, 'f'), 0);
	CHECK_EQ(fs_remove("/"), -E_INVAL);
	CHECK_EQ(fs_remove(""), -E_INVAL);
	CHECK_EQ(fs_remove("/d"), -E_NOT_EMPTY);
	CHECK_EQ(fs_remove("/x"), -E_NOT_FOUND);
	CHECK_EQ(fs_remove("/d/f/g"), -E_NOT_DIR);
	CHECK_EQ(fs_remove(long_name(128)), -E_BAD_PATH);
	CHECK_EQ(fs_remove("/d/f"), 0);
	CHECK_EQ(fs_remove("/d"), 0);
	CHECK_EQ(look("/d"), -E_NOT_FOUND);
	CHECK_EQ(fs_nfree(), nfree - 1); // the root has a block now
	end();
}

static void
renaming(void)
{
	struct Node *a, *b;
	uint32_t nfree;

	begin(256);
	CHECK_EQ(make_full("/a", 2, 'a'), 0);
	CHECK_EQ(make_full("/b", 3, 'b'), 0);
	CHECK_EQ(make("/d", FTYPE_DIR), 0);
	CHECK_EQ(make("/d/e", FTYPE_DIR), 0);
	CHECK_EQ(make("/d/e/f", FTYPE_DIR), 0);
	CHECK_EQ(make("/empty", FTYPE_DIR), 0);
	CHECK_EQ(fs_rename("/", "/x"), -E_INVAL);
	CHECK_EQ(fs_rename("/a", "/"), -E_INVAL);
	CHECK_EQ(fs_rename("/x", "/y"), -E_NOT_FOUND);
	CHECK_EQ(fs_rename("/a", "/x/y"), -E_NOT_FOUND);
	CHECK_EQ(fs_rename("/a", "/b/y"), -E_NOT_DIR);
	CHECK_EQ(fs_rename("/a", "/a/y"), -E_NOT_DIR);
	CHECK_EQ(fs_rename("/a", long_name(128)), -E_BAD_PATH);
	CHECK_EQ(fs_rename("/a", "/d"), -E_IS_DIR);
	CHECK_EQ(fs_rename("/d", "/a"), -E_NOT_DIR);
	CHECK_EQ(fs_rename("/empty", "/d"), -E_NOT_EMPTY);
	CHECK_EQ(fs_rename("/d", "/d/x"), -E_INVAL);
	CHECK_EQ(fs_rename("/d", "/d/e/x"), -E_INVAL);
	CHECK_EQ(fs_rename("/d", "/d/e/f"), -E_INVAL);
	CHECK_EQ(fs_rename("/d/e", "/d"), -E_NOT_EMPTY);
	CHECK_EQ(fs_rename("/a", "/a"), 0);
	CHECK_EQ(fs_rename("/d", "d/"), 0);

	// A Node follows its file, and one that is replaced stays.
	CHECK_EQ(node_lookup("/a", &a), 0);
	CHECK_EQ(node_lookup("/b", &b), 0);
	nfree = fs_nfree();
	CHECK_EQ(fs_rename("/a", "/b"), 0);
	CHECK_EQ(look("/a"), -E_NOT_FOUND);
	CHECK_STR(node_name(a), "b");
	CHECK_STR(node_name(b), "b");
	CHECK(has(a, BLKSIZE, BLKSIZE, 'a'));
	CHECK(has(b, 2 * BLKSIZE, BLKSIZE, 'b'));
	CHECK_EQ(fs_nfree(), nfree);
	node_put(b);
	CHECK_EQ(fs_nfree(), nfree + 3);
	CHECK_EQ(fs_rename("/b", "/d/e/moved"), 0);
	CHECK_EQ(node_lookup("/d/e/moved", &b), 0);
	CHECK(a == b);
	node_put(b);
	CHECK_EQ(node_write(a, "x", 1, 0), 1);
	node_put(a);
	CHECK_EQ(fs_rename("/d/e", "/empty"), 0);
	CHECK_EQ(look("/empty/moved"), 0);
	CHECK_EQ(look("/empty/f"), 0);
	CHECK_EQ(fs_rename("/empty", "/d/long"), 0);
	CHECK_EQ(fs_rename("/d/long/moved", "/d/moved"), 0);
	CHECK_EQ(fs_commit(), 0);
	CHECK_EQ(fs_mount(), 0);
	CHECK_EQ(node_lookup("/d/moved", &a), 0);
	CHECK(has(a, 0, 1, 'x'));
	CHECK(has(a, 1, BLKSIZE, 'a'));
	node_put(a);
	end();
}

static void
full_directory(void)
{
	struct Node *node;
	char path[40];
	int r = 0, n;

	begin(2000);
	CHECK_EQ(make("/d", FTYPE_DIR), 0);
	for (n = 0; r == 0; n++) {
		host_snprintf(path, sizeof(path), "/d/%d", n);
		r = make(path, FTYPE_REG);
	}
	CHECK_EQ(r, -E_DIR_FULL);
	CHECK_EQ(n, MAXDIRENTS + 1);
	CHECK_EQ(make("/other", FTYPE_REG), 0);
	CHECK_EQ(fs_rename("/other", "/d/other"), -E_DIR_FULL);
	CHECK_EQ(look("/other"), 0);
	CHECK_EQ(fs_rename("/d/100", "/d/renamed"), 0); // in its slot
	CHECK_EQ(fs_rename("/other", "/d/101"), 0);
	CHECK_EQ(fs_remove("/d/4000"), 0);
	CHECK_EQ(make("/d/again", FTYPE_REG), 0);
	CHECK_EQ(fs_commit(), 0);
	CHECK_EQ(fs_mount(), 0);
	CHECK_EQ(look("/d/4095"), 0);
	CHECK_EQ(look("/d/again"), 0);
	CHECK_EQ(node_lookup("/d", &node), 0);
	CHECK_EQ(node_size(node), MAXDIRENTS / BLKFILES * BLKSIZE);
	node_put(node);
	end();
}

// ---- Contents ----

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

// ---- Errors of the disk ----

static void
read_errors(void)
{
	struct Node *node;
	uint32_t n;

	begin(300);
	CHECK_EQ(make_full("/f", 40, 'f'), 0);
	CHECK_EQ(fs_unmount(), 0);
	for (n = 0; n < 60; n++) { // the n-th read and all after it fail
		reads_left = -1;
		CHECK_EQ(fs_mount(), 0);
		reads_left = n % 6;
		if (node_lookup("/f", &node) == 0) {
			for (int i = 0; i < 40; i++) {
				int r = node_read(node, back, BLKSIZE, i * BLKSIZE);

				CHECK(r == BLKSIZE || r == -E_IO);
				r = node_write(node, buf, 10, i * BLKSIZE + 5);
				CHECK(r == 10 || r == -E_IO);
			}
			CHECK(node_truncate(node, 100) <= 0);
			node_put(node);
		}
		fs_remove("/f");
		reads_left = -1;
	}
	CHECK_EQ(fs_mount(), 0);
	// One bad block: the others can be read, by themselves.
	CHECK_EQ(node_lookup("/f", &node), 0);
	bad_block =
		((struct File *)disk[((struct Roots *)disk[2])->r_root.f_direct[0]])->f_direct[5];
	for (int i = 0; i < 10; i++)
		CHECK_EQ(node_read(node, back, BLKSIZE, i * BLKSIZE), i == 5 ? -E_IO : BLKSIZE);
	CHECK_EQ(node_write(node, buf, 10, 5 * BLKSIZE), -E_IO);
	CHECK_EQ(node_write(node, buf, BLKSIZE, 5 * BLKSIZE), BLKSIZE); // nothing to be read
	CHECK_EQ(node_read(node, back, BLKSIZE, 5 * BLKSIZE), BLKSIZE);
	node_put(node);
	bad_block = 0;
	end();
}

// After a write that failed nothing is written any more, and what is on the disk is
// one of the states before.
static void
write_errors(void)
{
	int n, r;

	for (n = 0; n < 200; n++) {
		begin(300);
		CHECK_EQ(make_full("/a", 3, 'a'), 0);
		CHECK_EQ(fs_commit(), 0);
		writes_left = n;
		r = 0;
		for (int i = 0; i < 30 && r == 0; i++) {
			r = make_full("/b", 2 + i, 'b');
			if (r == 0)
				r = fs_commit();
			if (r == 0)
				r = fs_rename("/b", "/a");
		}
		if (r == 0)
			break;
		CHECK_EQ(r, -E_IO);
		writes_left = -1;
		CHECK_EQ(fs_commit(), -E_IO);
		CHECK_EQ(look("/a"), -E_IO);
		CHECK_EQ(make("/c", FTYPE_REG), -E_IO);
		CHECK_EQ(fs_mount(), 0);
		CHECK_EQ(look("/a"), 0);
		end();
	}
	CHECK(n > 50);
}

// ---- The rest ----

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

static void
many_nodes(void)
{
	static struct Node *nodes[2 * MAXOPEN];
	char path[20];
	int n, r = 0;

	begin(2000);
	for (n = 0; r == 0; n++) {
		host_snprintf(path, sizeof(path), "/%d", n);
		r = node_create(path, FTYPE_REG, &nodes[n]);
	}
	CHECK_EQ(r, -E_MAX_OPEN);
	CHECK(n > MAXOPEN);
	CHECK_EQ(look("/0"), 0); // that is one of them
	while (--n > 0)
		node_put(nodes[n - 1]);
	CHECK_EQ(look(path), -E_NOT_FOUND);
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

// Random operations beside the model; now and then a look at all.
static void
random_ops(uint32_t seed, uint32_t nblocks, int n)
{
	random_state = seed;
	model_reset();
	begin(nblocks);
	for (int i = 1; i <= n; i++) {
		if (!random_op())
			return;
		if (i % 100)
			continue;
		CHECK(fs_digest() == model_digest());
		if (i % 300 == 0) { // unmounted, all that is open is forgotten
			memset(handles, 0, sizeof(handles));
			CHECK_EQ(fs_unmount(), 0);
			check_blocks(true);
			CHECK_EQ(fs_mount(), 0);
			model_load();
		}
		if (wrong)
			FAIL("%s after %d operations", wrong, i);
	}
	for (int h = 0; h < NHANDLES; h++)
		if (handles[h].node)
			node_put(handles[h].node);
	end();
}

static void
random_small_cache(void)
{
	random_ops(11, 250, 6000);
	if (!failure[0])
		random_ops(12, 1500, 6000);
}

static void
random_large_cache(void)
{
	random_ops(13, 250, 6000);
	if (!failure[0])
		random_ops(14, 1500, 6000);
}

static void
all(void)
{
	RUN(format_sizes);
	RUN(lives_on);
	RUN(paths);
	RUN(removing);
	RUN(renaming);
	RUN(full_directory);
	RUN(reading_writing);
	RUN(large_files);
	RUN(borders);
	RUN(full_disk);
	RUN(exact_fit);
	RUN(orphans);
	RUN(read_errors);
	RUN(write_errors);
	RUN(safety);
	RUN(many_nodes);
}

// All of it twice: with the smallest cache that there can be, then with the largest.
int
main(void)
{
	RUN(no_memory);
	all();
	RUN(random_small_cache);
	RUN(fuzzed);
	pages_budget = CACHE_BLOCKS;
	all();
	RUN(random_large_cache);
	RUN(fuzzed);
	RUN(no_disk);
	RUN(damaged);
	RUN(damaged_log);
	RUN(few_commands);
	return report("fs");
}
