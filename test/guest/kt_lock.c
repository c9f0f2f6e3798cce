// The ticket lock: one at a time, in the order of asking, and no waste of a CPU that
// its holder needs.
//
// Argument: rounds of each thread (3000).
#include <test/guest/kt_check.h>

#define NTHREADS 8

static lock_t lock;
static volatile uint32_t counter, inside, order[NTHREADS], norder, asking, gate;
static uint32_t rounds;

static void
counts(void *arg1, void *arg2)
{
	meet(&gate, NTHREADS);
	for (uint32_t i = 0; i < rounds; i++) {
		lock_acquire(&lock);
		CHECK_EQ(inside++, 0);
		counter++; // not atomic
		if (i % 64 == (uint32_t)arg1)
			sys_yield(); // others now find it taken
		CHECK_EQ(--inside, 0);
		lock_release(&lock);
	}
}

static void
excludes(int arg)
{
	lock_init(&lock);
	for (int i = 0; i < NTHREADS; i++)
		must_create(counts, (void *)i, NULL);
	must_join(NTHREADS);
	CHECK_EQ(counter, NTHREADS * rounds);
	lock_acquire(&lock); // it is free
	lock_release(&lock);
}

static void
comes_in_order(void *arg1, void *arg2)
{
	asking = (uint32_t)arg1 + 1;
	lock_acquire(&lock);
	order[norder++] = (uint32_t)arg1;
	lock_release(&lock);
}

// First come, first served.
static void
in_order(int arg)
{
	lock_init(&lock);
	for (int round = 0; round < 5; round++) {
		norder = asking = 0;
		lock_acquire(&lock);
		for (uint32_t i = 0; i < NTHREADS; i++) {
			uint32_t next = lock.next;

			must_create(comes_in_order, (void *)i, NULL);
			AWAIT(asking == i + 1 && lock.next == next + 1);
		}
		CHECK_EQ(norder, 0);
		lock_release(&lock);
		must_join(NTHREADS);
		for (uint32_t i = 0; i < NTHREADS; i++)
			CHECK_EQ(order[i], i);
	}
}

static void
holds_long(void *arg1, void *arg2)
{
	lock_acquire(&lock);
	inside = 1;
	for (int i = 0; i < 20; i++)
		sys_yield(); // past waiters that never yield it would take a tick for each
	lock_release(&lock);
}

static void
waits_for_lock(void *arg1, void *arg2)
{
	AWAIT(inside);
	lock_acquire(&lock);
	count_up(&counter);
	lock_release(&lock);
}

// More waiters than CPUs, and the holder needs a CPU.
static void
waiters_yield(int arg)
{
	uint64_t preempted;

	lock_init(&lock);
	counter = inside = 0;
	for (int i = 0; i < 16; i++)
		must_create(waits_for_lock, NULL, NULL);
	preempted = stat_of(0).preempted;
	must_create(holds_long, NULL, NULL);
	must_join(17);
	CHECK_EQ(counter, 16);
	// 20 yields past 16 waiters: 320 if each of these had to be forced off its CPU.
	CHECK(stat_of(0).preempted - preempted < 100);
}

// Tickets go round past 2^32.
static void
wraps(int arg)
{
	lock_init(&lock);
	lock.next = lock.serving = (uint32_t)-100;
	gate = 0;
	rounds = 100;
	for (int i = 0; i < NTHREADS; i++)
		must_create(counts, (void *)i, NULL);
	must_join(NTHREADS);
	CHECK_EQ(lock.next, NTHREADS * 100 - 100);
}

void
umain(int argc, char **argv)
{
	rounds = arg_number(argc, argv, 1, 3000);
	share_results();
	child_counted("exclusion", excludes, 0);
	child_counted("order", in_order, 0);
	child_counted("waiters", waiters_yield, 0);
	child_counted("wrap", wraps, 0);
	PASS("kt_lock");
}
