// What malloc and free cost among threads.
//
// Hypothesis: with a cache for each thread they cost each of many threads what they cost one,
// so that what all do in a time grows with the CPUs. Blocks that one thread allocates and
// another frees miss the caches, and cost more; how much more is a matter of how many go back at
// once.
//
// A call is (size is the number of threads):
//   malloc_free      a pair of both, of 8 to 512 bytes, freed 64 pairs later, with a few
//                    instructions to draw the size; by the clock of each thread, the
//                    mean of all. With more threads than CPUs, the others' turns are in it
//   malloc_free_all  the same, from a pair to the next of the whole process
//   loop             a hundred turns of a loop, measured like malloc_free: how the CPUs, of
//                    the machine and of the host, share out what needs no heap
//   loop_all         the same, like malloc_free_all
//   produce_consume  malloc in one thread, free in another: half of the threads are
//                    producers, each with a consumer; from a block to the next of a couple
//   hand_over        the same with one block, never freed: what handing over costs
// The threads are where the scheduler puts them.
//
// Method: bench.h's; all cells in turn, with the floor, a bare int and iret, among them.
// Threads are started before the clock is, and wait at a gate. A trial that takes too long
// ends with fewer calls.
#include "figures.h"

#define TRIALS 15
#define MAX_THREADS 8
#define PAIRS 2048     // in a thread
#define STEPS 1024     // of arithmetic, in a thread
#define STEP 100       // its turns
#define LIVE 64        // blocks of a thread at a time
#define HANDED 2048    // blocks, by a couple
#define RING LIVE      // blocks under way; a power of 2
#define LIMIT 50000000 // cycles, after which a trial ends with less
#define LOOKS 200      // before a thread gives up its CPU

// ---- Threads that work at the same time -------------------------------------------------

struct Worker {
	uint64_t start, finish;
	uint32_t count;  // calls
	uint32_t result; // of what would otherwise be left out
};

static struct Worker workers[MAX_THREADS];
static volatile uint32_t nready, gate_open;
static uint64_t deadline;

// Whether the i-th turn is one too many.
static inline bool
is_late(uint32_t i)
{
	return i % 8 == 0 && read_tsc() > deadline;
}

// Until *word is not `value`: looks for a while, then lets others run.
static inline void
await_change(const volatile uint32_t *word, uint32_t value)
{
	for (;;) {
		for (int looks = 0; looks < LOOKS; looks++)
			if (*word != value)
				return;
		sys_yield();
	}
}

// A worker's beginning: returns when all are ready.
static struct Worker *
pass_gate(void *number)
{
	struct Worker *w = &workers[(uint32_t)number];

	__atomic_add_fetch(&nready, 1, __ATOMIC_SEQ_CST);
	await_change(&gate_open, 0);
	w->start = read_tsc();
	return w;
}

// Has n threads run fcn(number), and stores how long all took from the gate on. 0 or an error.
static int
run_workers(int n, void (*fcn)(void *, void *), uint64_t *cycles)
{
	int made = 0, r = 0;

	nready = gate_open = 0;
	while (made < n && thread_create(fcn, (void *)made, NULL) >= 0)
		made++;
	while (nready < (uint32_t)made)
		sys_yield();
	uint64_t start = read_tsc();
	deadline = start + LIMIT;
	gate_open = 1;
	for (int i = 0; i < made; i++)
		if (thread_join() < 0)
			r = -E_UNSPECIFIED;
	*cycles = 0;
	for (int i = 0; i < made; i++)
		*cycles = MAX(*cycles, workers[i].finish - start);
	return made < n ? -E_NO_FREE_ENV : r;
}

// ---- The heap -----------------------------------------------------------------------------

static volatile uint32_t nfailed; // mallocs

static inline uint32_t
next_random(uint32_t seed)
{
	return seed * 1664525 + 1013904223;
}

static void
allocate(void *number, void *arg2)
{
	struct Worker *w = pass_gate(number);
	uint32_t seed = (uint32_t)number + 1;
	uint32_t *live[LIVE] = {NULL};

	for (w->count = 0; w->count < PAIRS && !is_late(w->count); w->count++) {
		uint32_t **p = &live[w->count % LIVE];

		free(*p);
		seed = next_random(seed);
		*p = malloc(8 + (seed >> 23) % 505);
		if (*p)
			**p = seed;
		else
			nfailed++;
	}
	for (int i = 0; i < LIVE; i++)
		free(live[i]);
	w->finish = read_tsc();
}

static void
compute(void *number, void *arg2)
{
	struct Worker *w = pass_gate(number);
	uint32_t x = (uint32_t)number;

	for (w->count = 0; w->count < STEPS && !is_late(w->count); w->count++) {
		for (int i = 0; i < STEP; i++) {
			x = next_random(x);
			barrier();
		}
	}
	w->result = x;
	w->finish = read_tsc();
}

