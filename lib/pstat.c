// What processes use and have, in the manner of xv6's and OSTEP's projects. All of it
// comes from sys_env_stat and sys_gettimes.
#include "lib/vm.h"

static void
fill(struct pstat *store, int i, const struct EnvStat *stat)
{
	store->inuse[i] = 1;
	store->pid[i] = stat->id;
	store->ppid[i] = stat->parent;
	store->ticks[i] = MIN(stat->ticks, (uint64_t)0x7fffffff);
	store->resident[i] = stat->nresident;
	store->threads[i] = stat->threads;
	store->state[i] = stat->status;
	store->cpu[i] = stat->cpu;
	memcpy(store->name[i], stat->name, sizeof(store->name[i]));
}

// The next process in envs[] from index i on: stores what it is, and returns its index;
// NENV if there is none. What ends meanwhile is left out.
int
pstat_next(int i, struct EnvStat *store)
{
	for (; i < NENV; i++) {
		const volatile struct Env *e = &envs[i];
		envid_t id = e->env_id;
		if (e->env_status == ENV_FREE || e->env_process != id)
			continue;
		if (sys_env_stat(id, store) == 0)
			break;
	}
	return i;
}

// Stores what processes there are: the first PSTAT_MAX in the order of their slots, and
// how many there are in all. 0, or -1 for a bad pointer.
int
getpstat(struct pstat *store)
{
	struct EnvStat stat;
	int n = 0;

	if (!vm_writeable(store, sizeof(*store)))
		return -1;
	memset(store, 0, sizeof(*store));
	for (int i = 0; (i = pstat_next(i, &stat)) < NENV; i++, n++)
		if (n < PSTAT_MAX)
			fill(store, n, &stat);
	store->nprocs = n;
	return 0;
}

// Stores how often the caller's process was forced off a CPU, and how many timer ticks
// there were since its program started. 0, or -1 for a bad pointer.
int
gettimes(struct times *store)
{
	return sys_gettimes(store) < 0 ? -1 : 0;
}
