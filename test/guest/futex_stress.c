// No wake-up is lost: what would otherwise go on for ever comes to its end. A
// ping-pong, a mutex, a barrier and a bounded queue, each made of futexes, among
// processes that share a page; waiters that are killed meanwhile; and the same by
// the syscall page.
//
// Argument: how often (1000).
#include <inc/futex.h>
#include <test/guest/check.h>

#define NPROCS 4
#define SLOTS 4

static uint32_t times;
static bool by_page;

struct Area {
	volatile uint32_t turn;
	volatile uint32_t pad[15];
	volatile uint32_t mutex; // 0 free, 1 held, 2 held and perhaps waited for
	volatile uint32_t guarded[2];
	volatile uint32_t arrived, generation;
	volatile uint32_t lock; // the queue's
	volatile uint32_t head, tail;
	volatile uint32_t queue[SLOTS];
	volatile uint32_t sum, taken;
	volatile uint32_t event;
};
#define area ((struct Area *)(SHARED + PGSIZE / 2))

static void
futex_wait(volatile uint32_t *word, uint32_t value)
{
	int r = by_page ? flex_futex_wait(word, value) : sys_futex_wait(word, value);

	if (r != 0 && r != -E_AGAIN)
		panic("futex_wait: %e", r);
}

static void
futex_wake(volatile uint32_t *word, uint32_t count)
{
	int r = by_page ? flex_futex_wake(word, count) : sys_futex_wake(word, count);

	if (r < 0)
		panic("futex_wake: %e", r);
	CHECK((uint32_t)r <= (count & ~FUTEX_SYNC));
}

static void
child_begins(void)
{
	if (by_page)
		CHECK_EQ(flexsc_register(), 0);
}

static void
await_all(const envid_t *id, int n)
{
	for (int i = 0; i < n; i++)
		wait(id[i]);
}

// ---- Ping-pong --------------------------------------------------------------------

static void
plays(int me)
{
	if (me)
		child_begins();
	for (uint32_t i = 0; i < times; i++) {
		uint32_t seen;

		while ((seen = area->turn) % 2 != (uint32_t)me)
			futex_wait(&area->turn, seen);
		CHECK_EQ(seen / 2, i);
		count_up(&area->turn);
		// Half of the time the kernel is told that we are about to wait.
		futex_wake(&area->turn, i % 32 < 16 ? 1 : 1 | FUTEX_SYNC);
	}
}

static void
ping_pong(void)
{
	envid_t id;

	area->turn = 0;
	id = child_run(plays, 1);
	plays(0);
	wait(id);
	CHECK_EQ(area->turn, 2 * times);
}

// ---- A mutex, and what it guards ------------------------------------------------------

