// malloc, free and sbrk in many threads at once: blocks are nobody else's, are freed
// by whoever likes, and the heap does not grow for ever.
//
// Arguments: milliseconds (1000), threads (8), seed (1).
#include <test/guest/kt_check.h>

#define NBLOCKS 48
#define NTHREADS 16

struct Block {
	uint32_t *at, size, tag;
};

static volatile uint32_t gate, blocks;
static uint32_t msec = 1000;
static uint32_t nthreads = 8, first_seed = 1;

// Blocks on their way from one thread to another.
static struct Block passed[64];
static lock_t lock;

// From word to word that is looked at.
static uint32_t
step(const struct Block *b)
{
	return b->size > 4096 ? 97 : 1;
}

static void
fill(struct Block *b)
{
	for (uint32_t i = 0; i < b->size / 4; i += step(b))
		b->at[i] = b->tag + i;
}

static void
check_and_free(struct Block *b)
{
	for (uint32_t i = 0; i < b->size / 4; i += step(b))
		if (b->at[i] != b->tag + i)
			panic("block %08x of %u bytes: word %u is %08x, not %08x", (uint32_t)b->at,
			      b->size, i, b->at[i], b->tag + i);
	free(b->at);
	b->at = NULL;
}

static uint32_t
some_size(uint32_t *seed)
{
	uint32_t r = next_random(seed) % 100;

	if (r < 60)
		return 4 + next_random(seed) % 100;
	if (r < 90)
		return 4 + next_random(seed) % 2000;
	return 4 + next_random(seed) % (r < 98 ? 20000 : 200000);
}

// Gives *b to another thread, and takes what another has given.
static void
swap_with_others(struct Block *b, uint32_t n)
{
	struct Block other;

	lock_acquire(&lock);
	other = passed[n];
	passed[n] = *b;
	lock_release(&lock);
	*b = other;
}

static void
allocates(void *arg1, void *arg2)
{
	struct Block mine[NBLOCKS];
	uint32_t seed = first_seed * 977 + (uint32_t)arg1 * 0x9e3779b9U + 1, n = 0;
	unsigned began;

	memset(mine, 0, sizeof(mine));
	meet(&gate, nthreads);
	began = sys_time_msec();
	while (sys_time_msec() - began < msec) {
		struct Block *b = &mine[next_random(&seed) % NBLOCKS];

		if (b->at)
			check_and_free(b);
		b->size = some_size(&seed);
		b->tag = next_random(&seed);
		b->at = malloc(b->size);
		if (!b->at)
			continue;
		CHECK_EQ((uint32_t)b->at % 4, 0);
		fill(b);
		n++;
		if (n % 8 == 0)
			swap_with_others(b, next_random(&seed) % ARRAY_SIZE(passed));
	}
	for (int i = 0; i < NBLOCKS; i++)
		if (mine[i].at)
			check_and_free(&mine[i]);
	add_up(&blocks, n);
}

static void
checked(int arg)
{
	uint32_t left[3]; // free pages

	lock_init(&lock);
	for (int round = 0; round < 3; round++) {
		gate = 0;
		for (uint32_t i = 0; i < nthreads; i++)
			must_create(allocates, (void *)i, NULL);
		must_join(nthreads);
		for (size_t i = 0; i < ARRAY_SIZE(passed); i++)
			if (passed[i].at)
				check_and_free(&passed[i]);
		left[round] = free_pages();
	}
	CHECK(blocks > 100);
	// Room that is free is found again: what the first rounds took will do.
	if (left[2] + 2000 < left[1])
		panic("the heap grows: %u, %u, %u pages free", left[0], left[1], left[2]);
	shared->result = blocks;
}

// Made by one thread, freed by another, without end: nothing piles up.
static volatile uint32_t nmade, nfreed;
static uint32_t *volatile ring[32];
#define NPASSED 40000

static void
makes(void *arg1, void *arg2)
{
	while (nmade < NPASSED) {
		uint32_t *p;

		AWAIT(nmade - nfreed < ARRAY_SIZE(ring));
		p = malloc(100);
		CHECK(p);
		p[0] = nmade;
		ring[nmade % ARRAY_SIZE(ring)] = p;
		barrier();
		nmade++;
	}
}

static void
frees(void *arg1, void *arg2)
{
	while (nfreed < NPASSED) {
		uint32_t *p;

		AWAIT(nfreed != nmade);
		p = ring[nfreed % ARRAY_SIZE(ring)];
		CHECK_EQ(p[0], nfreed);
		free(p);
		barrier();
		nfreed++;
	}
}

static void
one_makes_one_frees(int arg)
{
	struct Count before = count_now();

	must_create(makes, NULL, NULL);
	must_create(frees, NULL, NULL);
	must_join(2);
	// All blocks are a thousand pages.
	nothing_lost("what another freed", before, 400);
}

