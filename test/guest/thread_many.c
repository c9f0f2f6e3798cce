// Thousands of threads, one after the other and at once, of clone and of thread_create, also
// with syscall pages of their own; every page comes back while the process goes on.
//
// Argument: create/join pairs of each kind (1000; 10000 in the full tier).
#include <test/guest/kt_check.h>

#define ATONCE 1000

static char stack[PGSIZE] __attribute__((aligned(PGSIZE)));
static volatile uint32_t sum, gate, opened;

static void
adds(void *arg1, void *arg2)
{
	add_up(&sum, (uint32_t)arg1 + (uint32_t)arg2);
	exit();
}

// With a syscall page, and a block that it leaves behind.
static void
adds_by_page(void *arg1, void *arg2)
{
	CHECK_EQ(flexsc_register(), 0);
	CHECK_EQ(flex_getenvid(), thisenv->env_id);
	free(malloc(100));
	add_up(&sum, (uint32_t)arg1 + (uint32_t)arg2);
}

static void
clone_pair(int i)
{
	envid_t id = clone(adds, (void *)i, (void *)1, stack);

	CHECK(id > 0);
	must_join_clone(id, stack);
}

static void
create_pair(int i)
{
	envid_t id = must_create(adds, (void *)i, (void *)1);

	CHECK_EQ(thread_join(), id);
}

static void
page_pair(int i)
{
	must_create(adds_by_page, (void *)i, (void *)1);
	must_join(1);
}

// n times a thread that adds i and 1, and its join.
static void
pairs(const char *what, void (*pair)(int i), int n)
{
	struct Count before = {0};

	sum = 0;
	for (int i = 0; i < n; i++) {
		if (i == 20)
			before = count_now();
		pair(i);
	}
	CHECK_EQ(sum, n * (n - 1) / 2 + n);
	nothing_lost(what, before, 0);
}

static void
stays(void *arg1, void *arg2)
{
	char *block = malloc((uint32_t)arg1 % 300);

	CHECK(block);
	count_up(&gate);
	gate_wait(&opened);
	free(block);
}

// All that they have is back when they are joined, but for the slots that are kept.
static void
at_once(int n)
{
	struct Count before = {0};

	for (int round = 0; round < 3; round++) {
		gate = opened = 0;
		for (int i = 0; i < n; i++)
			must_create(stays, (void *)i, NULL);
		AWAIT(gate == (uint32_t)n);
		gate_open(&opened);
		must_join(n);
		if (round == 0)
			before = count_now();
	}
	nothing_lost("at once", before, 0);
}

void
umain(int argc, char **argv)
{
	int times = arg_number(argc, argv, 1, 1000);

	sync(); // the file server is up, and has what it needs
	pairs("clone", clone_pair, times);
	pairs("thread_create", create_pair, times);
	pairs("syscall pages", page_pair, times / 4);
	at_once(ATONCE);
	PASS("thread_many");
}