static uint32_t
compare_swap(volatile uint32_t *at, uint32_t old, uint32_t new)
{
	__atomic_compare_exchange_n(at, &old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return old;
}

static void
acquire(volatile uint32_t *mutex)
{
	if (compare_swap(mutex, 0, 1) == 0)
		return;
	while (xchg(mutex, 2) != 0)
		futex_wait(mutex, 2);
}

static void
release(volatile uint32_t *mutex)
{
	if (xchg(mutex, 0) == 2)
		futex_wake(mutex, 1);
}

static void
counts_under_mutex(int n)
{
	uint32_t random = n + 1;

	child_begins();
	for (uint32_t i = 0; i < times; i++) {
		acquire(&area->mutex);
		CHECK_EQ(area->guarded[0], area->guarded[1]);
		area->guarded[0]++;
		if (next_random(&random) % 64 == 0)
			sys_yield();
		area->guarded[1]++;
		release(&area->mutex);
	}
}

static void
mutex(void)
{
	envid_t id[NPROCS];

	area->guarded[0] = area->guarded[1] = area->mutex = 0;
	for (int i = 0; i < NPROCS; i++)
		id[i] = child_run(counts_under_mutex, i);
	await_all(id, NPROCS);
	CHECK_EQ(area->guarded[0], NPROCS * times);
	CHECK_EQ(area->guarded[1], NPROCS * times);
	CHECK_EQ(area->mutex, 0);
}

// ---- A barrier ------------------------------------------------------------------------

static void
meets(int n)
{
	child_begins();
	for (uint32_t i = 0; i < times / 4; i++) {
		uint32_t generation = area->generation;

		CHECK_EQ(generation, i);
		if (__atomic_add_fetch(&area->arrived, 1, __ATOMIC_SEQ_CST) == NPROCS) {
			area->arrived = 0;
			count_up(&area->generation);
			futex_wake(&area->generation, NPROCS);
		} else {
			while (area->generation == generation)
				futex_wait(&area->generation, generation);
		}
	}
}

static void
barriers(void)
{
	envid_t id[NPROCS];

	area->arrived = area->generation = 0;
	for (int i = 0; i < NPROCS; i++)
		id[i] = child_run(meets, i);
	await_all(id, NPROCS);
	CHECK_EQ(area->generation, times / 4);
}

// ---- A bounded queue of several producers and consumers -----------------------------------

// Any change of the queue wakes all who wait for one.
static void
queue_changed(void)
{
	count_up(&area->event);
	futex_wake(&area->event, NPROCS);
}

static void
produces(int n)
{
	child_begins();
	for (uint32_t i = 1; i <= times / 2;) {
		uint32_t event = area->event;
		bool put = false;

		acquire(&area->lock);
		if (area->head - area->tail < SLOTS) {
			area->queue[area->head++ % SLOTS] = i;
			put = true;
		}
		release(&area->lock);
		if (put) {
			i++;
			queue_changed();
		} else {
			futex_wait(&area->event, event);
		}
	}
}

static void
consumes(int n)
{
	child_begins();
	for (;;) {
		uint32_t event = area->event, total;
		bool got = false;

		acquire(&area->lock);
		if (area->head != area->tail) {
			area->sum += area->queue[area->tail++ % SLOTS];
			area->taken++;
			got = true;
		}
		total = area->taken;
		release(&area->lock);
		if (got)
			queue_changed();
		else if (total == times / 2 * 2)
			return;
		else
			futex_wait(&area->event, event);
	}
}

static void
queue(void)
{
	envid_t id[4];
	uint32_t each = times / 2;

	area->lock = area->head = area->tail = area->sum = area->taken = area->event = 0;
	for (int i = 0; i < 4; i++)
		id[i] = child_run(i < 2 ? produces : consumes, i);
	await_all(id, 4);
	CHECK_EQ(area->taken, 2 * each);
	CHECK_EQ(area->sum, each * (each + 1));
}

// ---- Waiters that are killed ----------------------------------------------------------------

static void
waits_for_ever(int n)
{
	child_begins();
	for (;;) {
		uint32_t seen = area->event;

		futex_wait(&area->event, seen);
		count_up(&area->taken);
	}
}

// One waiter after the other is killed wherever it is, while wakes go on; whoever
// waits for the end is woken all the same.
static void
killed_waiters(void)
{
	uint32_t random = 77;

	area->event = area->taken = 0;
	for (uint32_t i = 0; i < times / 50 + 2; i++) {
		envid_t victim[2];

		victim[0] = child_run(waits_for_ever, 0);
		victim[1] = child_run(waits_for_ever, 1);
		for (uint32_t j = next_random(&random) % 40; j > 0; j--) {
			count_up(&area->event);
			futex_wake(&area->event, 1 + j % 2);
			if (j % 3 == 0)
				sys_yield();
		}
		for (int v = 0; v < 2; v++) {
			CHECK_EQ(sys_env_destroy(victim[v]), 0);
			count_up(&area->event);
			futex_wake(&area->event, 5);
		}
		await_all(victim, 2);
		CHECK_EQ(sys_futex_wake(&area->event, 5), 0);
	}
}

void
umain(int argc, char **argv)
{
	times = arg_number(argc, argv, 1, 1000);
	static_assert(sizeof(struct Area) <= PGSIZE / 2, "it fits");
	share_results();
	for (int i = 0; i < 2; i++) {
		ping_pong();
		mutex();
		barriers();
		queue();
		killed_waiters();
		if (i == 0) {
			CHECK_EQ(flexsc_register(), 0);
			by_page = true;
		}
	}
	PASS("futex_stress");
}
