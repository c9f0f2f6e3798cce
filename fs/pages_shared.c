// Pages of files that programs have mapped: copies of blocks, never written once a
// program may have them. Programs that run from the same file thus share its pages,
// and keep them when the file changes: then the copy is forgotten here, and whoever
// comes next gets another.
//
// A copy that programs have costs nothing, so those that nobody has make room first.
#include <inc/lib.h>
#include <fs/layout.h>
#include <fs/pages.h>
#include <fs/pages_shared.h>

#define WAYS 8 // places that a block can have; the blocks of a program follow each other

static struct Copy {
	uint32_t block; // 0: none
	uint32_t used;  // the number of the request that it was last used in
} copies[NSHARED];

static uint32_t now;

static void *
page_of(const struct Copy *c)
{
	return (char *)SHARED_BASE + (c - copies) * PGSIZE;
}

static struct Copy *
places_of(uint32_t block)
{
	return &copies[block % (NSHARED / WAYS) * WAYS];
}

static struct Copy *
find(uint32_t block)
{
	struct Copy *c = places_of(block);

	for (int i = 0; i < WAYS; i++)
		if (c[i].block == block)
			return &c[i];
	return NULL;
}

// Whether a makes room before b.
static bool
goes_before(const struct Copy *a, const struct Copy *b)
{
	bool a_in_use = pageref(page_of(a)) > 1, b_in_use = pageref(page_of(b)) > 1;

	if (a_in_use != b_in_use)
		return b_in_use;
	return now - a->used > now - b->used;
}

static struct Copy *
choose(uint32_t block)
{
	struct Copy *c = places_of(block), *chosen = c;

	for (int i = 0; i < WAYS; i++) {
		if (c[i].block == 0)
			return &c[i];
		if (goes_before(&c[i], chosen))
			chosen = &c[i];
	}
	return chosen;
}

void *
shared_page(uint32_t block, const void *data)
{
	struct Copy *c = find(block);

	now++;
	if (!c) {
		c = choose(block);
		c->block = 0;
		// A new page: the old one may be in use by programs.
		if (sys_page_alloc(0, page_of(c), PTE_P | PTE_U | PTE_W) < 0)
			return NULL;
		memcpy(page_of(c), data, PGSIZE);
		c->block = block;
	}
	c->used = now;
	return page_of(c);
}

void
pages_changed(uint32_t block)
{
	struct Copy *c = find(block);

	if (!c)
		return;
	c->block = 0;
	sys_page_unmap(0, page_of(c));
}