// Times threads that do the same beside each other.
static int
side_by_side(struct BenchCell *c, uint64_t *cycles, void (*fcn)(void *, void *))
{
	uint32_t n = c->arg[0], calls = 0;
	uint64_t all;
	int r;

	nfailed = 0;
	if ((r = run_workers(n, fcn, &all)) < 0)
		return r;
	*cycles = 0;
	for (uint32_t i = 0; i < n; i++) {
		*cycles += workers[i].finish - workers[i].start;
		calls += workers[i].count;
	}
	c->calls = c->loops = MAX(calls, 1u);
	c->also[0] = bench_div(all, c->calls);
	return nfailed ? -E_NO_MEM : 0;
}

static int
malloc_trial(struct BenchCell *c, uint64_t *cycles)
{
	return side_by_side(c, cycles, allocate);
}

static int
loop_trial(struct BenchCell *c, uint64_t *cycles)
{
	return side_by_side(c, cycles, compute);
}

// From a producer to its consumer, the next worker.
static struct Ring {
	volatile uint32_t in __attribute__((aligned(64)));
	volatile uint32_t out __attribute__((aligned(64)));
	uint32_t *volatile block[RING];
} rings[MAX_THREADS / 2];

static bool with_malloc;
static uint32_t the_block;

static void
hand_over(struct Ring *ring, uint32_t *block)
{
	await_change(&ring->out, ring->in - RING);
	ring->block[ring->in % RING] = block;
	barrier(); // x86 keeps stores in order: the consumer sees the block first
	ring->in++;
}

// Ends with a block that is NULL.
static void
produce(struct Ring *ring)
{
	for (uint32_t i = 0; i < HANDED && !is_late(i); i++) {
		uint32_t *p = with_malloc ? malloc(8 + i % 505) : &the_block;

		if (!p) {
			nfailed++;
			break;
		}
		*p = i;
		hand_over(ring, p);
	}
	hand_over(ring, NULL);
}

static void
consume(struct Ring *ring)
{
	for (;;) {
		await_change(&ring->in, ring->out);
		barrier();
		uint32_t *p = ring->block[ring->out % RING];
		ring->out++;
		if (!p)
			return;
		if (with_malloc)
			free(p);
	}
}

static void
one_of_couple(void *number, void *arg2)
{
	uint32_t i = (uint32_t)number;
	struct Worker *w = pass_gate(number);

	if (i % 2 == 0)
		produce(&rings[i / 2]);
	else
		consume(&rings[i / 2]);
	w->finish = read_tsc();
}

static int
couples(struct BenchCell *c, bool malloced, uint64_t *cycles)
{
	uint32_t n = c->arg[0] / 2, handed = 0;

	nfailed = 0;
	with_malloc = malloced;
	memset(rings, 0, sizeof(rings));
	int r = run_workers(c->arg[0], one_of_couple, cycles);
	for (uint32_t i = 0; i < n; i++)
		handed += rings[i].out;
	c->calls = c->loops = handed / n;
	return r == 0 && nfailed ? -E_NO_MEM : r;
}

static int
produce_trial(struct BenchCell *c, uint64_t *cycles)
{
	return couples(c, true, cycles);
}

static int
hand_over_trial(struct BenchCell *c, uint64_t *cycles)
{
	return couples(c, false, cycles);
}

// ---- All of them --------------------------------------------------------------------

#define ALL(name)                      \
	{                              \
		{                      \
			name, "cycles" \
		}                      \
	}

static const struct Operation operations[] = {
	{"loop", 1, STEPS, loop_trial, ALL("loop_all")},
	{"loop", 2, STEPS, loop_trial, ALL("loop_all")},
	{"loop", 4, STEPS, loop_trial, ALL("loop_all")},
	{"loop", 8, STEPS, loop_trial, ALL("loop_all")},
	{"malloc_free", 1, PAIRS, malloc_trial, ALL("malloc_free_all")},
	{"malloc_free", 2, PAIRS, malloc_trial, ALL("malloc_free_all")},
	{"malloc_free", 4, PAIRS, malloc_trial, ALL("malloc_free_all")},
	{"malloc_free", 8, PAIRS, malloc_trial, ALL("malloc_free_all")},
	{"hand_over", 2, HANDED, hand_over_trial, {{0}}},
	{"hand_over", 8, HANDED, hand_over_trial, {{0}}},
	{"produce_consume", 2, HANDED, produce_trial, {{0}}},
	{"produce_consume", 8, HANDED, produce_trial, {{0}}},
};

void
umain(int argc, char **argv)
{
	figures_run("heap", operations, ARRAY_SIZE(operations), argc > 1 ? argv[1] : NULL, TRIALS);
}
