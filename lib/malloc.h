// malloc: what its parts share, and what it offers to the rest of the library.
//
// lib/malloc.c has what is small and what every thread does without a lock,
// lib/malloc_slab.c cuts pages into blocks, lib/malloc_pages.c has the pages, and
// blocks of whole pages.
#ifndef LIB_MALLOC_H
#define LIB_MALLOC_H

#include <inc/lib.h>

#define ALIGNMENT 16

// A header's magic is one of these, mixed with its own address.
#define MAGIC_SLAB 0x51ab51abU
#define MAGIC_LARGE 0x1a46e000U
#define MAGIC_KEPT 0x6e997000U // a free run of pages

static inline uint32_t
malloc_magic(uint32_t kind, const void *header)
{
	return kind ^ (uint32_t)(uintptr_t)header;
}

// ---- For the library --------------------------------------------------------------

void malloc_lock(void);
void malloc_unlock(void);
void malloc_forked(void);
void malloc_end_thread(void);
void malloc_reclaim(const void *tls);

// ---- Blocks within a page, lib/malloc_slab.c -----------------------------------------

#define SMALL_MAX 2016
#define SLAB_WORDS 8 // bits for 256 blocks; 238 is the most there can be

struct Slab {
	uint32_t magic;
	uint16_t class;           // index into slab_classes
	uint16_t used;            // blocks taken
	struct Slab *next, *prev; // of its class, unless all blocks are taken
	uint32_t taken
		[SLAB_WORDS]; // bit n: block n is the program's or in a cache; or there is none

	// Block n is the program's. Written without the lock, by whoever has the block.
	volatile bool live[];
};

struct SlabClass {
	uint16_t size;    // of a block, a multiple of ALIGNMENT
	uint16_t nblocks; // in a page
	uint16_t first;   // the offset of the first
	uint16_t cached;  // how many a thread keeps at most
	uint16_t cache;   // where in its cache they begin
	uint32_t inverse; // 65536 / (size / ALIGNMENT), rounded up
};

#define NCLASSES 13
#define CACHE_BLOCKS 155 // of all classes

extern const struct SlabClass slab_classes[NCLASSES];

int slab_take(int class, void **blocks, int n);
void slab_put(void *block);
struct Slab *slab_surplus(bool all);
void slab_unmap(struct Slab *surplus);
void slab_reclaim(struct Slab *s);

// Which block of its slab p is in, for an offset that is one of a block.
static inline uint32_t
slab_block(const struct SlabClass *c, const void *p)
{
	return (PGOFF(p) - c->first) / ALIGNMENT * c->inverse >> 16;
}

static inline struct Slab *
slab_of(const void *p)
{
	return (struct Slab *)ROUNDDOWN((uintptr_t)p, PGSIZE);
}

// ---- Pages, lib/malloc_pages.c ---------------------------------------------------------

void *pages_alloc(uint32_t n);
void pages_leaving(const void *first);
bool pages_in_use(const void *p);

void *large_alloc(size_t size, bool *zeroed);
bool large_free(void *p, uint32_t *unmap);
size_t large_size(const void *p);
void large_drop_kept(void);

void heap_each_slab(void (*visit)(struct Slab *s));

#endif