// A thread that ends with a full cache leaves it to others.
static void
fills_cache(void *arg1, void *arg2)
{
	void *p[200];

	for (int i = 0; i < 200; i++)
		CHECK((p[i] = malloc(200)));
	for (int i = 0; i < 200; i++)
		free(p[i]);
}

static void
caches_come_back(int arg)
{
	struct Count before = {0};

	for (int i = 0; i < 500; i++) {
		if (i == 50)
			before = count_now();
		must_create(fills_cache, NULL, NULL);
		must_join(1);
	}
	nothing_lost("caches", before, KEPT_PAGES + 100);
}

// ---- sbrk ----------------------------------------------------------------------

#define GROWS 40

static uint32_t *volatile grown[NTHREADS][GROWS];

static void
grows(void *arg1, void *arg2)
{
	uint32_t me = (uint32_t)arg1;

	meet(&gate, 8);
	for (uint32_t i = 0; i < GROWS; i++) {
		uint32_t n = 4 * (100 + me * 300 + i * 10);
		uint32_t *p = sbrk(n);

		CHECK(p != (void *)-1);
		for (uint32_t j = 0; j < n / 4; j++) {
			CHECK_EQ(p[j], 0); // new, and nobody else's
			p[j] = me << 16 | i;
		}
		grown[me][i] = p;
	}
}

static void
several_grow(int arg)
{
	char *old = sbrk(0), *now;
	uint32_t sum = 0;

	gate = 0;
	for (int i = 0; i < 8; i++)
		must_create(grows, (void *)i, NULL);
	must_join(8);
	for (uint32_t me = 0; me < 8; me++) {
		for (uint32_t i = 0; i < GROWS; i++) {
			uint32_t n = 4 * (100 + me * 300 + i * 10);

			sum += n;
			for (uint32_t j = 0; j < n / 4; j++)
				CHECK_EQ(grown[me][i][j], me << 16 | i);
		}
	}
	now = sbrk(0);
	CHECK_EQ(now - old, sum);
	CHECK(sbrk(-(int)sum) == now);
	CHECK(sbrk(0) == old);
}

static void
touches(void *arg1, void *arg2)
{
	*(volatile uint32_t *)arg1 = 7;
}

static void
sbrk_alone(int arg)
{
	char *base = sbrk(0), *p;

	CHECK(base != (void *)-1);
	CHECK(sbrk(3 * PGSIZE) == base);
	CHECK(sbrk(0) == base + 3 * PGSIZE);
	must_create(touches, base + 2 * PGSIZE, NULL); // one thread's growth is everybody's
	must_join(1);
	CHECK_EQ(base[2 * PGSIZE], 7);
	CHECK(sbrk(-PGSIZE) == base + 3 * PGSIZE);
	CHECK(sbrk(PGSIZE) == base + 2 * PGSIZE);
	CHECK_EQ(base[2 * PGSIZE], 0); // it was given up, and is new
	// What cannot be: -1, and the end stays where it is.
	CHECK(sbrk(0x7fffffff) == (void *)-1);
	CHECK(sbrk(-(0x7fffffff)) == (void *)-1);
	CHECK(sbrk((int)0x80000000) == (void *)-1);
	CHECK(sbrk(-4 * PGSIZE - (int)PGOFF(base)) == (void *)-1);
	CHECK(sbrk(0) == base + 3 * PGSIZE);
	CHECK(sbrk(-3 * PGSIZE) == base + 3 * PGSIZE);
	// Small steps, a byte at a time across a page's end.
	for (int i = 0; i < PGSIZE + 10; i++) {
		p = sbrk(1);
		CHECK(p == base + i);
		*p = i;
	}
	for (int i = 0; i < PGSIZE + 10; i++)
		CHECK_EQ(base[i], (char)i);
	CHECK(sbrk(-PGSIZE - 10) == base + PGSIZE + 10);
}

static void
beyond_break(int arg)
{
	char *p = sbrk(PGSIZE);

	p = ROUNDUP(p + PGSIZE, PGSIZE);
	*(volatile char *)p = 1;
}

static void
given_up(int arg)
{
	char *p = sbrk(4 * PGSIZE);

	p[3 * PGSIZE] = 1;
	sbrk(-4 * PGSIZE);
	*(volatile char *)(p + 3 * PGSIZE) = 1;
}

void
umain(int argc, char **argv)
{
	msec = arg_number(argc, argv, 1, 1000);
	nthreads = MIN((uint32_t)NTHREADS, arg_number(argc, argv, 2, 8));
	first_seed = arg_number(argc, argv, 3, 1);
	share_results();
	child_counted("sbrk", sbrk_alone, 0);
	child_counted("sbrk by several", several_grow, 0);
	death_counted("beyond the break", beyond_break, 0);
	death_counted("given up", given_up, 0);
	child_counted("caches", caches_come_back, 0);
	child_counted("made here, freed there", one_makes_one_frees, 0);
	child_counted("checked blocks", checked, 0);
	cprintf("%d blocks\n", shared->result);
	PASS("kt_heap");
}
