// Pages of files that programs have mapped: copies of blocks, never written once a
// program may have them. Programs that run from the same file thus share its pages,
// and keep them when the file changes: then the copy is forgotten here, and whoever
// comes next gets another.
#include <inc/lib.h>
#include <fs/layout.h>
#include <fs/pages.h>
#include <fs/pages_shared.h>

// The block of each page, 0: none. A block has one place only, by its number: the
// blocks of a program follow each other.
static uint32_t block_of[NSHARED];

static void *
page_of(uint32_t block)
{
	return (char *)SHARED_BASE + block % NSHARED * PGSIZE;
}

void *
shared_page(uint32_t block, const void *data)
{
	uint32_t *holds = &block_of[block % NSHARED];
	void *page = page_of(block);

	if (*holds == block)
		return page;
	*holds = 0;
	// A new page: the old one may be in use by programs.
	if (sys_page_alloc(0, page, PTE_P | PTE_U | PTE_W) < 0)
		return NULL;
	memcpy(page, data, PGSIZE);
	*holds = block;
	return page;
}

void
pages_changed(uint32_t block)
{
	if (block_of[block % NSHARED] != block)
		return;
	block_of[block % NSHARED] = 0;
	sys_page_unmap(0, page_of(block));
}
