// The heap's pages, and blocks that take whole pages, with a header before them. All this
// is under malloc's lock, but for what only looks at a block that is the caller's.
//
// There is no other bookkeeping of pages than the page tables: a page that has an
// entry there, present or not, is in use. Large blocks are demand-zero; of others, some
// pages that are free stay mapped for a while.
#include "lib/libcall.h"
#include "lib/malloc.h"
#include "lib/vm.h"

#define HEAP_PAGES ((HEAP_TOP - HEAP_BASE) / PGSIZE)
#define RANGE 1024U // pages that the kernel marks in one call

// Runs of this many pages and more are demand-zero, and not kept.
#define RUN_LARGE 16
#define KEPT_PAGES 64

struct Large {
	uint32_t magic;
	uint32_t npages;
	struct Large *next; // in kept[npages]
	uint32_t reserved;
};

#define LARGE_HEADER 16

static uint32_t search;               // no page of the heap before this is free
static struct Large *kept[RUN_LARGE]; // free runs of n pages
static uint32_t nkept;                // pages in them

// ---- Pages --------------------------------------------------------------------------

static void *
page_address(uint32_t n)
{
	return (void *)(uintptr_t)(HEAP_BASE + n * PGSIZE);
}

static uint32_t
page_number(const void *p)
{
	return ((uintptr_t)p - HEAP_BASE) / PGSIZE;
}

// Whether the page that p, an address in the heap, is in has anything.
bool
pages_in_use(const void *p)
{
	return vm_entry((uintptr_t)p) != 0;
}

// The first page of n free ones in a row, or HEAP_PAGES.
static uint32_t
find_run(uint32_t n)
{
	uint32_t run = 0;

	for (uint32_t i = search; i < HEAP_PAGES; i++) {
		run = pages_in_use(page_address(i)) ? 0 : run + 1;
		if (run == n)
			return i + 1 - n;
	}
	return HEAP_PAGES;
}

// Pages from first on are about to be unmapped, by vm_page_free. That is done without
// the lock: what is not unmapped yet is in use.
void
pages_leaving(const void *first)
{
	search = MIN(search, page_number(first));
}

static void
pages_free(void *first, uint32_t n)
{
	pages_leaving(first);
	vm_page_free(first, n);
}

// Makes n pages demand-zero but for the first, which is there. 0 or -E_NO_MEM.
static int
map_lazily(char *first, uint32_t n)
{
	int r = vm_page_alloc(first, 1, PTE_P | PTE_U | PTE_W);

	for (uint32_t i = 1; r == 0 && i < n; i += RANGE)
		do // there may be page tables to make
			r = sys_page_mark(0, first + i * PGSIZE, MIN(n - i, RANGE),
					  PTE_PAGED | PTE_U | PTE_W);
		while (r == -E_NO_MEM && vm_make_room() == 0);
	return r;
}

static int
map_now(char *first, uint32_t n)
{
	return vm_page_alloc(first, n, PTE_P | PTE_U | PTE_W);
}

// Maps n fresh pages in a row: the first's address, or NULL.
void *
pages_alloc(uint32_t n)
{
	uint32_t first = find_run(n);
	void *at = page_address(first);

	if (first == HEAP_PAGES)
		return NULL;
	// The heap is the pager's: it is set up while there is still a page for that.
	if (!thisenv->env_pgfault_upcall)
		pager_setup();
	if ((n < RUN_LARGE ? map_now(at, n) : map_lazily(at, n)) < 0) {
		pages_free(at, n);
		return NULL;
	}
	if (first == search)
		search = first + n;
	return at;
}

// ---- Large blocks -------------------------------------------------------------------

// Gives up the free runs that are still mapped.
void
large_drop_kept(void)
{
	for (int n = 1; n < RUN_LARGE; n++) {
		for (struct Large *l = kept[n], *next; l; l = next) {
			next = l->next;
			pages_free(l, n);
		}
		kept[n] = NULL;
	}
	nkept = 0;
}

static struct Large *
take_kept(uint32_t npages)
{
	struct Large *l = npages < RUN_LARGE ? kept[npages] : NULL;

	if (l) {
		kept[npages] = l->next;
		nkept -= npages;
	}
	return l;
}

// A block of size bytes, or NULL: then what is kept may lie in the middle of the only room,
// or be the last memory. *zeroed: whether it is all zeros.
void *
large_alloc(size_t size, bool *zeroed)
{
	if (size > HEAP_TOP - HEAP_BASE - LARGE_HEADER)
		return NULL;
	uint32_t npages = (size + LARGE_HEADER + PGSIZE - 1) / PGSIZE;
	struct Large *l = take_kept(npages);
	*zeroed = !l;
	if (!l && !(l = pages_alloc(npages)))
		return NULL;
	l->npages = npages;
	l->magic = malloc_magic(MAGIC_LARGE, l);
	return (char *)l + LARGE_HEADER;
}

// Whether p is a large block, from its header.
static bool
is_large(const void *p)
{
	const struct Large *l = (const struct Large *)ROUNDDOWN((uintptr_t)p, PGSIZE);

	return PGOFF(p) == LARGE_HEADER && l->magic == malloc_magic(MAGIC_LARGE, l);
}

// Frees a large block; false: p is none. Its page is in use. *unmap: how many pages, from
// its header on, the caller is to unmap then, without the lock.
bool
large_free(void *p, uint32_t *unmap)
{
	struct Large *l = (struct Large *)((char *)p - LARGE_HEADER);

	if (!is_large(p))
		return false;
	l->magic = malloc_magic(MAGIC_KEPT, l);
	*unmap = 0;
	if (l->npages >= RUN_LARGE || nkept + l->npages > KEPT_PAGES) {
		*unmap = l->npages;
		pages_leaving(l);
		return true;
	}
	l->next = kept[l->npages];
	kept[l->npages] = l;
	nkept += l->npages;
	return true;
}

// How many bytes there is room for in a large block; 0: p is none.
size_t
large_size(const void *p)
{
	const struct Large *l = (const struct Large *)((const char *)p - LARGE_HEADER);

	return is_large(p) ? l->npages * PGSIZE - LARGE_HEADER : 0;
}

// ---- All of it ----------------------------------------------------------------------

// Calls visit for every slab; it may free the slab.
void
heap_each_slab(void (*visit)(struct Slab *s))
{
	for (uint32_t n = 0; n < HEAP_PAGES;) {
		struct Large *l = page_address(n);

		n++;
		if (!pages_in_use(l))
			continue;
		if (l->magic == malloc_magic(MAGIC_SLAB, l))
			visit((struct Slab *)l);
		else if (l->magic == malloc_magic(MAGIC_LARGE, l) ||
			 l->magic == malloc_magic(MAGIC_KEPT, l))
			n += l->npages - 1;
	}
}
