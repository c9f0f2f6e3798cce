// The syscall thread on another CPU: results, sleep after idling and waking by
// the library's doorbell and by flexsc_wait, and back to calls at wait. With
// one CPU the same, on that one.
#include <test/guest/fsccheck.h>

#define IDLE_MSEC 30 // a poller sleeps long before

static envid_t parent;

static void
results(void)
{
	struct FscEntry *e[NSCENTRIES / 2];

	for (int i = 0; i < 500; i++)
		CHECK_EQ(flex_getenvid(), parent);
	for (int i = 0; i < NSCENTRIES / 2; i++)
		e[i] = flex_post(SYS_page_alloc, 0, AREA + i * PGSIZE, RW, 0, 0);
	for (int i = 0; i < NSCENTRIES / 2; i++) {
		CHECK_EQ(flex_collect(e[i]), 0);
		*(volatile uint32_t *)(AREA + i * PGSIZE) = i;
	}
	for (int i = 0; i < NSCENTRIES / 2; i++) {
		CHECK_EQ(*(volatile uint32_t *)(AREA + i * PGSIZE), i);
		CHECK_EQ(flex_page_unmap(0, (void *)(AREA + i * PGSIZE)), 0);
		CHECK(!is_mapped(AREA + i * PGSIZE));
	}
	CHECK_EQ(flex_page_alloc(0, (void *)(AREA + 1), RW), -E_INVAL);
}

// Idles until the thread sleeps, then posts: the library rings.
static void
woken_by_post(void)
{
	for (int i = 0; i < 10; i++) {
		struct FscEntry *e;

		busy_msec(IDLE_MSEC);
		e = flex_post(SYS_getenvid, 0, 0, 0, 0, 0);
		CHECK_EQ(flex_collect(e), parent);
	}
}

// The same with entries by hand: flexsc_wait rings, once it sleeps or if not.
static void
woken_by_wait(void)
{
	for (int i = 0; i < 10; i++) {
		struct FscEntry *e;

		busy_msec(i % 2 ? IDLE_MSEC : 0);
		e = entry_put(i, SYS_getenvid, 0, 0, 0, 0, 0);
		CHECK_EQ(flexsc_wait(), 1);
		CHECK_EQ(entry_take(e), parent);
	}
}

// Idle times around the moment at which the thread goes to sleep.
static void
about_to_sleep(void)
{
	uint32_t state = 12345;

	for (int i = 0; i < 300; i++) {
		uint64_t until = read_tsc() + next_random(&state) % 12000000;

		while (read_tsc() < until)
			pause();
		CHECK_EQ(flex_getenvid(), parent);
	}
}

static void
sends_later(int arg)
{
	busy_msec(IDLE_MSEC);
	ipc_send(parent, arg, (void *)UTOP, 0);
}

static void
parked(void)
{
	struct FscEntry *e = flex_post(SYS_ipc_recv, UTOP, 0, 0, 0, 0);
	envid_t child;

	CHECK_EQ(flex_getenvid(), parent);
	child = child_run(sends_later, 321);
	CHECK_EQ(flex_collect(e), 0);
	CHECK_EQ(thisenv->env_ipc_value, 321);
	AWAIT(env_gone(child));
}

// Nobody takes up an entry before the wait.
static void
at_wait_again(void)
{
	struct FscEntry *e;

	CHECK_EQ(flexsc_affinity(0), 0);
	e = entry_put(11, SYS_getenvid, 0, 0, 0, 0, 0);
	busy_msec(IDLE_MSEC);
	CHECK_EQ(e->status, FSC_SUBMIT);
	CHECK_EQ(flexsc_wait(), 1);
	CHECK_EQ(entry_take(e), parent);
	CHECK_EQ(flex_getenvid(), parent);
}

void
umain(int argc, char **argv)
{
	int cpu;

	parent = sys_getenvid();
	CHECK_EQ(flexsc_register(), 0);
	cpu = last_cpu();
	for (int round = 0; round < 2; round++) {
		// Every set of CPUs that there are, then none.
		for (uint32_t cpus = 1; cpus < 2U << cpu; cpus++) {
			CHECK_EQ(flexsc_affinity(cpus), 0);
			CHECK_EQ(flexsc_affinity(1U << 31), -E_INVAL);
			results();
		}
		CHECK_EQ(flexsc_affinity(1U << cpu), 0);
		woken_by_post();
		woken_by_wait();
		about_to_sleep();
		parked();
		at_wait_again();
	}
	PASS("fsc_remote");
}
