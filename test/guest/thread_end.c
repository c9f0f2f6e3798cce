// One thread ends, by exit, by return, by another thread's hand, again and again, while
// others allocate, post calls through pages of their own, and make threads: nobody else
// is disturbed.
//
// Argument: milliseconds (500).
#include <test/guest/kt_check.h>

#define NWORKERS 4

static volatile uint32_t stop, rounds[NWORKERS], began;

static void
ends_somehow(void *arg1, void *arg2)
{
	if ((uint32_t)arg1 % 2)
		exit();
}

static void
allocates(void *arg1, void *arg2)
{
	uint32_t random = 17;
	char *block[16] = {NULL};
	uint32_t size[16];

	while (!stop) {
		int n = next_random(&random) % 16;

		if (block[n]) {
			CHECK_EQ(block[n][0], n);
			CHECK_EQ(block[n][size[n] - 1], n);
			free(block[n]);
			block[n] = NULL;
		} else {
			size[n] = 1 + next_random(&random) % 3000;
			CHECK(block[n] = malloc(size[n]));
			block[n][0] = block[n][size[n] - 1] = n;
		}
		rounds[0]++;
	}
	for (int n = 0; n < 16; n++)
		free(block[n]);
}

static void
posts(void *arg1, void *arg2)
{
	struct FscEntry *e[8];

	CHECK_EQ(flexsc_register(), 0);
	if (arg1)
		CHECK_EQ(flexsc_affinity((uint32_t)arg1), 0);
	while (!stop) {
		for (int i = 0; i < 8; i++)
			CHECK(e[i] = flex_post(SYS_getenvid, 0, 0, 0, 0, 0));
		for (int i = 0; i < 8; i++)
			CHECK_EQ(flex_collect(e[i]), thisenv->env_id);
		rounds[arg1 ? 1 : 2]++;
	}
}

// Waits in a call until it is ended.
static void
waits(void *arg1, void *arg2)
{
	static volatile uint32_t never;

	if (arg1) {
		CHECK_EQ(flexsc_register(), 0);
		flex_post(SYS_futex_wait, (uint32_t)&never, 0, 0, 0, 0);
	}
	count_up(&began);
	for (;;)
		if (arg2)
			sys_futex_wait(&never, 0);
		else
			flexsc_wait();
}

static void
ends_others(void *arg1, void *arg2)
{
	for (uint32_t i = 0; !stop; i++) {
		began = 0;
		envid_t id = must_create(waits, (void *)(i & 1), (void *)(i & 2));
		AWAIT(began);
		CHECK_EQ(sys_env_destroy(id), 0);
		must_join(1);
		must_create(ends_somehow, (void *)i, NULL);
		must_join(1);
		rounds[3]++;
	}
}

// A worker of clone's, which no thread_join takes.
static void
works(void *arg1, void *arg2)
{
	void (*const body)(void *, void *) = arg1;

	body(arg2, NULL);
	exit();
}

static void
all_at_once(int msec)
{
	static char stacks[NWORKERS][PGSIZE] __attribute__((aligned(PGSIZE)));
	uint32_t last[NWORKERS], other_cpu = 1u << (sysinfo.ncpu - 1);
	void *stack;

	CHECK(clone(works, allocates, NULL, stacks[0]) > 0);
	CHECK(clone(works, posts, (void *)other_cpu, stacks[1]) > 0);
	CHECK(clone(works, posts, NULL, stacks[2]) > 0);
	CHECK(clone(works, ends_others, NULL, stacks[3]) > 0);
	for (int left = msec; left > 0; left -= 50) {
		sleep_msec(50);
		for (int i = 0; i < NWORKERS; i++)
			last[i] = rounds[i];
		// All of them go on.
		for (int i = 0; i < NWORKERS; i++)
			AWAIT(rounds[i] != last[i]);
	}
	stop = 1;
	for (int i = 0; i < NWORKERS; i++)
		CHECK(join(&stack) > 0);
	CHECK_EQ(join(&stack), -1);
}

void
umain(int argc, char **argv)
{
	all_at_once(arg_number(argc, argv, 1, 500));
	PASS("thread_end");
}
