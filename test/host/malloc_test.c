// lib/malloc.c on a fake of the page calls: the heap's addresses are reserved
// on the host, and mapped and unmapped page by page.
// flags: -ffreestanding -nostdinc -Wno-pointer-to-int-cast -Wno-int-to-pointer-cast
#include "test/host/host.h"

#include <inc/lib.h>

// Not by way of a syscall page.
#define LIB_LIBCALL_H
#define lib_page_alloc sys_page_alloc
#define lib_page_unmap sys_page_unmap
#include "lib/malloc.c"

#define PROT_NONE 0
#define PROT_READ_WRITE 3
#define MAP_PRIVATE_FIXED_ANONYMOUS 0x32 // Linux
#define MAP_NOREPLACE 0x100000

// The page tables that malloc looks at. Only the heap's part is ever used.
volatile pte_t uvpt[HEAP_END / PGSIZE];
volatile pde_t uvpd[NPDENTRIES];

static int mapped;     // pages
static int pages_left; // until the fake is out of memory

int
sys_page_alloc(envid_t envid, void *va, int perm)
{
	uintptr_t pn = PGNUM(va);

	if (pages_left == 0)
		return -E_NO_MEM;
	if (uvpt[pn] & PTE_P)
		return -E_UNSPECIFIED; // replacing a page in use: the tests would notice
	host_mmap(va, PGSIZE, PROT_READ_WRITE, MAP_PRIVATE_FIXED_ANONYMOUS, -1, 0);
	uvpt[pn] = perm;
	uvpd[PDX(va)] = PTE_P;
	pages_left--;
	mapped++;
	return 0;
}

int
sys_page_unmap(envid_t envid, void *va)
{
	uintptr_t pn = PGNUM(va);

	if (!(uvpt[pn] & PTE_P))
		return 0;
	host_mmap(va, PGSIZE, PROT_NONE, MAP_PRIVATE_FIXED_ANONYMOUS, -1, 0);
	uvpt[pn] = 0;
	pages_left++;
	mapped--;
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

#define MAXBLOCKS 2000
static struct Block {
	unsigned char *at;
	uint32_t size;
	unsigned char fill;
} blocks[MAXBLOCKS];

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
	for (uint32_t size = 0; size < MAXBLOCKS; size++)
		CHECK(block_take(&blocks[size], size));
	for (uint32_t size = 0; size < MAXBLOCKS; size++)
		CHECK(block_give(&blocks[size]));
	CHECK(mapped <= 1); // the spare slab
}

static void
slabs_are_filled(void)
{
	int before = mapped - (spare != NULL);

	for (int i = 0; i < 252; i++)
		CHECK(block_take(&blocks[i], 16));
	CHECK_EQ(mapped - before, 1);
	CHECK(block_take(&blocks[252], 16));
	CHECK_EQ(mapped - before, 2);
	// A free block is used before a new page.
	CHECK(block_give(&blocks[100]));
	CHECK(block_give(&blocks[252]));
	CHECK(block_take(&blocks[100], 1));
	CHECK(block_take(&blocks[252], 9));
	CHECK(mapped - before <= 2);
	for (int i = 0; i < 253; i++)
		CHECK(block_give(&blocks[i]));
	CHECK(mapped <= 1);
}

static void
page_sizes(void)
{
	static const uint32_t sizes[] = {2016, 2017, 4079, 4080, 4081, 4096, 8176, 8177, 1000000};

	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++)
		CHECK(block_take(&blocks[i], sizes[i]));
	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++)
		CHECK(block_give(&blocks[i]));
	CHECK(mapped <= 1);
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
	CHECK(mapped <= 1);
}

static void
large_and_too_large(void)
{
	char *p = malloc(64 << 20);

	CHECK(p != NULL);
	p[0] = p[(64 << 20) - 1] = 1;
	CHECK(malloc(64 << 20) == NULL); // the heap's addresses are used up
	free(p);
	CHECK(malloc(HEAP_END - HEAP_START) == NULL);
	CHECK(malloc(~(size_t)0) == NULL);
	CHECK(malloc(~(size_t)0 - 15) == NULL);
	CHECK(malloc(~(size_t)0 - PGSIZE) == NULL);
	// All there is, the spare slab's page included.
	p = malloc(HEAP_END - HEAP_START - sizeof(struct Large));
	CHECK(p != NULL);
	CHECK(malloc(1) == NULL);
	free(p);
	CHECK_EQ(mapped, 0);
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
	CHECK(mapped <= 1);
}

static void
out_of_memory(void)
{
	int had = pages_left;

	free(malloc(1)); // so that there is a spare slab
	pages_left = 10;
	CHECK(malloc(12 * PGSIZE) == NULL);
	// The spare was given up for it; what was mapped before it failed is back.
	CHECK_EQ(mapped, 0);
	CHECK_EQ(pages_left, 11);
	void *p = malloc(10 * PGSIZE);
	CHECK(p != NULL);
	CHECK_EQ(pages_left, 0);
	CHECK(malloc(16) == NULL);
	CHECK(malloc(5000) == NULL);
	free(p);
	CHECK(malloc(16) != NULL); // lost on purpose
	pages_left = had;
}

static void
wrong_frees(void)
{
	char *small = malloc(100), *other = malloc(100), *large = malloc(10000);
	int local;

	free(NULL);
	CHECK(free_panics(&local, "free(%p): not in the heap"));
	CHECK(free_panics(small + 1, not_a_start));
	CHECK(free_panics(small + 64, not_a_start));
	CHECK(free_panics((void *)ROUNDDOWN((uintptr_t)small, PGSIZE), not_a_start));
	CHECK(free_panics((char *)ROUNDDOWN((uintptr_t)small, PGSIZE) + PGSIZE - 1, not_a_start));
	CHECK(free_panics(large + 16, no_block));
	CHECK(free_panics(large - 16, no_block));
	CHECK(free_panics(large + PGSIZE, no_block));
	CHECK(free_panics((void *)(uintptr_t)(HEAP_END - PGSIZE), no_block));

	free(small);
	CHECK(free_panics(small, free_already));
	free(large);
	CHECK(free_panics(large, no_block));
	free(other);
	CHECK(free_panics(other, no_block) || free_panics(other, free_already));

	// None of this did harm.
	for (int i = 0; i < 100; i++)
		CHECK(block_take(&blocks[i], 100));
	for (int i = 0; i < 100; i++)
		CHECK(block_give(&blocks[i]));
}

int
main(void)
{
	void *heap = (void *)(uintptr_t)HEAP_START;

	if (host_mmap(heap, HEAP_END - HEAP_START, PROT_NONE,
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
	RUN(wrong_frees);
	RUN(out_of_memory);
	return report("malloc");
}
