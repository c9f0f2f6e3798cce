// fork in a process with threads: the child has one thread, and memory as it was at
// one moment, whatever the others were doing; they lose nothing either.
//
// Argument: forks in each part (12).
#include <test/guest/kt_check.h>

#define NWRITERS 3
#define NPAGES 8
#define WORDS (PGSIZE / 4)

static volatile uint32_t data[NPAGES * WORDS] __attribute__((aligned(PGSIZE)));
static volatile uint32_t first[NWRITERS * WORDS] __attribute__((aligned(PGSIZE)));
static volatile uint32_t second[NWRITERS * WORDS] __attribute__((aligned(PGSIZE)));
static volatile uint32_t gate, stop, written[NWRITERS];
static uint32_t forks;

// first, then second: nobody ever sees second ahead of first, nor far behind it.
static void
writes_in_order(void *arg1, void *arg2)
{
	uint32_t me = (uint32_t)arg1, n = 0;

	count_up(&gate);
	while (!stop) {
		n++;
		first[me * WORDS] = n;
		barrier();
		second[me * WORDS] = n;
		barrier();
		if (n % 256 == 0)
			sys_yield();
		// nothing that a thread wrote is lost to a fork
		CHECK_EQ(first[me * WORDS], n);
		CHECK_EQ(second[me * WORDS], n);
	}
	written[me] = n;
}

static void
child_checks(int arg)
{
	envid_t mine = sys_getenvid();

	CHECK_EQ(thisenv->env_id, mine);
	CHECK_EQ(thisenv->env_process, mine);
	CHECK_EQ(thisenv->env_parent_id, arg);
	CHECK_EQ(thisenv->env_type, ENV_TYPE_USER);
	CHECK_EQ(envs_of(mine), 1);
	for (int i = 0; i < NWRITERS; i++) {
		uint32_t a = first[i * WORDS], b = second[i * WORDS];

		if (a != b && a != b + 1)
			panic("no moment had first %u and second %u", a, b);
		for (int j = 0; j < 2; j++) { // nobody writes here any more
			sys_yield();
			CHECK(first[i * WORDS] == a && second[i * WORDS] == b);
		}
	}
	CHECK_EQ(thread_join(), -1);
}

static void
starts_writers(void)
{
	gate = stop = 0;
	for (int i = 0; i < NWRITERS; i++)
		must_create(writes_in_order, (void *)i, NULL);
	AWAIT(gate == NWRITERS);
}

static void
ends_writers(void)
{
	stop = 1;
	must_join(NWRITERS);
	for (int i = 0; i < NWRITERS; i++) {
		CHECK_EQ(first[i * WORDS], written[i]);
		CHECK_EQ(second[i * WORDS], written[i]);
	}
}

static void
by_main(int page)
{
	if (page)
		CHECK_EQ(flexsc_register(), 0);
	starts_writers();
	for (uint32_t i = 0; i < forks; i++)
		CHECK_EQ(wait_status(child_watched(child_checks, thisenv->env_id)), 0);
	ends_writers();
}

// The child of a thread makes threads itself, and forks on.
static void
grandchild(int arg)
{
	data[0]++;
	child_checks(arg);
}

static void
adds_one(void *arg1, void *arg2)
{
	count_up(&data[(int)arg1 * WORDS]);
}

static void
child_with_threads(int arg)
{
	uint32_t was[NPAGES];

	child_checks(arg);
	for (int i = 0; i < NPAGES; i++) {
		was[i] = data[i * WORDS];
		must_create(adds_one, (void *)i, NULL);
	}
	must_join(NPAGES);
	for (int i = 0; i < NPAGES; i++)
		CHECK_EQ(data[i * WORDS], was[i] + 1);
	CHECK_EQ(flexsc_register(), 0);
	CHECK_EQ(flex_getenvid(), thisenv->env_id);
	CHECK_EQ(wait_status(child_watched(grandchild, thisenv->env_id)), 0);
}

