// What threads cost: to make and to join, and to exclude each other. heap.c has malloc.
//
// Hypothesis: a thread is made by one system call, with its pages at hand from the one
// before it, and so is much cheaper than a process (libos.c's fork_exit_wait). A free
// lock is a locked instruction, and no floor at all. A contended one costs a handing over
// from CPU to CPU while its waiters fit on the CPUs, and changes of thread when they don't; its
// tickets are fair in either case.
//
// A call is (size is the number of threads):
//   clone_join     clone of a function that calls exit, on a stack that the program keeps; join
//   create_join    thread_create, thread_join; size of them are made before any is joined
//   lock           lock_acquire, lock_release. Size 1: by a thread alone. Else by that many
//                  at once, from when each has drawn its first ticket: from one
//                  acquire, whosever it is, to the next
//   lock_fairness  in percent, acquires of the thread that has most of them, by those of
//                  the thread that has fewest: 100 is fair
// The threads are where the scheduler puts them.
//
// Method: bench.h's; all cells in turn, with the floor, a bare int and iret, among them.
// A trial that takes too long ends with fewer calls.
#include "figures.h"

#define TRIALS 15
#define MAX_THREADS 8
#define MADE 16        // threads, in a trial
#define ALONE 1024     // acquires by a thread alone
#define CONTENDED 1024 // by all threads
#define LIMIT 50000000 // cycles, after which a trial ends with less

// ---- Making threads -------------------------------------------------------------------

static char stack[PGSIZE] __attribute__((aligned(PGSIZE)));

static void
ends(void *arg1, void *arg2)
{
	exit();
}

static void
returns(void *arg1, void *arg2)
{
}

static int
clone_trial(struct BenchCell *c, uint64_t *cycles)
{
	uint64_t start = read_tsc();

	for (uint32_t i = 0; i < c->calls; i++) {
		void *got = NULL;
		int id = clone(ends, NULL, NULL, stack);
		if (id < 0 || join(&got) != id || got != stack)
			return -E_UNSPECIFIED;
	}
	*cycles = read_tsc() - start;
	return 0;
}

static int
create_trial(struct BenchCell *c, uint64_t *cycles)
{
	uint64_t start = read_tsc();
	int n = c->arg[0];

	for (uint32_t done = 0; done < c->calls; done += n) {
		for (int i = 0; i < n; i++)
			if (thread_create(returns, NULL, NULL) < 0)
				return -E_NO_FREE_ENV;
		for (int i = 0; i < n; i++)
			if (thread_join() < 0)
				return -E_UNSPECIFIED;
	}
	*cycles = read_tsc() - start;
	return 0;
}

// ---- Locks ------------------------------------------------------------------------------

static lock_t lock;

// Under it.
static volatile uint32_t acquired;
static volatile bool over;
static uint64_t deadline, finish; // when it is to be over, and was

static uint32_t count[MAX_THREADS]; // acquires, of each

static int
lock_alone(struct BenchCell *c, uint64_t *cycles)
{
	lock_init(&lock);
	acquired = 0;
	uint64_t start = read_tsc();
	for (uint32_t i = 0; i < c->calls; i++) {
		lock_acquire(&lock);
		acquired++;
		lock_release(&lock);
	}
	*cycles = read_tsc() - start;
	return acquired == c->calls ? 0 : -E_UNSPECIFIED;
}

static void
contend(void *number, void *arg2)
{
	uint32_t mine = 0;
	bool more = true;

	while (more) {
		lock_acquire(&lock);
		more = !over;
		if (more) {
			mine++;
			acquired++;
			if (acquired % 8 == 0) {
				finish = read_tsc();
				over = acquired == CONTENDED || finish > deadline;
			}
		}
		lock_release(&lock);
	}
	count[(uint32_t)number] = mine;
}

// The lock itself is the gate: it is released when all have drawn tickets. Else threads that
// take turns on one CPU would hardly meet.
static int
lock_contended(struct BenchCell *c, uint64_t *cycles)
{
	uint32_t n = c->arg[0], most = 0, fewest = ~0u, made = 0;

	lock_init(&lock);
	acquired = 0;
	over = false;
	lock_acquire(&lock);
	while (made < n && thread_create(contend, (void *)made, NULL) >= 0)
		made++;
	while (lock.next < 1 + made)
		sys_yield();
	uint64_t start = read_tsc();
	deadline = start + LIMIT;
	lock_release(&lock);
	for (uint32_t i = 0; i < made; i++)
		if (thread_join() < 0)
			return -E_UNSPECIFIED;
	if (made < n)
		return -E_NO_FREE_ENV;
	*cycles = finish - start;
	c->calls = c->loops = acquired;
	for (uint32_t i = 0; i < n; i++) {
		acquired -= count[i];
		most = MAX(most, count[i]);
		fewest = MIN(fewest, count[i]);
	}
	c->also[0] = most * 100 / MAX(fewest, 1u);
	return acquired == 0 ? 0 : -E_UNSPECIFIED;
}

// ---- All of them --------------------------------------------------------------------

#define FAIRNESS                                   \
	{                                          \
		{                                  \
			"lock_fairness", "percent" \
		}                                  \
	}

static const struct Operation operations[] = {
	{"clone_join", 1, MADE, clone_trial, {{0}}},
	{"create_join", 1, MADE, create_trial, {{0}}},
	{"create_join", 8, MADE, create_trial, {{0}}},
	{"lock", 1, ALONE, lock_alone, {{0}}},
	{"lock", 2, CONTENDED, lock_contended, FAIRNESS},
	{"lock", 4, CONTENDED, lock_contended, FAIRNESS},
	{"lock", 8, CONTENDED, lock_contended, FAIRNESS},
};

void
umain(int argc, char **argv)
{
	figures_run("threads", operations, ARRAY_SIZE(operations), argc > 1 ? argv[1] : NULL,
		    TRIALS);
}
