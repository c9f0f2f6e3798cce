// Preemption: envs that never give up the CPU share it, the parent gets its
// turn among them, and it can end them. No one starves.
#include <test/guest/check.h>

#define NSPINNERS 12

static void
spins(int n)
{
	for (;;)
		shared->count[n]++;
}

static void
spins_yielding(int n)
{
	for (;;) {
		shared->count[n]++;
		sys_yield();
	}
}

static void
all_get_on(envid_t *id, int n)
{
	uint32_t before[NSPINNERS];

	for (int i = 0; i < n; i++)
		before[i] = shared->count[i];
	for (int i = 0; i < n; i++)
		AWAIT(shared->count[i] != before[i]);
	for (int i = 0; i < n; i++)
		CHECK(!env_gone(id[i]));
}

// Some are spinners and some are polite: both get on.
static void
crowd(int polite)
{
	envid_t id[NSPINNERS];

	for (int i = 0; i < NSPINNERS; i++) {
		shared->count[i] = 0;
		id[i] = child_run(i < polite ? spins_yielding : spins, i);
	}
	for (int round = 0; round < 3; round++)
		all_get_on(id, NSPINNERS);
	for (int i = 0; i < NSPINNERS; i++) {
		CHECK(envs[ENVX(id[i])].env_runs > 0);
		CHECK_EQ(sys_env_destroy(id[i]), 0);
	}
	for (int i = 0; i < NSPINNERS; i++)
		AWAIT(env_gone(id[i]));
}

// A parent that spins itself does not keep its child from the CPU.
static void
spin_until_child(void)
{
	unsigned began = sys_time_msec();
	envid_t id;

	shared->count[0] = 0;
	id = child_run(spins, 0);
	while (!shared->count[0])
		CHECK(sys_time_msec() - began < LIMIT_MSEC);
	CHECK_EQ(sys_env_destroy(id), 0);
	AWAIT(env_gone(id));
}

// Not runnable means not run; runnable again, it goes on.
static void
stopped_and_resumed(void)
{
	envid_t id;
	uint32_t count;
	const volatile struct Env *e;

	shared->count[0] = 0;
	id = child_run(spins, 0);
	e = &envs[ENVX(id)];
	for (int i = 0; i < 20; i++) {
		all_get_on(&id, 1);
		CHECK_EQ(sys_env_set_status(id, ENV_NOT_RUNNABLE), 0);
		// Another CPU, if it runs there, takes a moment to put it aside.
		AWAIT(e->env_status == ENV_NOT_RUNNABLE);
		count = shared->count[0];
		busy_msec(12);
		CHECK_EQ(shared->count[0], count);
		CHECK_EQ(sys_env_set_status(id, ENV_RUNNABLE), 0);
	}
	CHECK_EQ(sys_env_destroy(id), 0);
	AWAIT(env_gone(id));
}

void
umain(int argc, char **argv)
{
	share_results();
	crowd(0);
	crowd(NSPINNERS / 2);
	crowd(NSPINNERS);
	spin_until_child();
	stopped_and_resumed();
	PASS("sched_fair");
}
