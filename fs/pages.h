// Pages for the block cache: fs/pages.c in the file server, fs/disk_host.c in
// the host's tools.
#ifndef FS_PAGES_H
#define FS_PAGES_H

#include <inc/types.h>

// Blocks that the cache may hold at most: its budget, 4 MiB. Tests of the core
// want other ones.
#ifndef CACHE_BLOCKS
#define CACHE_BLOCKS 1024
#endif

// Gets up to `want` new pages of BLKSIZE bytes, each at a multiple of BLKSIZE,
// and puts where they are into store[]. They are the cache's for good. How many
// there are; 0 when memory or the budget is used up.
int pages_grow(void *store[], int want);

// A block is about to be changed or has been freed: what was made of it for programs
// to map (fs/pages_shared.c) is so no more. Cannot fail.
void pages_changed(uint32_t block);

#endif
