// lib/malloc*.c on a fake of the page calls: the heap's addresses are reserved
// on the host, and mapped and unmapped page by page. What is demand-zero is mapped at
// once, and counted apart.
// flags: -ffreestanding -nostdinc -Wno-pointer-to-int-cast -Wno-int-to-pointer-cast
#include "test/host/host.h"

#include <inc/lib.h>

#define calloc lib_calloc
#define realloc lib_realloc

// No syscall page, no pager, no other threads; but a lock that is looked at.
#define LIB_LIBCALL_H
#define LIB_VM_H
#define LIB_MUTEX_H
#define LIB_THREAD_H

struct Mutex {
	int held;
};
static int locks; // that are held
static pte_t vm_entry(uintptr_t va);
static int vm_page_alloc(void *va, uint32_t npages, int perm);

// No memory is to be had by swapping.
int
vm_make_room(void)
{
	return -E_NO_MEM;
}
static void vm_page_free(void *va, uint32_t n);

// There must be a pager before there is a heap.
static struct Env env;
__thread const volatile struct Env *thisenv = &env;

static int
pager_setup(void)
{
	env.env_pgfault_upcall = UTEXT;
	return 0;
}

static void
mutex_lock(struct Mutex *m)
{
	if (m->held++)
		__builtin_trap();
	locks++;
}

static void
mutex_unlock(struct Mutex *m)
{
	if (--m->held)
		__builtin_trap();
	locks--;
}

static struct {
	bool (*free_stack)(void *p);
} * thread_hooks;

#include "lib/malloc_slab.c"
#include "lib/malloc_pages.c"
#define lock heap_lock
#define give_back malloc_give_back
#include "lib/malloc.c"
#include "lib/string.c"

#define PROT_READ_WRITE 3
#define MAP_PRIVATE_FIXED_ANONYMOUS 0x32 // Linux
#define MAP_NOREPLACE 0x100000

// The page table. Only the heap's part is ever used.
static pte_t entries[HEAP_TOP / PGSIZE];

static int mapped;     // pages
static int marked;     // pages that are demand-zero
static int pages_left; // until the fake is out of memory

static pte_t
vm_entry(uintptr_t va)
{
	return entries[PGNUM(va)];
}

static int
vm_page_alloc(void *va, uint32_t n, int perm)
{
	if (!env.env_pgfault_upcall)
		__builtin_trap();
	for (char *page = va; n-- > 0; page += PGSIZE) {
		if (pages_left == 0)
			return -E_NO_MEM;
		if (entries[PGNUM(page)])
			return -E_UNSPECIFIED; // replacing a page in use: the tests would notice
		host_mmap(page, PGSIZE, PROT_READ_WRITE, MAP_PRIVATE_FIXED_ANONYMOUS, -1, 0);
		entries[PGNUM(page)] = perm;
		pages_left--;
		mapped++;
	}
	return 0;
}

static void
vm_page_free(void *va, uint32_t n)
{
	host_mmap(va, n * PGSIZE, PROT_NONE, MAP_PRIVATE_FIXED_ANONYMOUS, -1, 0);
	for (uintptr_t pn = PGNUM(va), end = pn + n; pn < end; pn++) {
		if (entries[pn] & PTE_P) {
			pages_left++;
			mapped--;
		} else if (entries[pn]) {
			marked--;
		}
		entries[pn] = 0;
	}
}

int
sys_page_mark(envid_t envid, void *va, uint32_t n, uint32_t mark)
{
	if (n < 1 || n > 1024)
		return -E_INVAL;
	host_mmap(va, n * PGSIZE, PROT_READ_WRITE, MAP_PRIVATE_FIXED_ANONYMOUS, -1, 0);
	for (uintptr_t pn = PGNUM(va), end = pn + n; pn < end; pn++) {
		if (entries[pn])
			return -E_UNSPECIFIED;
		entries[pn] = mark;
		marked++;
	}
	return 0;
}

// A panic goes back to whoever expects it.
static char panic_text[256];
static char panic_return[1024] __attribute__((aligned(16)));
static bool panic_expected;

void
_panic(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	host_vprintf(fmt, ap);
	va_end(ap);
	host_printf("\n");
	if (!panic_expected)
		__builtin_trap();
	host_snprintf(panic_text, sizeof(panic_text), "%s", fmt);
	host_longjmp(panic_return, 1);
}

