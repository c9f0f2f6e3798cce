// Random operations on the file system beside a model, and on disks full of garbage.
// sources: fs/cache.c fs/log.c fs/recover.c fs/bitmap.c fs/map.c fs/node.c fs/file.c
// sources: fs/dir.c fs/path.c fs/mount.c
#include "test/host/fs_model.h"
#include "test/host/fs_steps.h"

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

int
main(void)
{
	RUN(random_small_cache);
	RUN(fuzzed);
	pages_budget = CACHE_BLOCKS;
	RUN(random_large_cache);
	RUN(fuzzed);
	return report("fs_random");
}
