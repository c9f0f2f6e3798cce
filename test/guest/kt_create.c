// thread_create and thread_join: stacks come and go, many threads one after the
// other, many at once, from several threads at once, and with no memory left.
//
// Argument: create/join pairs (1000).
#include <test/guest/kt_check.h>

#define ATONCE 1000

static volatile uint32_t gate, sum, opened;
static volatile uintptr_t stack_of[64];

static void
adds(void *arg1, void *arg2)
{
	add_up(&sum, (uint32_t)arg1 * (uint32_t)arg2);
}

// Returning, exit and exit_status end it alike.
static void
ends_somehow(void *arg1, void *arg2)
{
	CHECK_EQ(thisenv->env_id, sys_getenvid());
	CHECK_EQ(thisenv->env_type, ENV_TYPE_THREAD);
	adds(arg1, (void *)1);
	if ((uint32_t)arg2 % 3 == 1)
		exit();
	if ((uint32_t)arg2 % 3 == 2)
		exit_status(5);
}

static void
simple(int arg)
{
	CHECK_EQ(thread_join(), -1);
	for (uint32_t i = 0; i < 30; i++) {
		envid_t id = thread_create(ends_somehow, (void *)(i + 1), (void *)i);

		CHECK(id > 0 && id != thisenv->env_id);
		CHECK_EQ(thread_join(), id);
		CHECK_EQ(sys_env_destroy(id), -E_BAD_ENV);
	}
	CHECK_EQ(sum, 30 * 31 / 2);
	CHECK_EQ(thread_join(), -1);
}

static void
pairs(int n)
{
	struct Count before = {0};

	for (int i = 0; i < n; i++) {
		if (i == 20)
			before = count_now();
		must_create(adds, (void *)i, (void *)1);
		must_join(1);
	}
	CHECK_EQ(sum, n * (n - 1) / 2);
	nothing_lost("pairs", before, KEPT_PAGES);
}

// Stays until the gate opens; its stack is nobody else's.
static void
stays(void *arg1, void *arg2)
{
	volatile uint32_t local[100];

	for (int i = 0; i < 100; i++)
		local[i] = (uint32_t)arg1 + i;
	count_up(&gate);
	gate_wait(&opened);
	for (int i = 0; i < 100; i++)
		CHECK_EQ(local[i], (uint32_t)arg1 + i);
	adds(arg1, (void *)1);
}

static void
at_once(int n)
{
	struct Count before = {0};

	for (int round = 0; round < 2; round++) {
		if (round == 1)
			before = count_now();
		sum = gate = opened = 0;
		for (int i = 0; i < n; i++)
			must_create(stays, (void *)i, NULL);
		AWAIT(gate == (uint32_t)n);
		CHECK_EQ(envs_of(thisenv->env_id), n + 1);
		gate_open(&opened);
		must_join(n);
		CHECK_EQ(sum, n * (n - 1) / 2);
		CHECK_EQ(thread_join(), -1);
	}
	nothing_lost("many at once", before, KEPT_PAGES);
}

// Until no env is left: -1, and all that are there work.
static void
until_refused(int arg)
{
	struct Count before = count_now();
	int n = 0;

	sum = gate = opened = 0;
	while (thread_create(stays, (void *)n, NULL) > 0)
		n++;
	CHECK(n > ATONCE);
	for (int i = 0; i < 10; i++)
		CHECK_EQ(thread_create(stays, NULL, NULL), -1);
	AWAIT(gate == (uint32_t)n);
	gate_open(&opened);
	must_join(n);
	CHECK_EQ(sum, n * (n - 1) / 2);
	CHECK_EQ(thread_join(), -1);
	nothing_lost("until refused", before, KEPT_PAGES + NENV / 8);
}

static void
makes_some(void *arg1, void *arg2)
{
	for (int i = 0; i < 50; i++)
		must_create(adds, (void *)1, (void *)1);
}

