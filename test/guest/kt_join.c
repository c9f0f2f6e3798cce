// join: ids and stacks, each once; nothing to join; join and wait keep to their own.
#include <test/guest/kt_check.h>

#define NTHREADS 8

#define NMANY 200
#define NJOINERS 4
#define NALL (NMANY + NJOINERS + 1)

static char stacks[NALL][PGSIZE] __attribute__((aligned(PGSIZE)));
static volatile uint32_t stop[NTHREADS], gate, joined[NTHREADS], had[NALL];
static volatile envid_t id_of[NTHREADS];

static void
until_told(void *arg1, void *arg2)
{
	AWAIT(stop[(int)arg1]);
	exit();
}

static void
nothing_to_join(int arg)
{
	void *stack = (void *)0x1234;

	CHECK_EQ(join(&stack), -1);
	CHECK(stack == (void *)0x1234);
	CHECK_EQ(thread_join(), -1);
	CHECK_EQ(sys_join(NULL, NULL), -E_BAD_ENV);
}

// In the order in which they end, each with its own stack, and then no more.
static void
in_order_of_end(int arg)
{
	for (int i = 0; i < NTHREADS; i++)
		id_of[i] = clone(until_told, (void *)i, NULL, stacks[i]);
	for (int i = 0; i < NTHREADS; i++) {
		int n = (i * 3 + 1) % NTHREADS;

		CHECK(id_of[n] > 0);
		CHECK_EQ(sys_join(NULL, NULL), -E_AGAIN);
		stop[n] = 1;
		must_join_clone(id_of[n], stacks[n]);
		CHECK_EQ(sys_env_destroy(id_of[n]), -E_BAD_ENV);
	}
	nothing_to_join(0);
}

// Ended long before.
static void
already_ended(int arg)
{
	envid_t id = clone(exits_at_once, NULL, NULL, stacks[3]);

	await_zombie(id);
	busy_msec(20);
	must_join_clone(id, stacks[3]);
}

static void
takes_a_while(void *arg1, void *arg2)
{
	sleep_msec(200);
	exit();
}

// join sleeps: a main thread that waited by turning would show in env_runs.
static void
sleeps(int arg)
{
	uint32_t runs = thisenv->env_runs;
	void *stack;

	CHECK(clone(takes_a_while, NULL, NULL, stacks[0]) > 0);
	CHECK(join(&stack) > 0);
	CHECK(thisenv->env_runs - runs < 20);
}

static void
joins_main_thread(void *arg1, void *arg2)
{
	void *stack;

	// The caller and main are no one's to join.
	joined[0] = join(&stack);
	joined[1] = sys_join(NULL, NULL);
	exit();
}

static void
not_main_nor_self(int arg)
{
	void *stack;

	CHECK(clone(joins_main_thread, NULL, NULL, stacks[0]) > 0);
	CHECK(join(&stack) > 0);
	CHECK_EQ(joined[0], -1);
	CHECK_EQ(joined[1], -E_BAD_ENV);
}

static void
makes_one(void *arg1, void *arg2)
{
	id_of[0] = clone(exits_at_once, NULL, NULL, stacks[5]);
	exit();
}

static void
joins_one(void *arg1, void *arg2)
{
	void *stack;

	joined[0] = join(&stack);
	joined[1] = (uint32_t)stack;
	stop[0] = 1;
	AWAIT(stop[1]);
	exit();
}

// A thread joins what another has made, and that has made another.
static void
whoever_made_it(int arg)
{
	void *stack;
	envid_t a, b = clone(makes_one, NULL, NULL, stacks[4]);

	AWAIT(id_of[0] > 0);
	a = join(&stack);
	CHECK(a == b ? stack == stacks[4] : a == id_of[0] && stack == stacks[5]);
	CHECK(clone(joins_one, NULL, NULL, stacks[6]) > 0);
	AWAIT(stop[0]);
	CHECK_EQ(joined[0], a == b ? id_of[0] : b);
	CHECK_EQ(joined[1], (uint32_t)(a == b ? stacks[5] : stacks[4]));
	stop[1] = 1;
	CHECK(join(&stack) > 0);
	nothing_to_join(0);
}

static void
joins_its_share(void *arg1, void *arg2)
{
	void *stack;

	meet(&gate, NJOINERS);
	for (int i = 0; i < NMANY / NJOINERS; i++) {
		CHECK(join(&stack) > 0);
		count_up(&had[((char *)stack - stacks[0]) / PGSIZE]);
	}
	count_up(&joined[0]);
	exit();
}

