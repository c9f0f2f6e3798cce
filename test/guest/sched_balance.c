// Of envs that never wait, one more than there are CPUs, each gets away from the CPU that
// it shares, or has for itself: none keeps an advantage.
#include <test/guest/filecheck.h>

#define SETTLED 20 // ticks after which no env is where it just began

static uint32_t
ticks_so_far(void)
{
	struct EnvStat st;

	CHECK_EQ(sys_env_stat(0, &st), 0);
	return st.ticks;
}

// Spins. The last to have been on two CPUs says so; nobody wakes for anything before.
static void
spins(int nspinners)
{
	while (ticks_so_far() < SETTLED)
		;
	int first = thisenv->env_cpunum;
	while (sysinfo.ncpu > 1 && thisenv->env_cpunum == first)
		;
	if (__atomic_add_fetch(&shared->ready, 1, __ATOMIC_SEQ_CST) == (uint32_t)nspinners)
		go(&shared->stop);
	for (;;)
		;
}

void
umain(int argc, char **argv)
{
	const int n = sysinfo.ncpu + 1;
	envid_t id[9];

	share_results();
	CHECK(n <= (int)ARRAY_SIZE(id));
	for (int i = 0; i < n; i++)
		id[i] = child_run(spins, n);
	sleep_at(&shared->stop);
	for (int i = 0; i < n; i++) {
		CHECK_EQ(sys_env_destroy(id[i]), 0);
		wait(id[i]);
	}
	PASS("sched_balance");
}
