// fork while other threads take and free blocks: the child's heap is in order, what it had
// it still has, and what the caches of threads that are not there held is not lost.
//
// Argument: forks (20).
#include <test/guest/kt_check.h>

#define NTHREADS 4
#define NOWN 50

static volatile uint32_t stop, rounds;
static char *own[NOWN]; // blocks from before the forks

static void
works(void *arg1, void *arg2)
{
	void *block[40] = {NULL};
	uint32_t random = (uint32_t)arg1 + 1;

	while (!stop) {
		uint32_t n = next_random(&random) % 40;

		if (block[n]) {
			free(block[n]);
			block[n] = NULL;
		} else {
			CHECK(block[n] = malloc(next_random(&random) % 3000));
		}
		rounds++;
		if (n == 0)
			sys_yield();
	}
	for (int i = 0; i < 40; i++)
		free(block[i]);
}

// The child's only thread uses all the heap, and can have threads again.
static void
child_works(int arg)
{
	char *block[200];
	uint32_t random = 99;

	CHECK_EQ(thread_join(), -1);
	for (int i = 0; i < NOWN; i++)
		for (int j = 0; j < 200; j++)
			CHECK_EQ(own[i][j], i);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 200; i++) {
			uint32_t size = 1 + next_random(&random) % 2500;

			CHECK(block[i] = malloc(size));
			memset(block[i], i, size);
			block[i][0] = i;
		}
		for (int i = 0; i < 200; i++) {
			CHECK_EQ((uint8_t)block[i][0], i);
			free(block[i]);
		}
	}
	for (int i = 0; i < NOWN; i++)
		free(own[i]);
	stop = 1;
	must_create(works, NULL, NULL);
	must_join(1);
}

static void
forks(int times)
{
	for (int i = 0; i < NOWN; i++) {
		CHECK(own[i] = malloc(200));
		memset(own[i], i, 200);
	}
	for (int i = 0; i < NTHREADS; i++)
		must_create(works, (void *)i, NULL);
	for (int i = 0; i < times; i++) {
		uint32_t had = rounds;

		child_must_live("its heap", child_works, 0);
		AWAIT(rounds != had);
	}
	stop = 1;
	must_join(NTHREADS);
	for (int i = 0; i < NOWN; i++)
		free(own[i]);
}

// What other threads have in their caches is free in the child: nothing stays behind
// after a chain of forks.
static volatile uint32_t gate;

static void
fills_cache(void *arg1, void *arg2)
{
	void *block[16];

	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < 16; i++)
			block[i] = malloc(16 << round);
		for (int i = 0; i < 16; i++)
			free(block[i]);
	}
	count_up(&gate);
	for (;;)
		sys_ipc_recv(NO_PAGE);
}

static void
chain(int depth)
{
	while (depth-- > 0) {
		gate = 0;
		for (int i = 0; i < 4; i++)
			must_create(fills_cache, NULL, NULL);
		AWAIT(gate == 4);
		envid_t id = fork();
		CHECK(id >= 0);
		if (id > 0) {
			wait(id);
			return;
		}
	}
	CHECK(heap_pages() < 60);
	count_up(&shared->ready);
}

void
umain(int argc, char **argv)
{
	share_results();
	sync(); // the file server is up, and has what it needs
	child_counted("chain", chain, 20);
	CHECK_EQ(shared->ready, 2);
	forks(arg_number(argc, argv, 1, 20));
	PASS("malloc_fork");
}
