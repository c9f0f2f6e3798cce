// Whose exit ends what: a thread's is its own, the main thread's is everybody's; an
// unhandled fault of any ends all, and so does a kill; a thread ends another.
#include <test/guest/kt_check.h>

static volatile uint32_t word, gate, stop;

static void
exits(void *arg1, void *arg2)
{
	exit_status((int)arg1);
}

static void
counts_for_ever(void *arg1, void *arg2)
{
	count_up(&gate);
	for (;;)
		shared->count[(int)arg1]++;
}

static void
sleeps_for_ever(void *arg1, void *arg2)
{
	count_up(&gate);
	for (;;)
		sys_futex_wait(&word, 0);
}

// Others and main go on, whoever exits.
static void
threads_exit_is_its_own(int arg)
{
	for (int i = 0; i < 4; i++)
		must_create(counts_for_ever, (void *)i, NULL);
	AWAIT(gate == 4);
	for (int i = 0; i < 30; i++)
		must_create(exits, (void *)i, NULL);
	must_join(30);
	for (int i = 0; i < 4; i++) {
		uint32_t seen = shared->count[i];

		AWAIT(shared->count[i] != seen);
	}
	CHECK_EQ(envs_of(thisenv->env_id), 5);
}

// None of the threads that counted goes on after their process has ended.
static void
nobody_counts(const char *after)
{
	uint32_t seen[4];

	for (int i = 0; i < 4; i++)
		seen[i] = shared->count[i];
	busy_msec(30);
	for (int i = 0; i < 4; i++)
		if (seen[i] != shared->count[i])
			panic("after %s a thread goes on", after);
}

// A child with such threads that then calls end(how), and stays if that returns.
static envid_t
begin(void (*end)(int how), int how)
{
	envid_t id;

	shared->ready = 0;
	id = fork_watched();
	if (id == 0) {
		for (int i = 0; i < 4; i++)
			must_create(counts_for_ever, (void *)i, NULL);
		must_create(sleeps_for_ever, NULL, NULL);
		AWAIT(gate == 5);
		shared->ready = 1;
		end(how);
		for (;;)
			sys_yield();
	}
	AWAIT(shared->ready);
	return id;
}

static void
ended(const char *how, envid_t id, int want)
{
	int status = wait_status(id);

	if (status != want)
		panic("%s: exit status %d, not %d", how, status, want);
	CHECK_EQ(envs_of(id), 0);
	nobody_counts(how);
}

static void
stays(int how)
{
}

static void
faults(void *arg1, void *arg2)
{
	asm volatile("ud2");
}

static void
reads_null(void *arg1, void *arg2)
{
	*(volatile uint32_t *)arg1;
}

static void
destroys(void *arg1, void *arg2)
{
	sys_env_destroy((envid_t)arg1);
}

static void
a_thread_ends_it(int how)
{
	switch (how) {
	case 0: must_create(faults, NULL, NULL); break;
	case 1: must_create(reads_null, NULL, NULL); break;
	case 2: must_create(reads_null, (void *)KERNBASE, NULL); break;
	case 3: must_create(destroys, (void *)thisenv->env_id, NULL); break;
	}
}

// An id of 0 is the calling thread's, and ends it alone.
static void
destroys_itself(int arg)
{
	must_create(destroys, (void *)0, NULL);
	must_join(1);
	CHECK_EQ(envs_of(thisenv->env_id), 1);
}

// A thread ends another by its id; who was ended is joined like others.
static void
ends_another(int arg)
{
	envid_t id[8];

	gate = 0;
	for (int i = 0; i < 8; i++)
		id[i] = must_create(i % 2 ? counts_for_ever : sleeps_for_ever, (void *)i, NULL);
	if (arg)
		AWAIT(gate == 8);
	for (int i = 0; i < 7; i++)
		CHECK_EQ(sys_env_destroy(id[i]), 0);
	must_create(destroys, (void *)id[7], NULL);
	must_join(9);
	CHECK_EQ(thread_join(), -1);
	for (int i = 0; i < 8; i++)
		CHECK_EQ(sys_env_destroy(id[i]), -E_BAD_ENV);
}

static void
all_exit(void *arg1, void *arg2)
{
	AWAIT(stop);
	exit();
}

// main and threads exit at the same moment.
static void
all_at_once(int arg)
{
	stop = 0;
	for (int i = 0; i < 8; i++)
		must_create(all_exit, NULL, NULL);
	some_time(arg * 37 % 500);
	stop = 1;
	some_time(arg * 53 % 500);
}

void
umain(int argc, char **argv)
{
	static const int want[] = {-E_FAULT, -E_FAULT, -E_FAULT, -E_KILLED};
	struct Count before;
	envid_t id;

	share_results();
	child_counted("a thread's exit", threads_exit_is_its_own, 0);
	child_counted("destroy of 0", destroys_itself, 0);
	for (int i = 0; i < 10; i++)
		child_counted("ending another", ends_another, i % 2);
	before = count_now();
	for (int i = 0; i < 3; i++) {
		ended("exit", begin(exit_status, 21), 21);
		id = begin(stays, 0);
		CHECK_EQ(sys_env_destroy(id), 0);
		ended("a kill", id, -E_KILLED);
		for (int how = 0; how < 4; how++)
			ended("a thread", begin(a_thread_ends_it, how), want[how]);
	}
	for (int i = 0; i < 30; i++)
		child_must_live("all at once", all_at_once, i);
	nothing_lost("ends", before, 0);
	PASS("kt_exit");
}
