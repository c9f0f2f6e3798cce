// A thread cannot be reached before it is complete: siblings that know the id that the
// next thread gets start it, stop it and end it all the time.
#include <test/guest/check.h>

static char stacks[3][PGSIZE] __attribute__((aligned(PGSIZE)));
static volatile envid_t next;
static volatile uint32_t stop, began;

static void
begins(void *arg1, void *arg2)
{
	count_up(&began);
	sys_env_exit(0);
}

// On a CPU of its own it goes on.
static void
others_turn(int n)
{
	if (n % 64 == 0)
		sys_yield();
}

static void
starts(void *arg1, void *arg2)
{
	for (int n = 1; !stop; n++) {
		sys_env_set_status(next, ENV_RUNNABLE);
		others_turn(n);
	}
	sys_env_exit(0);
}

static void
ends(void *arg1, void *arg2)
{
	for (int n = 1; !stop; n++) {
		sys_env_destroy(next);
		others_turn(n);
	}
	sys_env_exit(0);
}

static void
rounds(thread_fn meddles, int n, bool all_begin)
{
	envid_t id;

	stop = began = 0;
	next = 0x7ffff000;
	CHECK(sys_clone(meddles, 0, 0, stacks[1], NULL) > 0);
	for (int i = 0; i < n; i++) {
		id = sys_clone(begins, 0, 0, stacks[0], NULL);
		CHECK(id > 0);
		AWAIT(sys_join(NULL, NULL) == id);
		// Slots are reused, the last freed first.
		next = ((id + (1 << ENVGENSHIFT)) & ~(NENV - 1)) | ENVX(id);
	}
	if (all_begin)
		CHECK_EQ(began, n);
	stop = 1;
	AWAIT((id = sys_join(NULL, NULL)) != -E_AGAIN);
	CHECK(id > 0);
}

void
umain(int argc, char **argv)
{
	int n = argc > 1 ? strtol(argv[1], NULL, 0) : 1000;

	rounds(starts, n, true);
	rounds(ends, n, false);
	CHECK_EQ(sys_join(NULL, NULL), -E_BAD_ENV);
	PASS("clone_race");
}