// Whether free(p) panics with the format text want.
static bool
free_panics(void *p, const char *want)
{
	panic_expected = true;
	if (host_setjmp(panic_return) == 0) {
		free(p);
		panic_expected = false;
		return false;
	}
	panic_expected = false;
	return host_strcmp(panic_text, want) == 0;
}

// Gives up all that malloc keeps for later. How many pages are left then.
static int
in_use(void)
{
	malloc_end_thread();
	give_up_kept();
	return mapped + marked;
}

static const char *const not_a_start = "free(%p): not the start of a block";
static const char *const free_already = "free(%p): the block is free already";
static const char *const no_block = "free(%p): not a block, or free already";

static uint32_t random_state = 1;

static uint32_t
next_random(uint32_t below)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % below;
}

#define NBLOCKS 2000
static struct Block {
	unsigned char *at;
	uint32_t size;
	unsigned char fill;
} blocks[NBLOCKS];

static bool
block_take(struct Block *b, uint32_t size)
{
	b->at = malloc(size);
	b->size = size;
	b->fill = next_random(256);
	if (!b->at)
		return false;
	for (uint32_t i = 0; i < size; i++)
		b->at[i] = b->fill;
	return (uintptr_t)b->at % ALIGNMENT == 0;
}

// Whether the block still holds what was written into it. Frees it.
static bool
block_give(struct Block *b)
{
	for (uint32_t i = 0; i < b->size; i++)
		if (b->at[i] != b->fill)
			return false;
	free(b->at);
	b->at = NULL;
	return true;
}

static void
every_small_size(void)
{
	for (uint32_t size = 0; size < NBLOCKS; size++)
		CHECK(block_take(&blocks[size], size));
	for (uint32_t size = 0; size < NBLOCKS; size++)
		CHECK(block_give(&blocks[size]));
	CHECK_EQ(in_use(), 0);
}

static void
slabs_are_filled(void)
{
	const int before = in_use(), n = slab_classes[0].nblocks;

	for (int i = 0; i < n; i++)
		CHECK(block_take(&blocks[i], 16));
	CHECK_EQ(mapped - before, 1);
	CHECK(block_take(&blocks[n], 16));
	CHECK_EQ(mapped - before, 2);
	// A free block is used before a new page.
	CHECK(block_give(&blocks[100]));
	CHECK(block_give(&blocks[n]));
	CHECK(block_take(&blocks[100], 1));
	CHECK(block_take(&blocks[n], 9));
	CHECK_EQ(mapped - before, 2);
	for (int i = 0; i <= n; i++)
		CHECK(block_give(&blocks[i]));
	CHECK_EQ(in_use(), before);
}

static void
slabs_have_room(void)
{
	for (int i = 0; i < NCLASSES; i++) {
		const struct SlabClass *c = &slab_classes[i];

		CHECK_EQ(c->first + c->nblocks * c->size, PGSIZE);
		CHECK(c->first >= sizeof(struct Slab) + c->nblocks);
		CHECK_EQ(c->first % ALIGNMENT, 0);
		CHECK(c->nblocks <= 32 * SLAB_WORDS);
		CHECK_EQ(c->cache, i ? slab_classes[i - 1].cache + slab_classes[i - 1].cached : 0);
		for (uint32_t b = 0; b < c->nblocks; b++)
			for (uint32_t at = 0; at < c->size; at += ALIGNMENT)
				CHECK_EQ(slab_block(c, (void *)(uintptr_t)(c->first + b * c->size +
									   at)),
					 b);
		CHECK_EQ(class_of[c->size / ALIGNMENT], i);
		CHECK_EQ(class_of[i + 1 < NCLASSES ? c->size / ALIGNMENT + 1 : 0],
			 i + 1 < NCLASSES ? i + 1 : 0);
	}
	CHECK_EQ(slab_classes[NCLASSES - 1].cache + slab_classes[NCLASSES - 1].cached,
		 CACHE_BLOCKS);
}

static void
page_sizes(void)
{
	static const uint32_t sizes[] = {2016, 2017, 4079, 4080, 4081, 4096, 8176, 8177, 1000000};

	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++)
		CHECK(block_take(&blocks[i], sizes[i]));
	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++)
		CHECK(block_give(&blocks[i]));
	CHECK_EQ(in_use(), 0);
}