static void
forks_in_thread(void *arg1, void *arg2)
{
	volatile uint32_t local = 5;

	if (arg2)
		CHECK_EQ(flexsc_register(), 0);
	for (uint32_t i = 0; i < forks / 2; i++) {
		envid_t id = child_watched(child_with_threads, (envid_t)arg1);

		local++;
		CHECK_EQ(envs[ENVX(id)].env_parent_id, (envid_t)arg1);
		CHECK_EQ(wait_status(id), 0);
		CHECK_EQ(local, 6 + i);
		CHECK_EQ(sys_getenvid(), thisenv->env_id);
	}
}

static void
by_thread(int page)
{
	starts_writers();
	must_create(forks_in_thread, (void *)thisenv->env_id, (void *)page);
	must_join(1); // the writers go on
	ends_writers();
}

// Several fork at the same time, while others write.
static void
by_several(int page)
{
	starts_writers();
	for (int i = 0; i < 3; i++)
		must_create(forks_in_thread, (void *)thisenv->env_id, (void *)(i < page));
	must_join(3);
	ends_writers();
}

// Threads that come and go, and allocate, while main forks: the child's copies of the
// library's own data are sound.
static void
makes_and_joins(void *arg1, void *arg2)
{
	count_up(&gate);
	while (!stop) {
		void *p = malloc(300), *q = malloc(5000);

		CHECK(p && q);
		must_create(adds_one, (void *)0, NULL);
		free(p);
		must_join(1);
		free(q);
	}
}

static void
child_allocates(int arg)
{
	void *p[40];

	for (int i = 0; i < 40; i++) {
		p[i] = malloc(100 << i % 8);
		CHECK(p[i]);
		memset(p[i], i, 100 << i % 8);
	}
	for (int i = 0; i < 40; i++) {
		CHECK_EQ(*(char *)p[i], i);
		free(p[i]);
	}
	must_create(adds_one, (void *)1, NULL);
	must_join(1);
	CHECK_EQ(thread_join(), -1);
}

static void
while_others_allocate(int arg)
{
	gate = stop = 0;
	must_create(makes_and_joins, NULL, NULL);
	must_create(makes_and_joins, NULL, NULL);
	AWAIT(gate == 2);
	for (uint32_t i = 0; i < forks; i++)
		CHECK_EQ(wait_status(child_watched(child_allocates, 0)), 0);
	stop = 1;
	while (thread_join() > 0)
		;
}

// The exception stack of the thread that forked is the child's, and works.
static volatile uint32_t faults;

static void
maps_page(struct UTrapframe *utf)
{
	faults++;
	CHECK_EQ(sys_page_alloc(0, (void *)ROUNDDOWN(utf->utf_fault_va, PGSIZE), RW), 0);
}

static void
child_faults(int arg)
{
	faults = 0;
	for (int i = 0; i < 10; i++)
		*(volatile uint32_t *)(AREA + i * PGSIZE) = i;
	CHECK_EQ(faults, 10);
	for (int i = 0; i < NPAGES; i++)
		data[i * WORDS] = i;
}

static void
thread_with_handler(void *arg1, void *arg2)
{
	set_pgfault_handler(maps_page);
	for (int i = 0; i < 5; i++)
		CHECK_EQ(wait_status(child_watched(child_faults, 0)), 0);
	*(volatile uint32_t *)(AREA + 20 * PGSIZE) = 1;
}

static void
handlers(int arg)
{
	must_create(thread_with_handler, NULL, NULL);
	must_join(1);
	CHECK_EQ(*(volatile uint32_t *)(AREA + 20 * PGSIZE), 1);
}

void
umain(int argc, char **argv)
{
	forks = arg_number(argc, argv, 1, 12);
	share_results();
	child_counted("handlers", handlers, 0);
	child_counted("by main", by_main, 0);
	child_counted("by main, page", by_main, 1);
	child_counted("by a thread", by_thread, 0);
	child_counted("by a thread, page", by_thread, 1);
	child_counted("by several", by_several, 1);
	child_counted("while others allocate", while_others_allocate, 0);
	PASS("kt_fork");
}