// Several join at once, each other as well: each thread is had once, with its own stack.
// One stays until all are made, so that there always is one to wait for.
static void
several_joiners(int arg)
{
	void *stack;

	CHECK(clone(until_told, (void *)0, NULL, stacks[NALL - 1]) > 0);
	for (int i = 0; i < NJOINERS; i++)
		CHECK(clone(joins_its_share, NULL, NULL, stacks[NMANY + i]) > 0);
	for (int i = 0; i < NMANY; i++)
		CHECK(clone(exits_at_once, NULL, NULL, stacks[i]) > 0);
	stop[0] = 1;
	AWAIT(joined[0] == NJOINERS);
	for (int i = 0; i < NALL - NMANY; i++) {
		CHECK(join(&stack) > 0);
		count_up(&had[((char *)stack - stacks[0]) / PGSIZE]);
	}
	for (int i = 0; i < NALL; i++)
		CHECK_EQ(had[i], 1);
	nothing_to_join(0);
}

// A pointer that is not there: -1, and the thread can still be joined.
static void
bad_pointers(int arg)
{
	static const uint32_t bad[] = {AREA + 0x100000, KERNBASE, 0xfffffffe};
	envid_t id = clone(exits_at_once, NULL, NULL, stacks[1]);

	CHECK_EQ(flexsc_register(), 0);
	// Its slot says that it has ended a moment before join finds it.
	AWAIT(sys_join((void **)bad[0], NULL) != -E_AGAIN);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK_EQ(join((void **)bad[i]), -1);
		CHECK_EQ(sys_join((void **)bad[i], NULL), -E_FAULT);
		CHECK_EQ(sys_join(NULL, (void **)bad[i]), -E_FAULT);
		CHECK_EQ(flex_join((void **)bad[i], NULL), -E_FAULT);
		CHECK_EQ(flex_join(NULL, (void **)bad[i]), -E_FAULT);
	}
	must_join_clone(id, stacks[1]);
}

static void
exits_with_7(int arg)
{
	exit_status(7);
}

// join is for threads, wait for processes.
static void
join_and_wait(int arg)
{
	envid_t child = child_watched(exits_with_7, 0), id;

	await_zombie(child);
	nothing_to_join(0);
	id = clone(exits_at_once, NULL, NULL, stacks[2]);
	must_join_clone(id, stacks[2]);
	nothing_to_join(0);
	id = clone(exits_at_once, NULL, NULL, stacks[2]);
	await_zombie(id);
	CHECK_EQ(sys_env_collect(id), -E_BAD_ENV);
	CHECK_EQ(wait_status(child), 7);
	CHECK_EQ(envs[ENVX(id)].env_status, ENV_ZOMBIE);
	must_join_clone(id, stacks[2]);
}

static void
waits_for(void *arg1, void *arg2)
{
	joined[2] = wait_status((envid_t)arg1);
	exit();
}

// Any thread may wait for any child of the process, whoever forked it.
static void
forks_one(void *arg1, void *arg2)
{
	id_of[1] = child_watched(exits_with_7, 0);
	CHECK_EQ(envs[ENVX(id_of[1])].env_parent_id, (envid_t)arg1);
	exit();
}

static void
wait_in_threads(int arg)
{
	void *stack;

	CHECK(clone(forks_one, (void *)thisenv->env_id, NULL, stacks[0]) > 0);
	CHECK(join(&stack) > 0);
	CHECK(clone(waits_for, (void *)id_of[1], NULL, stacks[1]) > 0);
	CHECK(join(&stack) > 0);
	CHECK_EQ(joined[2], 7);
	CHECK(clone(forks_one, (void *)thisenv->env_id, NULL, stacks[0]) > 0);
	CHECK(join(&stack) > 0);
	CHECK_EQ(wait_status(id_of[1]), 7);
}

// An ended process's threads need no join.
static void
leaves_zombies(int arg)
{
	for (int i = 0; i < 5; i++) {
		envid_t id = clone(exits_at_once, NULL, NULL, stacks[i]);

		await_zombie(id);
	}
}

void
umain(int argc, char **argv)
{
	share_results();
	child_counted("nothing to join", nothing_to_join, 0);
	child_counted("order", in_order_of_end, 0);
	child_counted("already ended", already_ended, 0);
	child_counted("sleeping", sleeps, 0);
	child_counted("main and self", not_main_nor_self, 0);
	child_counted("another's thread", whoever_made_it, 0);
	child_counted("several joiners", several_joiners, 0);
	child_counted("bad pointers", bad_pointers, 0);
	child_counted("join and wait", join_and_wait, 0);
	child_counted("wait in threads", wait_in_threads, 0);
	child_counted("zombies left", leaves_zombies, 0);
	PASS("kt_join");
}
