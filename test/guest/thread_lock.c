// The ticket lock: one holder at a time, in the order in which they asked; with more
// threads than CPUs; what is written under it is seen under it.
//
// Argument: how often each thread takes it (200).
#include <test/guest/kt_check.h>

#define NTHREADS 8

static lock_t lock;
static volatile uint32_t guarded[3], order[NTHREADS], turn;

static void
counts(void *arg1, void *arg2)
{
	uint32_t random = (uint32_t)arg2 + 1;

	for (uint32_t i = 0; i < (uint32_t)arg1; i++) {
		lock_acquire(&lock);
		CHECK(guarded[0] == guarded[1] && guarded[1] == guarded[2]);
		guarded[0]++;
		if (next_random(&random) % 256 == 0)
			sys_yield();
		guarded[1]++;
		guarded[2]++;
		lock_release(&lock);
	}
}

static void
excludes(int times)
{
	for (int i = 0; i < NTHREADS; i++)
		must_create(counts, (void *)times, (void *)i);
	must_join(NTHREADS);
	CHECK_EQ(guarded[0], NTHREADS * times);
	CHECK_EQ(guarded[2], NTHREADS * times);
	CHECK_EQ(lock.next, lock.serving);
}

static void
asks(void *arg1, void *arg2)
{
	lock_acquire(&lock);
	order[turn++] = (uint32_t)arg1;
	lock_release(&lock);
}

// Each asks when the one before it has its ticket.
static void
keeps_order(int arg)
{
	lock_acquire(&lock);
	for (uint32_t i = 0; i < NTHREADS; i++) {
		uint32_t next = lock.next;

		must_create(asks, (void *)i, NULL);
		AWAIT(lock.next == next + 1);
	}
	CHECK_EQ(turn, 0);
	lock_release(&lock);
	must_join(NTHREADS);
	for (uint32_t i = 0; i < NTHREADS; i++)
		CHECK_EQ(order[i], i);
}

// The tickets begin anew at 2^32.
static void
wraps(int arg)
{
	lock.next = lock.serving = -3u;
	excludes(20);
	CHECK_EQ(lock.next, NTHREADS * 20 - 3);
}

// All zeros is a free lock, too; and lock_init makes one of anything.
static void
begins(int arg)
{
	lock_t zeros = {0}, made = {.next = 123, .serving = 45, .sleepers = 6};

	lock_acquire(&zeros);
	lock_release(&zeros);
	lock_acquire(&zeros);
	lock_init(&made);
	lock_acquire(&made);
	lock_release(&made);
}

void
umain(int argc, char **argv)
{
	share_results();
	sync(); // the file server is up, and has what it needs
	lock_init(&lock);
	child_counted("begins", begins, 0);
	child_counted("order", keeps_order, 0);
	child_counted("wrapping", wraps, 0);
	child_counted("exclusion", excludes, arg_number(argc, argv, 1, 200));
	PASS("thread_lock");
}
