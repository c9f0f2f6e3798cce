// malloc and free: a cache for each thread, and what it takes and gives under the lock.
//
// A thread takes small blocks from its cache, and frees them into its cache, whoever
// has taken them, without a lock. The cache is filled and emptied by several blocks at
// a time. A block that is free is taken for its slab as long as it lies in a cache; a
// byte in the slab says whether the program has it. What is stored there goes first when
// a block is freed and last when it is taken: whenever another thread forks, what is
// neither live nor free in the child's copy can be freed there.
#include "lib/malloc.h"
#include "lib/libcall.h"
#include "lib/mutex.h"
#include "lib/thread.h"
#include "lib/vm.h"

// The blocks of a class lie from slab_classes[].cache on.
struct Cache {
	uint8_t count[NCLASSES];
	void *block[CACHE_BLOCKS];
};

static __thread struct Cache cache;
static struct Mutex lock;

// The class for (size + 15) / 16.
static const uint8_t class_of[SMALL_MAX / ALIGNMENT + 1] = {
	[0 ... 1] = 0,    [2] = 1,          [3] = 2,           [4] = 3,         [5 ... 6] = 4,
	[7 ... 8] = 5,    [9 ... 12] = 6,   [13 ... 16] = 7,   [17 ... 24] = 8, [25 ... 36] = 9,
	[37 ... 50] = 10, [51 ... 84] = 11, [85 ... 126] = 12,
};

// ---- Caches -------------------------------------------------------------------------

// Gives back the n blocks of a class that have been in the cache for longest. Under the
// lock.
static void
give_back(struct Cache *from, int class, int n)
{
	void **block = &from->block[slab_classes[class].cache];
	int left = from->count[class] - n;

	for (int i = 0; i < n; i++)
		slab_put(block[i]);
	for (int i = 0; i < left; i++)
		block[i] = block[n + i];
	from->count[class] = left;
}

// Gives back all that is in a cache. Under the lock.
static void
give_back_all(struct Cache *from)
{
	for (int class = 0; class < NCLASSES; class ++)
		give_back(from, class, from->count[class]);
}

// Gives the lock back, and pages that are empty, or all that are kept for later.
static void
unlock_and_unmap(bool all)
{
	if (all)
		large_drop_kept();
	struct Slab *surplus = slab_surplus(all);
	mutex_unlock(&lock);
	slab_unmap(surplus);
}

static bool
is_empty(const struct Cache *c)
{
	for (int class = 0; class < NCLASSES; class ++)
		if (c->count[class])
			return false;
	return true;
}

static void
return_cache(struct Cache *from)
{
	if (is_empty(from))
		return;
	mutex_lock(&lock);
	give_back_all(from);
	unlock_and_unmap(false);
}

// Memory is short: gives up all that the caller's cache and the heap keep for later.
static void
give_up_kept(void)
{
	mutex_lock(&lock);
	give_back_all(&cache);
	unlock_and_unmap(true);
}

// Makes room for a block in the caller's cache.
static void __attribute__((noinline)) make_room(int class)
{
	mutex_lock(&lock);
	give_back(&cache, class, (slab_classes[class].cached + 1) / 2);
	unlock_and_unmap(false);
}

// Puts blocks into the caller's cache, which has none. Whether there was memory.
static bool __attribute__((noinline)) refill(int class)
{
	const struct SlabClass *c = &slab_classes[class];
	void **block = &cache.block[c->cache];
	const int n = (c->cached + 1) / 2;

	mutex_lock(&lock);
	int got = slab_take(class, block, n);
	mutex_unlock(&lock);
	if (got == 0) {
		give_up_kept();
		mutex_lock(&lock);
		got = slab_take(class, block, n);
		mutex_unlock(&lock);
	}
	cache.count[class] = got;
	return got > 0;
}

// ---- For the library ----------------------------------------------------------------

// The caller, a thread, is about to end.
void
malloc_end_thread(void)
{
	return_cache(&cache);
}

// Takes back the cache of a thread that is no more, whose thread-local storage is at tls
// still: it may have been ended in the middle of its work.
void
malloc_reclaim(const void *tls)
{
	const char *own;

	asm("mov %%gs:0,%0" : "=r"(own));
	return_cache((struct Cache *)((const char *)tls + ((const char *)&cache - own)));
}

// fork takes the lock before it copies memory.
void
malloc_lock(void)
{
	mutex_lock(&lock);
}

void
malloc_unlock(void)
{
	mutex_unlock(&lock);
}

