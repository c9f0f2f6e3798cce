// join and thread_join side by side: each gets its own kind, whoever else joins at the
// same time; who waits for a thread that another has joined learns that there is none;
// no stack is lost or freed twice.
//
// Argument: rounds of the mixed part (200).
#include <test/guest/kt_check.h>

#define NTHREADS 6

static char stacks[NTHREADS][PGSIZE] __attribute__((aligned(PGSIZE)));
static volatile uint32_t stop, gate, done;
static volatile int32_t result[4];

static void
until_stop(void *arg1, void *arg2)
{
	gate_wait(&stop);
	exit();
}

// join takes those of clone first, whichever ended first, and then the others.
static void
clones_first(int arg)
{
	void *stack = NULL;
	envid_t created = must_create(exits_at_once, NULL, NULL), bare;

	await_zombie(created);
	bare = clone(exits_at_once, NULL, NULL, stacks[0]);
	CHECK(bare > 0);
	must_join_clone(bare, stacks[0]);
	// Its stack is the caller's now, as if it had been malloc's.
	CHECK_EQ(join(&stack), created);
	CHECK_EQ((uintptr_t)stack % PGSIZE, 0);
	*(volatile uint32_t *)stack = 1;
	free(stack);
	CHECK_EQ(join(&stack), -1);
}

// thread_join leaves those of clone, and their stacks, to join.
static void
not_of_clone(int arg)
{
	envid_t bare = clone(exits_at_once, NULL, NULL, stacks[1]), created;

	await_zombie(bare);
	CHECK_EQ(thread_join(), -1);
	created = must_create(exits_at_once, NULL, NULL);
	CHECK_EQ(thread_join(), created);
	CHECK_EQ(thread_join(), -1);
	must_join_clone(bare, stacks[1]);
}

static void
without_stack(int arg)
{
	envid_t id = clone(exits_at_once, NULL, NULL, stacks[0]);

	CHECK_EQ(join(NULL), id);
	id = must_create(exits_at_once, NULL, NULL);
	CHECK_EQ(join(NULL), id);
	CHECK_EQ(join(NULL), -1);
}

// Stacks that join has given away and nobody has freed are not used again.
static void
stacks_kept(int arg)
{
	void *stack[20];

	for (int i = 0; i < 20; i++) {
		must_create(exits_at_once, NULL, NULL);
		CHECK(join(&stack[i]) > 0);
		memset(stack[i], i, PGSIZE);
	}
	for (int i = 0; i < 20; i++) {
		for (int j = 0; j < PGSIZE; j++)
			CHECK_EQ(((char *)stack[i])[j], i);
		free(stack[i]);
	}
}

static void
frees_twice(int arg)
{
	void *stack;

	must_create(exits_at_once, NULL, NULL);
	CHECK(join(&stack) > 0);
	free(stack);
	free(stack);
}

static void
frees_anothers(int arg)
{
	must_create(until_stop, NULL, NULL);
	free((void *)(THREADS_BASE + THREAD_SLOT - PGSIZE));
}

static void
joins(void *arg1, void *arg2)
{
	void *stack;

	count_up(&gate);
	result[(int)arg1] = arg2 ? thread_join() : join(&stack);
	count_up(&done);
	if (arg2)
		exit();
}

// Two wait for one thread; one of them gets it and the other -1.
static void
one_for_two(int arg)
{
	void *stack;
	envid_t id = must_create(until_stop, NULL, NULL);

	// Of clone, so that thread_join doesn't wait for it.
	CHECK(clone(joins, (void *)0, (void *)1, stacks[0]) > 0);
	CHECK(clone(joins, (void *)1, (void *)1, stacks[1]) > 0);
	AWAIT(gate == 2);
	busy_msec(arg);
	CHECK_EQ(done, 0);
	gate_open(&stop);
	AWAIT(done == 2);
	CHECK((result[0] == id && result[1] == -1) || (result[0] == -1 && result[1] == id));
	CHECK(join(&stack) > 0);
	CHECK(join(&stack) > 0);
	CHECK_EQ(join(&stack), -1);
}

// A joiner of each kind sleeps when the threads end: what one gets and does not want
// reaches the other.
static void
handed_over(int arg)
{
	void *stack;
	envid_t a, b;

	a = must_create(until_stop, NULL, NULL);
	b = clone(until_stop, NULL, NULL, stacks[0]);
	CHECK(clone(joins, (void *)0, (void *)1, stacks[1]) > 0);
	AWAIT(gate == 1);
	busy_msec(arg);
	gate_open(&stop);
	for (int i = 0; i < 2; i++) {
		envid_t id = join(&stack);

		CHECK(id > 0 && id != a);
		CHECK(stack == (id == b ? stacks[0] : stacks[1]));
	}
	CHECK_EQ(result[0], a);
	CHECK_EQ(join(&stack), -1);
}

// ---- Both kinds, made and joined by several at once ---------------------------------------

// Thread_create's, in fours; some of those that it joins may be another's.
static void
creates(void *fours, void *arg2)
{
	for (uint32_t i = 0; i < (uint32_t)fours; i++) {
		for (int j = 0; j < 4; j++)
			must_create(exits_at_once, NULL, NULL);
		must_join(4);
	}
	count_up(&done);
	exit();
}

// The place of a stack in stacks.
static int
place_of(const void *stack)
{
	for (int i = 0; i < NTHREADS; i++)
		if (stack == stacks[i])
			return i;
	panic("%08x is none of our stacks", (uint32_t)stack);
}

static void
mixed(int times)
{
	void *stack;
	uint32_t random = 5;
	bool there[NTHREADS] = {false};

	// Of clone: they are not what creates() joins, nor do they wait for each other.
	for (int i = 0; i < 2; i++) {
		CHECK(clone(creates, (void *)(times / 4), NULL, stacks[i]) > 0);
		there[i] = true;
	}
	for (int i = 0; i < times; i++) {
		int n = 2 + next_random(&random) % (NTHREADS - 2);

		for (int j = 2; j < n; j++) {
			CHECK(clone(exits_at_once, NULL, NULL, stacks[j]) > 0);
			there[j] = true;
		}
		for (int left = n - 2; left > 0;) {
			CHECK(join(&stack) > 0);
			CHECK(there[place_of(stack)]); // each once
			there[place_of(stack)] = false;
			left -= place_of(stack) >= 2;
		}
	}
	AWAIT(done == 2);
	while (join(&stack) > 0) {
		CHECK(there[place_of(stack)]);
		there[place_of(stack)] = false;
	}
	for (int i = 0; i < NTHREADS; i++)
		CHECK(!there[i]);
	CHECK_EQ(thread_join(), -1);
}

void
umain(int argc, char **argv)
{
	int times = arg_number(argc, argv, 1, 200);

	share_results();
	sync(); // the file server is up, and has what it needs
	child_counted("clones first", clones_first, 0);
	child_counted("not of clone", not_of_clone, 0);
	child_counted("no stack wanted", without_stack, 0);
	child_counted("stacks kept", stacks_kept, 0);
	death_counted("a stack freed twice", frees_twice, 0);
	death_counted("another's stack freed", frees_anothers, 0);
	for (int i = 0; i < 10; i++) {
		child_counted("one for two", one_for_two, i);
		child_counted("handed over", handed_over, i);
	}
	child_counted("mixed", mixed, times);
	PASS("thread_join");
}
