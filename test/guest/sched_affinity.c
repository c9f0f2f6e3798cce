// A process is kept off the CPU where its own syscall thread polls, as long as
// another CPU is free. With one CPU there is nothing to see.
#include <test/guest/fsccheck.h>

#define ROUNDS 200

// Of ROUNDS looks while the thread has work, how often the two were apart.
static int
times_apart(int cpu)
{
	int apart = 0;

	for (int i = 0; i < ROUNDS; i++) {
		for (int j = 0; j < 20; j++)
			CHECK_EQ(flex_getenvid(), thisenv->env_id);
		if (thisenv->env_cpunum != cpu)
			apart++;
		if (i % 16 == 0)
			sys_yield();
	}
	return apart;
}

void
umain(int argc, char **argv)
{
	int last;

	CHECK_EQ(flexsc_register(), 0);
	last = last_cpu();
	for (int cpu = 0; cpu <= last; cpu++) {
		CHECK_EQ(flexsc_affinity(1U << cpu), 0);
		for (int i = 0; i < 50; i++) // settle
			CHECK_EQ(flex_getenvid(), thisenv->env_id);
		if (last > 0)
			CHECK(times_apart(cpu) > ROUNDS * 3 / 4);
		CHECK_EQ(envs[ENVX(thisenv->env_syscall_thread)].env_cpunum, cpu);
	}
	CHECK_EQ(flexsc_affinity(0), 0);
	PASS("sched_affinity");
}
