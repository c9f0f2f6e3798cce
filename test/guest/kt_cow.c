// Threads and pages: two that write to the same copy-on-write page at once, that
// touch the same demand-zero page, that write while a page is put elsewhere.
//
// Argument: rounds (30).
#include <test/guest/kt_check.h>

#define NTHREADS 4
#define NPAGES 16
#define WORDS (PGSIZE / 4)

static volatile uint32_t data[NPAGES * WORDS] __attribute__((aligned(PGSIZE)));
static volatile uint32_t gate, stop, turn, done;
static volatile uint32_t *lazy;

// Word `me` of every page, in an order of its own, all at the same moment.
static void
writes_pages(volatile uint32_t *base, uint32_t me, uint32_t value)
{
	for (int i = 0; i < NPAGES; i++)
		base[(i ^ (me & 1)) * WORDS + me] = value + i;
}

// Sleeps until there is another turn than *n, which is stored there; false at the end.
static bool
next_turn(uint32_t *n)
{
	while (turn == *n && !stop)
		sys_futex_wait(&turn, *n);
	*n = turn;
	return !stop;
}

static void
works(void *arg1, void *arg2)
{
	uint32_t me = (uint32_t)arg1;

	for (uint32_t n = 0; next_turn(&n);) {
		writes_pages(lazy ? lazy : data, me, n * 1000 + me);
		count_up(&done);
	}
}

static void
start_threads(void (*fn)(void *, void *))
{
	for (int i = 0; i < NTHREADS; i++)
		must_create(fn, (void *)i, NULL);
}

static void
end_threads(void)
{
	stop = 1;
	turn = ~0u;
	sys_futex_wake(&turn, NENV);
	must_join(NTHREADS);
}

// Turn n: all of them, who sleep, do their work.
static void
take_turn(uint32_t n)
{
	done = 0;
	turn = n;
	sys_futex_wake(&turn, NENV);
	AWAIT(done == NTHREADS);
}

static void
expect(volatile uint32_t *base, uint32_t n)
{
	for (uint32_t me = 0; me < NTHREADS; me++)
		for (int i = 0; i < NPAGES; i++)
			CHECK_EQ(base[(i ^ (me & 1)) * WORDS + me], n * 1000 + me + i);
}

static uint32_t
data_sum(void)
{
	uint32_t sum = 0;

	for (int i = 0; i < NPAGES * WORDS; i++)
		sum = sum * 31 + data[i];
	return sum;
}

// A child that keeps all pages for a while: they stay as they were.
static void
holds_pages(int sum)
{
	CHECK_EQ(data_sum(), sum);
	AWAIT(shared->stop);
	CHECK_EQ(data_sum(), sum);
}

// Turn n, while all pages are copy-on-write, with a child that looks at them.
static void
turn_after_fork(uint32_t n)
{
	envid_t child;

	shared->stop = 0;
	child = child_watched(holds_pages, data_sum());
	take_turn(n);
	shared->stop = 1;
	CHECK_EQ(wait_status(child), 0);
}

// After each fork everybody writes to all pages.
static void
copy_on_write(int rounds)
{
	lazy = NULL;
	start_threads(works);
	for (int n = 1; n <= rounds; n++) {
		turn_after_fork(n);
		expect(data, n);
	}
	end_threads();
}

static void
demand_zero(int rounds)
{
	lazy = (uint32_t *)map_anon(NPAGES);
	start_threads(works);
	for (int n = 1; n <= rounds; n++) {
		take_turn(n);
		expect(lazy, n);
		CHECK_EQ(munmap((void *)lazy, NPAGES * PGSIZE), 0);
		CHECK(mmap((void *)lazy, NPAGES * PGSIZE, RDWR, ANON | MAP_FIXED, -1, 0) ==
		      (void *)lazy);
	}
	end_threads();
	CHECK_EQ(munmap((void *)lazy, NPAGES * PGSIZE), 0);
}

