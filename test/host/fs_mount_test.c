// Mounting: what is refused, what lives on, damaged disks, and errors of the disk then and
// later.
// sources: fs/cache.c fs/log.c fs/recover.c fs/bitmap.c fs/map.c fs/node.c fs/file.c
// sources: fs/dir.c fs/path.c fs/mount.c
#include "test/host/fs_steps.h"

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

// ---- Damaged disks ----

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

static void
all(void)
{
	RUN(format_sizes);
	RUN(lives_on);
	RUN(read_errors);
	RUN(write_errors);
}

int
main(void)
{
	RUN(no_memory); // before there is a cache
	with_each_cache(all);
	RUN(no_disk);
	RUN(damaged);
	RUN(damaged_log);
	return report("fs_mount");
}