static void
in_any_order(void)
{
	for (int i = 0; i < 20000; i++) {
		struct Block *b = &blocks[next_random(300)];

		if (b->at)
			CHECK(block_give(b));
		else
			CHECK(block_take(b,
					 next_random(8) ? next_random(700) : next_random(20000)));
	}
	for (int i = 0; i < 300; i++)
		if (blocks[i].at)
			CHECK(block_give(&blocks[i]));
	CHECK_EQ(in_use(), 0);
}

static void
large_and_too_large(void)
{
	char *p = malloc(64 << 20);

	CHECK(p != NULL);
	p[0] = p[(64 << 20) - 1] = 1;
	CHECK(malloc(64 << 20) == NULL); // the heap's addresses are used up
	free(p);
	CHECK(malloc(HEAP_TOP - HEAP_BASE) == NULL);
	CHECK(malloc(~(size_t)0) == NULL);
	CHECK(malloc(~(size_t)0 - 15) == NULL);
	CHECK(malloc(~(size_t)0 - PGSIZE) == NULL);
	// All there is, what is kept included.
	free(malloc(1));
	free(malloc(5000));
	p = malloc(HEAP_TOP - HEAP_BASE - LARGE_HEADER);
	CHECK(p != NULL);
	CHECK(malloc(1) == NULL);
	free(p);
	CHECK_EQ(in_use(), 0);
}

static void
addresses_are_used_again(void)
{
	// More than the heap has, but for the frees; leaves holes on the way.
	for (int i = 0; i < 1000; i++) {
		char *p = malloc(1 << 20), *q = malloc(5000);
		CHECK(p && q);
		free(p);
		free(q);
	}
	CHECK_EQ(in_use(), 0);
}

static void
out_of_memory(void)
{
	int had = pages_left;

	CHECK_EQ(in_use(), 0);
	free(malloc(1)); // so that something is kept
	free(malloc(5000));
	pages_left = 10;
	CHECK(malloc(14 * PGSIZE) == NULL);
	// What was kept was given up for it; what was mapped before it failed is back.
	CHECK_EQ(mapped, 0);
	CHECK_EQ(pages_left, 13);
	void *p = malloc(12 * PGSIZE);
	CHECK(p != NULL);
	CHECK_EQ(pages_left, 0);
	CHECK(malloc(16) == NULL);
	CHECK(malloc(5000) == NULL);
	CHECK(malloc(1000000) == NULL);
	CHECK(calloc(1, 16) == NULL);
	CHECK(realloc(p, 13 * PGSIZE) == NULL);
	CHECK(realloc(NULL, 10) == NULL);
	free(p);
	CHECK_EQ(marked, 0);
	CHECK_EQ(in_use(), 0);
	// What one size's cache has is there for others.
	CHECK((p = malloc(16)) != NULL);
	pages_left = 0;
	CHECK(malloc(5000) == NULL);
	free(p);
	CHECK((p = malloc(2000)) != NULL);
	free(p);
	pages_left = had;
	CHECK_EQ(in_use(), 0);
}

static void
kept_runs(void)
{
	void *p = malloc(10000), *q;

	free(p);
	CHECK(mapped > 0);
	CHECK_EQ(malloc(9000) == p, true);
	CHECK(free_panics((char *)p + PGSIZE, no_block));
	free(p);
	CHECK(free_panics(p, no_block));
	for (int i = 0; i < 100; i++)
		blocks[i].at = malloc(12000);
	for (int i = 0; i < 100; i++)
		free(blocks[i].at);
	CHECK(mapped <= KEPT_PAGES + 1);
	p = malloc(20 * PGSIZE); // demand-zero, and not kept
	CHECK_EQ(marked, 20);
	q = malloc(3000);
	free(p);
	CHECK_EQ(marked, 0);
	free(q);
	CHECK_EQ(in_use(), 0);
}

static bool
is_zero(const char *p, uint32_t n)
{
	while (n > 0 && *p == 0)
		p++, n--;
	return n == 0;
}

static void
cleared(void)
{
	static const uint32_t sizes[] = {0, 1, 16, 100, 2016, 2017, 10000, 100000};

	for (int round = 0; round < 3; round++) {
		for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
			char *p = calloc(sizes[i], 1);

			CHECK(p && is_zero(p, sizes[i]));
			for (uint32_t n = 0; n < sizes[i]; n++)
				p[n] = 'x';
			free(p);
		}
	}
	CHECK(calloc(0x10000, 0x10000) == NULL || sizeof(size_t) > 4);
	CHECK(calloc(~(size_t)0, 2) == NULL);
	CHECK(calloc(~(size_t)0 / 2, 3) == NULL);
	CHECK_EQ(in_use(), 0);
}

