// Pages for the block cache of the file server: at addresses of their own, taken
// from the kernel as the cache grows, many by one trap where that is possible.
#include <inc/lib.h>
#include <fs/layout.h>
#include <fs/pages.h>

// Calls that are posted before the first is collected. The page has 64 entries, of
// which fs/disk_wait.c may have two.
#define BATCH 32

static bool taken[CACHE_BLOCKS]; // pages that are mapped, from CACHE_BASE on

// Posts an allocation, or, where there is no page or it is not to be used, NULL.
static struct FscEntry *
post_alloc(void *va)
{
	if (flex_library == FLEX_NEVER)
		return NULL;
	return flex_post(SYS_page_alloc, 0, (uint32_t)va, PTE_P | PTE_U | PTE_W, 0, 0);
}

static int
grow_batch(void *store[], int want)
{
	struct FscEntry *entry[BATCH];
	int index[BATCH], n = 0, got = 0;

	for (int i = 0; i < CACHE_BLOCKS && n < want; i++) {
		if (taken[i])
			continue;
		index[n] = i;
		entry[n++] = post_alloc((char *)CACHE_BASE + i * PGSIZE);
	}
	for (int k = 0; k < n; k++) {
		void *va = (char *)CACHE_BASE + index[k] * PGSIZE;
		int r = entry[k] ? flex_collect(entry[k])
				 : sys_page_alloc(0, va, PTE_P | PTE_U | PTE_W);
		if (r < 0)
			continue; // its place is tried again another time
		taken[index[k]] = true;
		store[got++] = va;
	}
	return got;
}

int
pages_grow(void *store[], int want)
{
	int got = 0, r = 1;

	while (got < want && r > 0) {
		r = grow_batch(store + got, MIN(want - got, BATCH));
		got += r;
	}
	return got;
}
