// Slabs: pages cut into blocks of one size, with a header that says which are taken.
// All this is under malloc's lock, but for unmapping.
//
// Some empty slabs are kept, for programs that take and free blocks again and again: a page
// that is unmapped makes the other CPUs wait.
#include "lib/malloc.h"
#include "lib/vm.h"

// What a block takes beside its bytes is one in the header.
#define CLASS(bytes, ncached, at)                                                       \
	{                                                                               \
		.size = bytes, .nblocks = (PGSIZE - sizeof(struct Slab)) / (bytes + 1), \
		.first = PGSIZE - (PGSIZE - sizeof(struct Slab)) / (bytes + 1) * bytes, \
		.cached = ncached, .cache = at,                                         \
		.inverse = (65536 + bytes / ALIGNMENT - 1) / (bytes / ALIGNMENT),       \
	}

// The sizes of the large ones are chosen to fill a page.
const struct SlabClass slab_classes[NCLASSES] = {
	CLASS(16, 16, 0),    CLASS(32, 16, 16),  CLASS(48, 16, 32),  CLASS(64, 16, 48),
	CLASS(96, 16, 64),   CLASS(128, 16, 80), CLASS(192, 16, 96), CLASS(256, 16, 112),
	CLASS(384, 10, 128), CLASS(576, 7, 138), CLASS(800, 5, 145), CLASS(1344, 3, 150),
	CLASS(2016, 2, 153),
};

static struct Slab *partial[NCLASSES]; // slabs with a free block
static struct Slab *spare;             // those without any block in use
static int nspare;

#define SPARE_MAX 16

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

// A slab for class with no block taken, in the list; or NULL.
static struct Slab *
slab_new(int class)
{
	const uint32_t nblocks = slab_classes[class].nblocks;
	struct Slab *s = spare;

	if (s) {
		spare = s->next;
		nspare--;
	} else if (!(s = pages_alloc(1))) {
		return NULL;
	}
	s->class = class;
	s->used = 0;
	for (uint32_t i = 0; i < SLAB_WORDS; i++) {
		uint32_t here = nblocks > i * 32 ? nblocks - i * 32 : 0; // from this word on
		s->taken[i] = here >= 32 ? 0 : ~0U << here;
	}
	for (uint32_t i = 0; i < nblocks; i++)
		s->live[i] = false;
	s->magic = malloc_magic(MAGIC_SLAB, s);
	partial_add(s);
	return s;
}

// Takes up to n free blocks of class, more than one only from pages that are there. How
// many; 0: no memory.
int
slab_take(int class, void **blocks, int n)
{
	const struct SlabClass *c = &slab_classes[class];
	int got = 0, word = 0;

	while (got < n) {
		struct Slab *s = partial[class];
		if (!s && (got > 0 || !(s = slab_new(class))))
			break;
		while (s->taken[word] == ~0U)
			word++;
		int bit = __builtin_ctz(~s->taken[word]);
		s->taken[word] |= 1U << bit;
		blocks[got++] = (char *)s + c->first + (word * 32 + bit) * c->size;
		if (++s->used == c->nblocks) {
			partial_remove(s);
			word = 0;
		}
	}
	return got;
}

static void
put(struct Slab *s, uint32_t block)
{
	s->taken[block / 32] &= ~(1U << block % 32);
	if (s->used-- == slab_classes[s->class].nblocks)
		partial_add(s);
	if (s->used > 0)
		return;
	partial_remove(s);
	s->magic = 0;
	s->next = spare;
	spare = s;
	nspare++;
}

// Gives back a block that is taken, and not live.
void
slab_put(void *p)
{
	struct Slab *s = slab_of(p);

	put(s, slab_block(&slab_classes[s->class], p));
}

// Takes out half of the empty slabs if there are too many; all: every one. They go
// to slab_unmap, without the lock. May be NULL.
struct Slab *
slab_surplus(bool all)
{
	struct Slab *surplus = NULL;

	if (!all && nspare <= SPARE_MAX)
		return NULL;
	for (int keep = all ? 0 : SPARE_MAX / 2; nspare > keep; nspare--) {
		struct Slab *s = spare;

		spare = s->next;
		s->next = surplus;
		surplus = s;
		pages_leaving(s);
	}
	return surplus;
}

// Without the lock: unmaps empty slabs.
void
slab_unmap(struct Slab *surplus)
{
	for (struct Slab *s = surplus, *next; s; s = next) {
		next = s->next;
		vm_page_free(s, 1);
	}
}

// Gives back all blocks that are taken and not live.
void
slab_reclaim(struct Slab *s)
{
	const uint32_t nblocks = slab_classes[s->class].nblocks;
	uint32_t left = s->used; // with the last of them the page may be gone

	for (uint32_t i = 0; i < nblocks && left > 0; i++) {
		if (!(s->taken[i / 32] & 1U << i % 32))
			continue;
		left--;
		if (!s->live[i])
			put(s, i);
	}
}