static void
resized(void)
{
	struct Block *b = &blocks[0];

	CHECK(block_take(b, 10));
	for (int i = 0; i < 3000; i++) {
		uint32_t to = next_random(4) ? next_random(4000) : next_random(100000);
		unsigned char *p = realloc(b->at, to);

		CHECK(p != NULL);
		for (uint32_t n = 0; n < MIN(to, b->size); n++)
			CHECK_EQ(p[n], b->fill);
		b->at = p;
		b->size = to;
		b->fill = i;
		for (uint32_t n = 0; n < to; n++)
			p[n] = b->fill;
	}
	CHECK(block_give(b));
	CHECK(free_panics(blocks, "free(%p): not in the heap"));
	void *p = malloc(20);
	CHECK_EQ(realloc(p, 32) == p, true);
	free(p);
	CHECK_EQ(in_use(), 0);
}

// What a fork leaves in the child: the caches of other threads are not there.
static void
forked(void)
{
	static struct Cache others;
	static const uint32_t sizes[] = {10, 100, 1000, 2000, 5000, 100000};
	void *left[60];

	CHECK_EQ(in_use(), 0);
	for (int i = 0; i < 60; i++)
		CHECK(block_take(&blocks[i], sizes[i % 6]));
	for (int i = 0; i < 60; i += 2)
		CHECK(block_give(&blocks[i]));
	others = cache; // and is lost
	memset(&cache, 0, sizeof(cache));
	for (int i = 0; i < 60; i++)
		left[i] = malloc(300);
	free(left[0]);
	malloc_forked();
	CHECK(is_empty(&cache));
	for (int i = 1; i < 60; i++)
		free(left[i]);
	for (int i = 1; i < 60; i += 2)
		CHECK(block_give(&blocks[i]));
	CHECK_EQ(in_use(), 0);
	CHECK(!is_empty(&others));
}

static void
wrong_frees(void)
{
	char *small = malloc(100), *other = malloc(100), *large = malloc(10000);
	int local;
	char *of_two[2] = {malloc(2000), malloc(2000)};

	free(NULL);
	CHECK(free_panics(&local, "free(%p): not in the heap"));
	CHECK(free_panics(small + 1, not_a_start));
	CHECK(free_panics(small + 64, not_a_start));
	CHECK(free_panics((void *)ROUNDDOWN((uintptr_t)small, PGSIZE), not_a_start));
	CHECK(free_panics((char *)ROUNDDOWN((uintptr_t)small, PGSIZE) + PGSIZE - 1, not_a_start));
	CHECK(free_panics(large + 16, no_block));
	CHECK(free_panics(large - 16, no_block));
	CHECK(free_panics(large + PGSIZE, no_block));
	CHECK(free_panics((void *)(uintptr_t)(HEAP_TOP - PGSIZE), no_block));

	free(small);
	CHECK(free_panics(small, free_already));
	free(large);
	CHECK(free_panics(large, no_block));
	free(other);
	CHECK(free_panics(other, free_already)); // in the cache
	malloc_end_thread();
	CHECK(free_panics(other, no_block) || free_panics(other, free_already));
	free(of_two[0]);
	malloc_end_thread();
	CHECK(free_panics(of_two[0], free_already)); // free in its slab
	free(of_two[1]);

	// None of this did harm.
	for (int i = 0; i < 100; i++)
		CHECK(block_take(&blocks[i], 100));
	for (int i = 0; i < 100; i++)
		CHECK(block_give(&blocks[i]));
}

int
main(void)
{
	void *heap = (void *)(uintptr_t)HEAP_BASE;

	if (host_mmap(heap, HEAP_TOP - HEAP_BASE, PROT_NONE,
		      MAP_PRIVATE_FIXED_ANONYMOUS | MAP_NOREPLACE, -1, 0) != heap) {
		host_printf("ok - skipped: the host has no room at %p\n", heap);
		return report("malloc");
	}
	pages_left = HEAP_PAGES + 100;
	RUN(every_small_size);
	RUN(slabs_are_filled);
	RUN(page_sizes);
	RUN(in_any_order);
	RUN(large_and_too_large);
	RUN(addresses_are_used_again);
	RUN(slabs_have_room);
	RUN(kept_runs);
	RUN(cleared);
	RUN(resized);
	RUN(forked);
	RUN(wrong_frees);
	RUN(out_of_memory);
	return report("malloc");
}