// In the child of a program with threads: frees what is in the caches of those
// that are not there.
void
malloc_forked(void)
{
	mutex_lock(&lock);
	give_back_all(&cache);
	heap_each_slab(slab_reclaim);
	unlock_and_unmap(false);
}

// ---- malloc and free ----------------------------------------------------------------

// A block of more than SMALL_MAX bytes; *zeroed: whether it is all zeros.
static void *
alloc_large(size_t size, bool *zeroed)
{
	mutex_lock(&lock);
	void *p = large_alloc(size, zeroed);
	mutex_unlock(&lock);
	if (p)
		return p;
	give_up_kept();
	mutex_lock(&lock);
	p = large_alloc(size, zeroed);
	mutex_unlock(&lock);
	return p;
}

// A block of size bytes, or more, at a multiple of 16; not cleared. NULL if
// there is no memory. A block of 0 bytes is one, too.
void *
malloc(size_t size)
{
	bool zeroed;

	if (size > SMALL_MAX)
		return alloc_large(size, &zeroed);
	int class = class_of[(size + ALIGNMENT - 1) / ALIGNMENT];
	const struct SlabClass *c = &slab_classes[class];
	if (cache.count[class] == 0 && !refill(class))
		return NULL;
	void *p = cache.block[c->cache + --cache.count[class]];
	barrier();
	slab_of(p)->live[slab_block(c, p)] = true;
	return p;
}

// The page that p is in, which must be in the heap and in use.
static struct Slab *
page_of(void *p)
{
	if (!pages_in_use(p))
		panic("free(%p): not a block, or free already", p);
	return slab_of(p);
}

static void
free_small(struct Slab *s, void *p)
{
	const int class = s->class;
	const struct SlabClass *c = &slab_classes[class];
	uint32_t block = slab_block(c, p);

	// Also of a pointer into the header.
	if (PGOFF(p) < c->first || PGOFF(p) != c->first + block * c->size)
		panic("free(%p): not the start of a block", p);
	if (!s->live[block])
		panic("free(%p): the block is free already", p);
	s->live[block] = false;
	if (cache.count[class] == c->cached)
		make_room(class);
	cache.block[c->cache + cache.count[class]] = p;
	barrier();
	cache.count[class]++;
}

// Frees a block of malloc's, whichever thread has taken it, or a stack that join has given
// back. Does nothing for NULL. Panics for what is no block, or a block that is free: always
// but in the moment that two threads free it at once, and as long as the
// block, or its page, is not in use for something else.
void
free(void *p)
{
	uintptr_t at = (uintptr_t)p;

	if (!p)
		return;
	if (at < HEAP_BASE || at >= HEAP_TOP) {
		if (!thread_hooks || !thread_hooks->free_stack(p))
			panic("free(%p): not in the heap", p);
		return;
	}
	struct Slab *page = page_of(p);
	if (page->magic == malloc_magic(MAGIC_SLAB, page)) {
		free_small(page, p);
		return;
	}
	uint32_t unmap;
	mutex_lock(&lock);
	bool freed = large_free(p, &unmap);
	mutex_unlock(&lock);
	if (!freed)
		panic("free(%p): not a block, or free already", p);
	if (unmap > 0)
		vm_page_free(page, unmap);
}

// ---- calloc and realloc -------------------------------------------------------------

// A block for n things of size bytes each, all zeros; or NULL.
void *
calloc(size_t n, size_t size)
{
	bool zeroed = false;
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	void *p = bytes > SMALL_MAX ? alloc_large(bytes, &zeroed) : malloc(bytes);
	if (p && !zeroed)
		memset(p, 0, bytes);
	return p;
}

// How many bytes there is room for in a block.
static size_t
block_size(void *p)
{
	struct Slab *page;
	size_t size;

	if ((uintptr_t)p < HEAP_BASE || (uintptr_t)p >= HEAP_TOP)
		panic("realloc(%p): not in the heap", p);
	page = page_of(p);
	if (page->magic == malloc_magic(MAGIC_SLAB, page))
		return slab_classes[page->class].size;
	size = large_size(p);
	if (!size)
		panic("realloc(%p): not a block, or free already", p);
	return size;
}

// Makes a block have size bytes, what is in it unchanged as far as it has room. Where it
// is now; or NULL: no memory, and the block is as before. A block that is NULL
// is made by malloc. Panics as free does.
void *
realloc(void *p, size_t size)
{
	size_t had = p ? block_size(p) : 0;

	// Stays where it is, unless that wastes more than half.
	if (p && size <= had && (size > had / 2 || had <= 64))
		return p;
	void *to = malloc(size);
	if (!to || !p)
		return to;
	memcpy(to, p, MIN(had, size));
	free(p);
	return to;
}
