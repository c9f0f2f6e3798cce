// malloc, calloc, realloc and free by 8 threads at once: no block is given out twice, none
// changes by itself, one thread frees what another has taken, and all is back at
// the end, also of threads that end with full caches.
//
// Argument: milliseconds (1000; 60000 in the full tier).
#include <test/guest/kt_check.h>

#define NTHREADS 8
#define NBLOCKS 64 // of each thread, and at the market

// What a block of ours holds.
struct Block {
	uint32_t size;
	uint32_t tag;
	uint32_t fill[];
};

static volatile uint32_t stop, nblocks[NTHREADS];
static struct Block *volatile market[NBLOCKS]; // blocks on their way to another thread

static uint32_t
block_words(const struct Block *b)
{
	return (b->size - sizeof(*b)) / 4;
}

// From word to word that is looked at, of so many. Large blocks not all over: their pages
// come only when touched.
static uint32_t
step(uint32_t words)
{
	return words > 4096 ? 512 : 1;
}

static void
fill(struct Block *b, uint32_t size, uint32_t tag)
{
	b->size = size;
	b->tag = tag;
	for (uint32_t i = 0, n = block_words(b); i < n; i += step(n))
		b->fill[i] = tag ^ i;
}

// The first n words.
static void
check(const struct Block *b, uint32_t n)
{
	for (uint32_t i = 0; i < n; i += step(block_words(b)))
		CHECK_EQ(b->fill[i], b->tag ^ i);
}

static uint32_t
some_size(uint32_t *random)
{
	uint32_t kind = next_random(random) % 100, more = next_random(random);

	if (kind < 80)
		more %= 300;
	else if (kind < 95)
		more %= 2500;
	else if (kind < 99)
		more %= 20000;
	else
		more %= 300000;
	return ROUNDUP(sizeof(struct Block) + more, 4);
}

static struct Block *
take(uint32_t *random)
{
	uint32_t size = some_size(random);
	struct Block *b;

	if (next_random(random) % 8) {
		b = malloc(size);
	} else {
		b = calloc(size / 4, 4);
		for (uint32_t i = 0; b && i < size / 4; i += step(size / 4))
			CHECK_EQ(((uint32_t *)b)[i], 0);
	}
	CHECK(b && (uintptr_t)b % 16 == 0);
	fill(b, size, next_random(random));
	return b;
}

static void
give(struct Block *b)
{
	check(b, block_words(b));
	memset(b, 0xa5, MIN(b->size, 64u));
	free(b);
}

static struct Block *
resize(struct Block *b, uint32_t *random)
{
	uint32_t size = some_size(random), had = block_words(b), tag = b->tag;

	b = realloc(b, size);
	CHECK(b && b->tag == tag);
	check(b, MIN(had, (size - sizeof(*b)) / 4));
	fill(b, size, tag + 1);
	return b;
}

static void
one_step(struct Block **own, uint32_t *random)
{
	uint32_t n = next_random(random) % NBLOCKS, what = next_random(random) % 16;

	if (!own[n]) {
		own[n] = take(random);
	} else if (what < 8) {
		give(own[n]);
		own[n] = NULL;
	} else if (what < 10) {
		own[n] = resize(own[n], random);
	} else { // some other thread gets it
		own[n] = (struct Block *)xchg((volatile uint32_t *)&market[n], (uint32_t)own[n]);
	}
}

static void
works(void *arg1, void *arg2)
{
	struct Block *own[NBLOCKS] = {NULL};
	uint32_t random = (uint32_t)arg2;

	while (!stop) {
		one_step(own, &random);
		nblocks[(int)arg1]++;
	}
	for (int i = 0; i < NBLOCKS; i++)
		if (own[i])
			give(own[i]);
}

// Ends with what it has in its cache.
static void
short_life(void *arg1, void *arg2)
{
	struct Block *own[NBLOCKS] = {NULL};
	uint32_t random = (uint32_t)arg1 * 2 + 1;

	for (int i = 0; i < 200; i++)
		one_step(own, &random);
	for (int i = 0; i < NBLOCKS; i++)
		if (own[i])
			give(own[i]);
}

static void
empty_market(void)
{
	for (int i = 0; i < NBLOCKS; i++) {
		if (market[i])
			give(market[i]);
		market[i] = NULL;
	}
}

static void
many(int msec)
{
	unsigned began = sys_time_msec();

	for (int i = 0; i < NTHREADS; i++)
		must_create(works, (void *)i, (void *)(i * 7919 + 1));
	for (uint32_t n = 0; msec_since(began) < (uint32_t)msec; n++) {
		// Others come and go meanwhile.
		must_create(short_life, (void *)n, NULL);
		must_join(1);
	}
	for (int i = 0; i < NTHREADS; i++)
		AWAIT(nblocks[i] > 0);
	stop = 1;
	must_join(NTHREADS);
	empty_market();
	// What is left: main's cache, a spare page, and some runs of pages.
	CHECK(heap_pages() < 200);
}

// What one thread takes and another frees comes back to the first: memory doesn't grow.
static volatile uint32_t handed;

static void
frees_all(void *arg1, void *arg2)
{
	for (;;) {
		struct Block *b = NULL;

		while (!stop && !(b = (struct Block *)xchg(&handed, 0)))
			sys_yield();
		if (!b)
			return;
		free(b);
	}
}

static void
one_way(int times)
{
	uint32_t had = 0;

	must_create(frees_all, NULL, NULL);
	for (int i = 0; i < times; i++) {
		struct Block *b = malloc(100);

		CHECK(b);
		AWAIT(!handed);
		xchg(&handed, (uint32_t)b);
		if (i == 100)
			had = heap_pages();
	}
	AWAIT(!handed);
	stop = 1;
	must_join(1);
	CHECK(heap_pages() <= had + 2);
}

static void
frees_it(void *arg1, void *arg2)
{
	free(arg1);
}

// A block that another thread has freed, and may have in its cache: once more, or not.
static void
freed_elsewhere(int twice)
{
	char *p = malloc(40);

	must_create(frees_it, p, NULL);
	must_join(1);
	if (twice)
		free(p);
	free(malloc(40));
}

void
umain(int argc, char **argv)
{
	int msec = arg_number(argc, argv, 1, 1000);

	share_results();
	sync(); // the file server is up, and has what it needs
	child_counted("one way", one_way, 1000);
	child_counted("freed elsewhere", freed_elsewhere, 0);
	death_counted("freed twice", freed_elsewhere, 1);
	many(msec);
	PASS("malloc_threads");
}
