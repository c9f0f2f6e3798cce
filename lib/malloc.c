// malloc and free, on pages between HEAP_START and HEAP_END.
//
// What is small comes from slabs. A slab is a page cut into blocks of one size,
// with a header that says which are taken. What is large has pages of its own,
// with a header before the block. There is no other bookkeeping of pages: one
// that the page tables show as not mapped is free. Pages go back to the kernel
// as soon as nothing in them is in use; one empty slab is kept, for programs
// that take and free a block again and again.
#include "lib/libcall.h"

#define HEAP_START 0x08000000U
#define HEAP_END 0x10000000U
#define HEAP_PAGES ((HEAP_END - HEAP_START) / PGSIZE)

#define ALIGNMENT 16

// A header's magic is one of these, mixed with its own address.
#define MAGIC_SLAB 0x51ab51abU
#define MAGIC_LARGE 0x1a46e000U

#define SLAB_WORDS 8 // bits for 256 blocks; 252 is the most there can be

struct Slab {
	uint32_t magic;
	uint16_t class;             // index into class_size
	uint16_t used;              // blocks
	struct Slab *next, *prev;   // in partial[class], unless all blocks are in use
	uint32_t taken[SLAB_WORDS]; // bit n: block n is in use; or there is none
	char pad[64 - 8 - 2 * sizeof(void *) - 4 * SLAB_WORDS];
};
static_assert(sizeof(struct Slab) == 64, "blocks in a slab are aligned");

#define SLAB_ROOM (PGSIZE - sizeof(struct Slab))

struct Large {
	uint32_t magic;
	uint32_t npages;
	uint32_t reserved[2];
};
static_assert(sizeof(struct Large) == ALIGNMENT, "large blocks are aligned");

// Multiples of ALIGNMENT, the large ones chosen to fill a page.
static const uint16_t class_size[] = {16, 32, 48, 64, 96, 128, 192, 256, 384, 576, 800, 1344, 2016};
#define NCLASSES ((int)ARRAY_SIZE(class_size))
#define SMALL_MAX 2016

static struct Slab *partial[NCLASSES]; // slabs with a free block
static struct Slab *spare;             // one without any in use, or NULL
static uint32_t search;                // no page of the heap before this is free

// Whether page n of the heap is mapped.
static bool
page_in_use(uint32_t n)
{
	uint32_t pn = HEAP_START / PGSIZE + n;

	return (uvpd[pn / NPTENTRIES] & PTE_P) && (uvpt[pn] & PTE_P);
}

static void *
page_address(uint32_t n)
{
	return (void *)(uintptr_t)(HEAP_START + n * PGSIZE);
}

static uint32_t
page_number(const void *p)
{
	return ((uintptr_t)p - HEAP_START) / PGSIZE;
}

static void
unmap_pages(uint32_t first, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		lib_page_unmap(0, page_address(first + i));
	search = MIN(search, first);
}

// The first page of n free ones in a row, or HEAP_PAGES.
static uint32_t
find_run(uint32_t n)
{
	uint32_t run = 0;

	for (uint32_t i = search; i < HEAP_PAGES; i++) {
		run = page_in_use(i) ? 0 : run + 1;
		if (run == n)
			return i + 1 - n;
	}
	return HEAP_PAGES;
}

// Maps n fresh pages in a row: the first's address, or NULL.
static void *
map_pages(uint32_t n)
{
	uint32_t first = find_run(n);

	if (first == HEAP_PAGES)
		return NULL;
	for (uint32_t i = 0; i < n; i++) {
		if (lib_page_alloc(0, page_address(first + i), PTE_P | PTE_U | PTE_W) < 0) {
			unmap_pages(first, i);
			return NULL;
		}
	}
	if (first == search)
		search = first + n;
	return page_address(first);
}

static uint32_t
magic(uint32_t kind, const void *header)
{
	return kind ^ (uint32_t)(uintptr_t)header;
}

static void
partial_add(struct Slab *s)
{
	struct Slab **head = &partial[s->class];

	s->prev = NULL;
	s->next = *head;
	if (s->next)
		s->next->prev = s;
	*head = s;
}

