// A syscall page for each thread: of its own, at its own address, executing calls as
// that thread, here and on other CPUs, and gone with it.
//
// Argument: threads one after the other (200).
#include <test/guest/kt_check.h>

#define NTHREADS 8

static volatile uint32_t gate, stop, word;
static struct FscPage *volatile page_of[NTHREADS];
static volatile envid_t id_of[NTHREADS];

static void
has_a_page(void *arg1, void *arg2)
{
	uint32_t me = (uint32_t)arg1;

	CHECK_EQ(flexsc_wait(), -E_INVAL); // main's, if it has one, is not ours
	CHECK(flex_post(SYS_getenvid, 0, 0, 0, 0, 0) == NULL);
	CHECK_EQ(flexsc_register(), 0);
	CHECK_EQ(flexsc_register(), -E_INVAL);
	page_of[me] = flex_thread.page;
	id_of[me] = sys_getenvid();
	meet(&gate, NTHREADS);
	if (arg2)
		CHECK_EQ(flexsc_affinity(1U << (me % sysinfo.ncpu)), 0);
	for (int i = 0; i < 200; i++) {
		struct FscEntry *e[10];

		for (int j = 0; j < 10; j++)
			e[j] = flex_post(SYS_getenvid, 0, 0, 0, 0, 0);
		for (int j = 0; j < 10; j++) {
			CHECK(ROUNDDOWN((uintptr_t)e[j], PGSIZE) == (uintptr_t)page_of[me]);
			CHECK_EQ(flex_collect(e[j]), id_of[me]);
		}
		CHECK_EQ(flex_getenvid(), thisenv->env_id);
	}
}

static void
each_its_own(int remote)
{
	if (remote & 2)
		CHECK_EQ(flexsc_register(), 0);
	for (int i = 0; i < NTHREADS; i++)
		must_create(has_a_page, (void *)i, (void *)(remote & 1));
	must_join(NTHREADS);
	for (int i = 0; i < NTHREADS; i++)
		for (int j = 0; j < i; j++)
			CHECK(page_of[i] != page_of[j] && id_of[i] != id_of[j]);
	if (remote & 2) {
		CHECK(flex_thread.page == (struct FscPage *)USCPAGE);
		CHECK_EQ(flex_getenvid(), thisenv->env_id);
	}
}

// What is posted is issued at the thread's exit; what is parked is waited for by nobody.
static void
posts_and_exits(void *arg1, void *arg2)
{
	register_page(arg1 != NULL);
	flex_post(SYS_ipc_recv, UTOP, 0, 0, 0, 0);
	flex_post(SYS_futex_wait, (uint32_t)&word, 0, 0, 0, 0);
	flex_getenvid();
	for (int i = 0; i < 20; i++)
		flex_post(SYS_page_alloc, 0, AREA + i * PGSIZE, RW, 0, 0);
}

static void
posted_before_exit(int remote)
{
	must_create(posts_and_exits, (void *)remote, NULL);
	must_join(1);
	for (int i = 0; i < 20; i++)
		CHECK(is_mapped(AREA + i * PGSIZE));
	CHECK_EQ(envs_of(thisenv->env_id), 1); // its syscall thread is gone, too
}

static void
one_call(void *arg1, void *arg2)
{
	register_page(arg1 != NULL);
	CHECK_EQ(flex_getenvid(), thisenv->env_id);
}

static void
one_after_the_other(int n)
{
	struct Count before = {0};

	for (int i = 0; i < n; i++) {
		if (i == 20)
			before = count_now();
		must_create(one_call, (void *)(i % 3), NULL);
		must_join(1);
	}
	nothing_lost("pages one after the other", before, KEPT_PAGES);
}

// A thread is ended by another while its page is being drained on a third CPU.
static void
works_for_ever(void *arg1, void *arg2)
{
	register_page((uint32_t)arg1 % 2);
	count_up(&gate);
	for (uint32_t i = 0;; i++) {
		uintptr_t va = AREA + ((uint32_t)arg1 * 32 + i % 32) * PGSIZE;

		flex_post(SYS_page_alloc, 0, va, RW, 0, 0);
		if (i % 40 == 39)
			flex_flush();
		if (i % 16 == 15)
			flex_page_unmap(0, (void *)va);
		// what is not collected is freed here
		for (int j = 0; j < NSCENTRIES; j++)
			if (flex_done(&flex_thread.page->entries[j]))
				flex_collect(&flex_thread.page->entries[j]);
	}
}

static void
ended_at_work(int n)
{
	uint32_t seed = n;

	for (int round = 0; round < n; round++) {
		envid_t id[4];

		gate = 0;
		for (int i = 0; i < 4; i++)
			id[i] = must_create(works_for_ever, (void *)i, NULL);
		if (round % 4)
			AWAIT(gate == 4);
		some_time(next_random(&seed) % 2000);
		for (int i = 0; i < 4; i++)
			CHECK_EQ(sys_env_destroy(id[i]), 0);
		must_join(4);
		CHECK_EQ(envs_of(thisenv->env_id), 1);
	}
}

// A call parked by one thread's page is completed by another thread.
static void
waits_by_page(void *arg1, void *arg2)
{
	struct FscEntry *e;

	register_page(arg1 != NULL);
	e = flex_post(SYS_futex_wait, (uint32_t)&word, 0, 0, 0, 0);
	count_up(&gate);
	CHECK(flex_collect(e) <= 0);
	CHECK_EQ(word, 1);
	count_up(&stop);
}

static void
woken_by_another(int remote)
{
	gate = stop = word = 0;
	for (int i = 0; i < NTHREADS; i++)
		must_create(waits_by_page, (void *)(remote & i), NULL);
	AWAIT(gate == NTHREADS);
	busy_msec(5);
	CHECK_EQ(stop, 0);
	word = 1;
	CHECK(sys_futex_wake(&word, NENV) >= 0);
	must_join(NTHREADS);
	CHECK_EQ(stop, NTHREADS);
}

void
umain(int argc, char **argv)
{
	int n = arg_number(argc, argv, 1, 200);

	share_results();
	for (int how = 0; how < 4; how++)
		child_counted("each its own", each_its_own, how);
	child_counted("posted before exit", posted_before_exit, 0);
	child_counted("posted before exit, remote", posted_before_exit, 1);
	child_counted("one after the other", one_after_the_other, n);
	child_counted("woken by another", woken_by_another, 0);
	child_counted("woken by another, remote", woken_by_another, 1);
	child_counted("ended at work", ended_at_work, n / 10);
	PASS("kt_page");
}