// Several create while several join.
static void
from_threads(int arg)
{
	int n = 0;

	for (int i = 0; i < 8; i++)
		must_create(makes_some, NULL, NULL);
	while (thread_join() > 0)
		n++;
	CHECK_EQ(n, 8 * 51);
	CHECK_EQ(sum, 8 * 50);
}

static void
creates_and_joins(void *arg1, void *arg2)
{
	for (int i = 0; i < 50; i++) {
		must_create(adds, (void *)1, (void *)1);
		must_join(1); // somebody's
	}
	count_up(&gate);
}

static void
pairs_from_threads(int arg)
{
	gate = 0;
	for (int i = 0; i < 6; i++)
		must_create(creates_and_joins, NULL, NULL);
	AWAIT(gate == 6);
	must_join(6);
	CHECK_EQ(thread_join(), -1);
	CHECK_EQ(sum, 6 * 50);
}

// All memory is taken: -1 and nothing lost; then some is there, and it works.
static void
without_memory(int arg)
{
	uintptr_t va = AREA;
	int n = 0;

	must_create(adds, (void *)1, (void *)1);
	must_join(1);
	while (sys_page_alloc(0, (void *)va, RW) == 0)
		va += PGSIZE;
	gate = opened = 0;
	while (thread_create(stays, NULL, NULL) > 0)
		n++; // from what the library has kept
	CHECK(n < 64);
	CHECK_EQ(thread_create(stays, NULL, NULL), -1);
	gate_open(&opened);
	must_join(n);
	CHECK_EQ(thread_join(), -1);
	while (va > AREA)
		CHECK_EQ(sys_page_unmap(0, (void *)(va -= PGSIZE)), 0);
	for (int i = 0; i < 20; i++)
		must_create(adds, (void *)1, (void *)1);
	must_join(20);
}

static void
recurses_in_thread(void *depth, void *arg2)
{
	recurses((int)depth);
}

// What a few pages have room for goes well; what no stack has room for ends the process
// at the stack's end.
static void
stack_is_enough(int arg)
{
	must_create(recurses_in_thread, (void *)20, NULL);
	must_join(1);
}

static void
stack_overflows(int arg)
{
	gate = opened = 0;
	must_create(stays, (void *)1, NULL);
	must_create(recurses_in_thread, (void *)1000000, NULL);
	must_create(stays, (void *)3, NULL);
	for (;;)
		sys_yield();
}

// Whether nothing is at va, and no pager will put anything there.
static bool
is_guard(uintptr_t va)
{
	return !(entry_of(va) & (PTE_P | PTE_PAGED));
}

static void
notes_stack(void *arg1, void *arg2)
{
	uintptr_t frame = (uintptr_t)__builtin_frame_address(0), va = frame;

	stack_of[(int)arg1] = frame;
	for (int i = 0; i < THREAD_SLOT / PGSIZE && !is_guard(va); i++)
		va -= PGSIZE;
	CHECK(is_guard(va));
	meet(&gate, 64);
}

// A guard page under each stack, and all stacks apart.
static void
guards(int arg)
{
	gate = 0;
	for (int i = 0; i < 64; i++)
		must_create(notes_stack, (void *)i, NULL);
	must_join(64);
	for (int i = 0; i < 64; i++)
		for (int j = 0; j < i; j++)
			CHECK(MAX(stack_of[i], stack_of[j]) - MIN(stack_of[i], stack_of[j]) >=
			      2 * PGSIZE);
}

void
umain(int argc, char **argv)
{
	share_results();
	child_counted("simple", simple, 0);
	child_counted("from threads", from_threads, 0);
	child_counted("pairs from threads", pairs_from_threads, 0);
	child_counted("without memory", without_memory, 0);
	child_counted("stack", stack_is_enough, 0);
	child_counted("stacks", guards, 0);
	death_counted("stack overflow", stack_overflows, 0);
	CHECK(stack_reached() < THREAD_SLOT);
	child_counted("at once", at_once, ATONCE);
	child_counted("until refused", until_refused, 0);
	child_counted("pairs", pairs, arg_number(argc, argv, 1, 1000));
	PASS("kt_create");
}
