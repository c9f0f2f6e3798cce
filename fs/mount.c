// Making a file system, and mounting one.

#include <fs/core.h>

// Blocks of the log: a 32nd of all, within these limits; of very few, a half.
#define LOW_NLOG 64u
#define HIGH_NLOG 512u

// Whether a superblock can be that of a disk of n blocks.
static bool
super_is_sound(const struct Super *s, uint32_t n)
{
	if (s->s_magic != FS_MAGIC || s->s_version != FS_VERSION)
		return false;
	if (s->s_checksum != fs_checksum(CHECKSUM_START, s, offsetof(struct Super, s_checksum) / 4))
		return false;
	if (s->s_nblocks < MINBLOCKS || s->s_nblocks > MAXBLOCKS || s->s_nblocks > n)
		return false;
	if (s->s_nbitmap != (s->s_nblocks + BLKBITSIZE - 1) / BLKBITSIZE)
		return false;
	return s->s_log == BITMAP_BLOCK + s->s_nbitmap && s->s_nlog >= MIN_NLOG &&
	       s->s_nlog < s->s_nblocks - s->s_log - 1;
}

static int
super_read(uint32_t nblocks)
{
	struct Super *super = cache_log_page(0);
	int r;

	if (nblocks < MINBLOCKS)
		return -E_BAD_FS;
	r = disk_read(SUPER_BLOCK, 1, (void *[]){super});
	if (r < 0)
		return r;
	if (!super_is_sound(super, nblocks))
		return -E_BAD_FS;
	fs.super = *super;
	fs.first_data = super->s_log + 1 + super->s_nlog;
	return 0;
}

static int
roots_load(void)
{
	static const uint32_t slots[] = {ROOT_SLOT, ORPHANS_SLOT};
	struct Node *node;
	struct Buf *b;
	int r = buf_get(ROOTS_BLOCK, &b);

	if (r < 0)
		return r;
	buf_pin(b);
	for (uint32_t i = 0; i < ARRAY_SIZE(slots); i++) {
		r = node_get(ROOTS_BLOCK, slots[i], &node);
		if (r < 0)
			return r;
		r = node_type(node) == FTYPE_DIR ? 0 : -E_BAD_FS;
		node_put(node);
		if (r < 0)
			return r;
	}
	return 0;
}

// Gets a disk ready for a mount. Its number of blocks, or -E_NO_DEV, -E_IO, -E_NO_MEM.
static int
begin(void)
{
	int n, r;

	fs.error = -E_NO_DEV;
	nodes_reset();
	n = disk_init();
	if (n < 0)
		return n;
	r = cache_reset();
	return r < 0 ? r : n;
}

int
fs_mount(void)
{
	int r = begin();

	if (r >= 0)
		r = super_read(r);
	if (r == 0)
		r = log_recover();
	if (r == 0)
		r = bitmap_load();
	if (r == 0)
		r = roots_load();
	if (r < 0)
		return r;
	fs.error = 0;
	r = orphans_begin();
	if (r < 0)
		fs.error = -E_NO_DEV;
	return r;
}

uint32_t
fs_nblocks(void)
{
	return fs.super.s_nblocks;
}

// ---- Making ----

static int
write_page(uint32_t block, void *page)
{
	return disk_write(block, 1, &page);
}

// Makes n blocks zeroes. Those that are zeroes are not written, so that an image can be
// a file with holes.
static int
zero_blocks(uint32_t block, uint32_t n)
{
	static const char zeroes[BLKSIZE];
	void *page = cache_log_page(1);
	int r = 0;

	for (; r == 0 && n > 0; n--, block++) {
		r = disk_read(block, 1, &page);
		if (r < 0 || memcmp(page, zeroes, BLKSIZE) == 0)
			continue;
		memset(page, 0, BLKSIZE);
		r = write_page(block, page);
	}
	return r;
}

// Everything but the superblock. The first block for files is the orphans', so that
// removing a file needs none even when the disk is full.
static int
write_rest(const struct Super *super, uint32_t first_data)
{
	void *page = cache_log_page(0);
	uint32_t *words = page, block;
	struct Roots *roots = page;
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < super->s_nbitmap; i++) {
		memset(page, 0, BLKSIZE);
		for (uint32_t bit = 0; bit < BLKBITSIZE; bit++) {
			block = i * BLKBITSIZE + bit;
			if (block > first_data && block < super->s_nblocks)
				words[bit / 32] |= 1u << bit % 32;
		}
		r = write_page(BITMAP_BLOCK + i, page);
	}
	// Old records must not be taken for new ones.
	if (r == 0)
		r = zero_blocks(super->s_log + 1, super->s_nlog + 1);
	if (r < 0)
		return r;

	memset(page, 0, BLKSIZE);
	memcpy(roots->r_root.f_name, "/", 2);
	roots->r_root.f_type = FTYPE_DIR;
	memcpy(roots->r_orphans.f_name, "orphans", 8);
	roots->r_orphans.f_type = FTYPE_DIR;
	roots->r_orphans.f_size = BLKSIZE;
	roots->r_orphans.f_direct[0] = first_data;
	r = write_page(ROOTS_BLOCK, page);
	if (r < 0)
		return r;

	fs.super = *super;
	log_begin(1, 0);
	return log_write_head();
}

int
fs_format(uint32_t nblocks)
{
	struct Super *super, s = {.s_magic = FS_MAGIC, .s_version = FS_VERSION};
	int r = begin();

	if (r < 0)
		return r;
	super = cache_log_page(0);
	if (nblocks < MINBLOCKS || nblocks > MAXBLOCKS || nblocks > (uint32_t)r)
		return -E_INVAL;
	s.s_nblocks = nblocks;
	s.s_nbitmap = (nblocks + BLKBITSIZE - 1) / BLKBITSIZE;
	s.s_log = BITMAP_BLOCK + s.s_nbitmap;
	s.s_nlog = MAX(MIN(nblocks / 2, LOW_NLOG), MIN(nblocks / 32, HIGH_NLOG));
	s.s_checksum = fs_checksum(CHECKSUM_START, &s, offsetof(struct Super, s_checksum) / 4);

	// The superblock goes first and comes last: a crash leaves no half of a system.
	r = zero_blocks(SUPER_BLOCK, 1);
	if (r == 0)
		r = disk_flush();
	if (r == 0)
		r = write_rest(&s, s.s_log + 1 + s.s_nlog);
	if (r == 0)
		r = disk_flush();
	if (r < 0)
		return r;
	memset(super, 0, BLKSIZE);
	*super = s;
	r = write_page(SUPER_BLOCK, super);
	if (r == 0)
		r = disk_flush();
	return r < 0 ? r : fs_mount();
}