// When a page has been put in place of another, no thread writes to the old one.
static void
counts_there(void *arg1, void *arg2)
{
	volatile uint32_t *at = (volatile uint32_t *)AREA + (int)arg1;

	count_up(&gate);
	while (!stop)
		++*at;
}

#define OLD (AREA + 0x100000)

static void
old_frames(int rounds)
{
	gate = stop = 0;
	CHECK_EQ(sys_page_alloc(0, (void *)AREA, RW), 0);
	for (int i = 0; i < 3; i++)
		must_create(counts_there, (void *)(i * 64), NULL);
	AWAIT(gate == 3);
	for (int n = 0; n < rounds * 4; n++) {
		volatile uint32_t *old = (volatile uint32_t *)OLD;
		uint32_t seen[3];

		CHECK_EQ(sys_page_map(0, (void *)AREA, 0, (void *)OLD, RW), 0);
		CHECK_EQ(sys_page_alloc(0, (void *)AREA, RW), 0);
		for (int i = 0; i < 3; i++)
			seen[i] = old[i * 64];
		some_time(200);
		for (int i = 0; i < 3; i++)
			CHECK_EQ(old[i * 64], seen[i]);
		CHECK_EQ(sys_page_unmap(0, (void *)OLD), 0);
	}
	stop = 1;
	must_join(3);
}

// A page that one thread unmaps while others use it: each use faults, and the handler
// of each maps it anew; nobody is lost on the way.
static void
maps_anew(struct UTrapframe *utf)
{
	CHECK(utf->utf_fault_va >= AREA && utf->utf_fault_va < AREA + 4 * PGSIZE);
	CHECK_EQ(thisenv->env_id, sys_getenvid());
	if (!is_mapped(utf->utf_fault_va))
		CHECK_EQ(sys_page_alloc(0, (void *)ROUNDDOWN(utf->utf_fault_va, PGSIZE), RW), 0);
}

static void
uses_them(void *arg1, void *arg2)
{
	set_pgfault_handler(maps_anew);
	count_up(&gate);
	for (uint32_t i = 0; !stop; i++)
		*((volatile uint32_t *)(AREA + i % 4 * PGSIZE) + (int)arg1) = i;
}

static void
unmapped_in_use(int rounds)
{
	set_pgfault_handler(maps_anew);
	gate = stop = 0;
	for (int i = 0; i < 3; i++)
		must_create(uses_them, (void *)i, NULL);
	AWAIT(gate == 3);
	for (int n = 0; n < rounds * 10; n++)
		CHECK_EQ(sys_page_unmap(0, (void *)(AREA + n % 4 * PGSIZE)), 0);
	stop = 1;
	must_join(3);
}

// Through the page: calls that write where it is copy-on-write, several threads at once.
static void
calls_write(void *arg1, void *arg2)
{
	uint32_t me = (uint32_t)arg1;

	register_page(me % 2);
	for (uint32_t n = 0; next_turn(&n);) {
		for (int i = 0; i < NPAGES; i++) {
			struct times *at = (struct times *)&data[i * WORDS + 8 * me];

			CHECK_EQ(flex_gettimes(at), 0);
			CHECK(at->allticks < 1ULL << 40 && at->procticks < 1ULL << 40);
		}
		count_up(&done);
	}
}

static void
calls_on_cow_pages(int rounds)
{
	start_threads(calls_write);
	for (int n = 1; n <= rounds / 4; n++)
		turn_after_fork(n);
	end_threads();
}

void
umain(int argc, char **argv)
{
	int rounds = arg_number(argc, argv, 1, 30);

	share_results();
	child_counted("old frames", old_frames, rounds);
	child_counted("unmapped in use", unmapped_in_use, rounds);
	child_counted("copy-on-write", copy_on_write, rounds);
	child_counted("demand-zero", demand_zero, rounds);
	child_counted("calls of the page", calls_on_cow_pages, rounds);
	PASS("kt_cow");
}