static void
partial_remove(struct Slab *s)
{
	if (s->prev)
		s->prev->next = s->next;
	else
		partial[s->class] = s->next;
	if (s->next)
		s->next->prev = s->prev;
}

static uint32_t
slab_blocks(const struct Slab *s)
{
	return SLAB_ROOM / class_size[s->class];
}

// A slab for class with no block in use, in the list; or NULL.
static struct Slab *
slab_new(int class)
{
	struct Slab *s = spare ? spare : map_pages(1);

	if (!s)
		return NULL;
	spare = NULL;
	s->magic = magic(MAGIC_SLAB, s);
	s->class = class;
	s->used = 0;
	for (uint32_t i = 0, n = slab_blocks(s); i < SLAB_WORDS; i++) {
		uint32_t here = n > i * 32 ? n - i * 32 : 0; // blocks from this word on
		s->taken[i] = here >= 32 ? 0 : ~0U << here;
	}
	partial_add(s);
	return s;
}

static void *
small_alloc(size_t size)
{
	int class = 0;

	while (class_size[class] < size)
		class ++;
	struct Slab *s = partial[class];
	if (!s && !(s = slab_new(class)))
		return NULL;

	int word = 0;
	while (s->taken[word] == ~0U)
		word++;
	int bit = __builtin_ctz(~s->taken[word]);
	s->taken[word] |= 1U << bit;
	if (++s->used == slab_blocks(s))
		partial_remove(s);
	return (char *)(s + 1) + (word * 32 + bit) * class_size[class];
}

static void
small_free(struct Slab *s, void *p)
{
	uint32_t offset = (char *)p - (char *)(s + 1);
	uint32_t block = offset / class_size[s->class];

	// Also of a pointer into the header, which makes offset very large.
	if (offset % class_size[s->class] || block >= slab_blocks(s))
		panic("free(%p): not the start of a block", p);
	if (!(s->taken[block / 32] & 1U << block % 32))
		panic("free(%p): the block is free already", p);

	s->taken[block / 32] &= ~(1U << block % 32);
	if (s->used-- == slab_blocks(s))
		partial_add(s);
	if (s->used > 0)
		return;
	partial_remove(s);
	s->magic = 0;
	if (spare)
		unmap_pages(page_number(s), 1);
	else
		spare = s;
}

static void *
large_alloc(size_t size)
{
	if (size > HEAP_END - HEAP_START - sizeof(struct Large))
		return NULL;
	uint32_t npages = (size + sizeof(struct Large) + PGSIZE - 1) / PGSIZE;
	struct Large *l = map_pages(npages);
	if (!l && spare) {
		// It may lie in the middle of the only room, or be the last memory.
		unmap_pages(page_number(spare), 1);
		spare = NULL;
		l = map_pages(npages);
	}
	if (!l)
		return NULL;
	l->magic = magic(MAGIC_LARGE, l);
	l->npages = npages;
	return l + 1;
}

// A block of size bytes, or more, at a multiple of 16; not cleared. NULL if
// there is no memory. A block of 0 bytes is one, too.
void *
malloc(size_t size)
{
	return size <= SMALL_MAX ? small_alloc(size) : large_alloc(size);
}

// Frees a block of malloc's. Does nothing for NULL; panics for
// what is no block, or a block that is free.
void
free(void *p)
{
	uintptr_t at = (uintptr_t)p;

	if (!p)
		return;
	if (at < HEAP_START || at >= HEAP_END)
		panic("free(%p): not in the heap", p);
	uint32_t n = page_number(p);
	if (!page_in_use(n))
		panic("free(%p): not a block, or free already", p);

	void *page = page_address(n);
	uint32_t found = *(uint32_t *)page;
	if (found == magic(MAGIC_SLAB, page)) {
		small_free(page, p);
	} else if (found == magic(MAGIC_LARGE, page) && p == (struct Large *)page + 1) {
		unmap_pages(n, ((struct Large *)page)->npages);
	} else {
		panic("free(%p): not a block, or free already", p);
	}
}
