// Ends of life with calls in flight: exit issues what is posted and waits for
// nothing that is parked; a kill at any moment leaves nothing behind.
//
// Arguments: how many times to kill (200), the seed (1).
#include <test/guest/fsccheck.h>

// The grade looks for these lines: they are posted, and then the child exits.
static void
exits_with_posts(int arg)
{
	CHECK_EQ(flexsc_register(), 0);
	flex_cputs("posted before exit: 1\n", 22);
	flex_cputs("posted before exit: 2\n", 22);
	entry_put(50, SYS_cputs, (uint32_t) "posted before exit: 3\n", 22, 0, 0, 0);
}

static void
exits_with_parked(int arg)
{
	CHECK_EQ(flexsc_register(), 0);
	for (int i = 0; i < 10; i++)
		entry_park_recv(i, AREA);
	// Posted and certain to park, but not issued yet.
	for (int i = 10; i < 20; i++)
		entry_put(i, SYS_ipc_recv, AREA, 0, 0, 0, 0);
}

static void
exits_with_all_sorts(int arg)
{
	CHECK_EQ(flexsc_register(), 0);
	entry_park_recv(1, UTOP);
	entry_put(2, SYS_getenvid, 0, 0, 0, 0, 0);
	CHECK_EQ(flexsc_wait(), 1);
	entry_fill(3, SYS_getenvid, 0, 0, 0, 0, 0);
	for (int i = 4; i < 60; i++)
		entry_put(i, SYS_page_alloc, 0, AREA + i * PGSIZE, RW, 0, 0);
}

// Posts just as its thread, on another CPU, is told to come back, and exits. The
// parent waits for the message.
static void
exits_after_affinity(int parent)
{
	CHECK_EQ(flexsc_register(), 0);
	CHECK_EQ(flexsc_affinity(1U << last_cpu()), 0);
	CHECK_EQ(flex_getenvid(), thisenv->env_id);
	AWAIT(envs[ENVX(parent)].env_ipc_recving);
	for (volatile int n = 13 * (thisenv->env_id >> 12) % 600; n > 0; n--)
		pause();
	CHECK_EQ(flexsc_affinity(0), 0);
	flex_post(SYS_ipc_try_send, parent, 0x5e4d, UTOP, 0, 0);
}

static void
exit_many_after_affinity(int times)
{
	for (int i = 0; i < times; i++) {
		envid_t id = child_run(exits_after_affinity, thisenv->env_id);
		CHECK_EQ(ipc_recv(NULL, NULL, NULL), 0x5e4d); // for ever, if it is lost
		AWAIT(env_gone(id));
	}
}

// Fills its page again and again, here or for another CPU; ends by being killed.
static void
works_until_killed(int kind)
{
	int r = flexsc_register();

	if (r < 0)
		panic("register: %e", r);
	if (kind & 1)
		CHECK_EQ(flexsc_affinity(1U << last_cpu()), 0);
	if (kind & 2)
		entry_put(0, SYS_ipc_recv, AREA, 0, 0, 0, 0);
	count_up(&shared->ready);
	for (;;) {
		for (int i = 1; i < NSCENTRIES; i++) {
			struct FscEntry *e = &fscpage->entries[i];

			if (e->status == FSC_DONE)
				e->status = FSC_FREE;
			if (e->status != FSC_FREE)
				continue;
			entry_put(i, i % 2 ? SYS_page_alloc : SYS_page_unmap, 0,
				  AREA + (i / 2) * PGSIZE, RW, 0, 0);
		}
		flexsc_wait();
	}
}

static void
kill_many(int times, uint32_t seed)
{
	for (int i = 0; i < times; i++) {
		envid_t id;
		uint32_t delay;
		int r;

		shared->ready = 0;
		id = child_run(works_until_killed, i % 4);
		// Any moment: also before it has registered.
		if (i % 8)
			AWAIT(shared->ready);
		delay = next_random(&seed) % 4000;
		for (volatile uint32_t n = 0; n < delay; n++)
			pause();
		CHECK_EQ(sys_env_destroy(id), 0);
		r = sys_env_destroy(id); // once more: of the dead, or the dying
		CHECK(r == 0 || r == -E_BAD_ENV);
		AWAIT(env_gone(id));
	}
}

// A family of which the middle dies: the grandchild goes on.
static void
grandparent(int arg)
{
	CHECK_EQ(flexsc_register(), 0);
	if (fork() == 0) {
		CHECK_EQ(flexsc_register(), 0);
		AWAIT(shared->stop);
		CHECK_EQ(flex_getenvid(), sys_getenvid());
		count_up(&shared->ready);
		return;
	}
	entry_park_recv(0, UTOP);
}

void
umain(int argc, char **argv)
{
	uint32_t times = arg_number(argc, argv, 1, 200);
	uint32_t seed = arg_number(argc, argv, 2, 1);

	share_results();
	child_must_live("exit with posts", exits_with_posts, 0);
	child_must_live("exit with parked calls", exits_with_parked, 0);
	child_must_live("exit with all sorts", exits_with_all_sorts, 0);
	kill_many(times, seed);
	exit_many_after_affinity(50);

	shared->ready = shared->stop = 0;
	child_finish(grandparent, 0);
	shared->stop = 1;
	AWAIT(shared->ready == 1);

	CHECK_EQ(flexsc_register(), 0);
	CHECK_EQ(flex_getenvid(), sys_getenvid());
	entry_park_recv(0, UTOP); // and exits with it
	PASS("fsc_exit");
}
