// Twenty children count in memory of their own, yielding as they go. If the
// scheduler ever ran one of them on two CPUs at once, counts would be lost.
#include <inc/lib.h>

#define CHILDREN 20
#define ROUNDS 10
#define COUNTS 10000

static volatile int counter;

static void
count(envid_t parent)
{
	// Start together, when the parent has forked all and is gone. No yield:
	// taking the CPU from a busy child is part of the stress.
	const volatile struct Env *p = &envs[ENVX(parent)];
	while (p->env_id == parent && p->env_status != ENV_FREE)
		pause();

	for (int i = 0; i < ROUNDS; i++) {
		sys_yield();
		for (int j = 0; j < COUNTS; j++)
			counter++;
	}
	if (counter != ROUNDS * COUNTS)
		panic("ran on two CPUs at once (counter is %d)", counter);

	cprintf("[%08x] stresssched on CPU %d\n", thisenv->env_id, thisenv->env_cpunum);
}

void
umain(int argc, char **argv)
{
	envid_t parent = sys_getenvid();

	for (int i = 0; i < CHILDREN; i++) {
		envid_t child = fork();
		if (child < 0)
			panic("fork: %e", child);
		if (child == 0) {
			count(parent);
			return;
		}
	}
	sys_yield();
}
