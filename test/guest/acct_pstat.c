// getpstat and gettimes, and what sys_env_stat and sys_mem_run say of memory: against
// what this program knows of itself, and with pointers of every bad kind.
#include <test/guest/acct_check.h>
#include <test/guest/kt_check.h>

static struct pstat pstat;

// ---- Bad pointers -------------------------------------------------------------------

static void
bad_pointers(void)
{
	uintptr_t edge = AREA + PGSIZE;
	uintptr_t bad[] = {
		0,
		8,
		KERNBASE,
		ULIM,
		UTOP,
		UENVS,
		0xfffffff0,
		0xfffff000,
		UTEXT,                           // read-only
		AREA - PGSIZE,                   // unmapped
		edge,                            // unmapped, behind a page
		edge - 4,                        // reaches there
		edge - sizeof(struct times) + 1, // by a byte
		AREA - 1,                        // begins before it
	};

	CHECK_EQ(sys_page_alloc(0, (void *)AREA, RW), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK_EQ(getpstat((struct pstat *)bad[i]), -1);
		CHECK_EQ(gettimes((struct times *)bad[i]), -1);
		CHECK_EQ(sys_env_stat(0, (struct EnvStat *)bad[i]), -E_FAULT);
		CHECK_EQ(sys_mem_run(0, 0, (struct MemRun *)bad[i]), -E_FAULT);
	}
	CHECK_EQ(getpstat((struct pstat *)(edge - sizeof(struct pstat) + 1)), -1);
	CHECK_EQ(getpstat((struct pstat *)(edge - sizeof(struct pstat))), 0);
	CHECK_EQ(gettimes((struct times *)(edge - sizeof(struct times))), 0);
	CHECK_EQ(sys_page_unmap(0, (void *)AREA), 0);
}

// A page that is copy-on-write is a good one, for both doors.
static void
copies(int by_page)
{
	static struct EnvStat stat __attribute__((aligned(PGSIZE)));

	if (by_page) {
		CHECK_EQ(flexsc_register(), 0);
		CHECK_EQ(flex_env_stat(0, &stat), 0);
	} else {
		CHECK_EQ(getpstat(&pstat), 0);
		CHECK_EQ(sys_env_stat(0, &stat), 0);
	}
	CHECK_EQ(stat.id, thisenv->env_id);
}

static void
bad_ids(void)
{
	struct EnvStat stat;
	struct MemRun run;
	envid_t bad[] = {-1, 1, 0x7ffff000, thisenv->env_id + (1 << ENVGENSHIFT)};

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK_EQ(sys_env_stat(bad[i], &stat), -E_BAD_ENV);
		CHECK_EQ(sys_mem_run(bad[i], 0, &run), -E_BAD_ENV);
	}
}

// ---- getpstat -----------------------------------------------------------------------

static void
waits(int arg)
{
	count_up(&shared->ready);
	waits_for_message(arg);
}

static void
spins(void *arg1, void *arg2)
{
	while (!*(volatile bool *)arg1)
		sys_yield();
}

static void
itself(void)
{
	static volatile bool stop;
	int me, fs;

	must_create(spins, (void *)&stop, NULL);
	CHECK_EQ(getpstat(&pstat), 0);
	CHECK((me = pstat_index(&pstat, thisenv->env_id)) >= 0);
	CHECK_EQ(pstat.ppid[me], 0);
	CHECK_EQ(pstat.state[me], ENV_RUNNING);
	CHECK_EQ(pstat.threads[me], 2);
	CHECK(pstat.resident[me] > 5);
	CHECK(pstat.cpu[me] >= 0 && pstat.cpu[me] < (int)sysinfo.ncpu);
	CHECK_EQ(strcmp(pstat.name[me], "acct_pstat"), 0);
	stop = true;
	must_join(1);

	// The file server is a process; threads and syscall threads are none.
	CHECK((fs = pstat_index(&pstat, ipc_find_env(ENV_TYPE_FS))) >= 0);
	CHECK_EQ(pstat.nprocs, 2);
	CHECK_EQ(pstat.inuse[2], 0);
	CHECK_EQ(strcmp(pstat.name[fs], "fs"), 0);
}

// More than there is room for.
static void
crowd(void)
{
	envid_t id[PSTAT_MAX + 4];
	int n = ARRAY_SIZE(id);

	shared->ready = 0;
	for (int i = 0; i < n; i++) {
		id[i] = child_run(waits, 0);
		if (i != 2)
			continue;
		AWAIT(shared->ready == 3);
		AWAIT(envs[ENVX(id[2])].env_status == ENV_NOT_RUNNABLE);
		CHECK_EQ(getpstat(&pstat), 0);
		CHECK_EQ(pstat.nprocs, 5);
		for (int j = 0; j < 3; j++)
			CHECK_EQ(pstat.ppid[pstat_index(&pstat, id[j])], thisenv->env_id);
		CHECK_EQ(pstat.state[pstat_index(&pstat, id[2])], ENV_NOT_RUNNABLE);
	}
	CHECK_EQ(getpstat(&pstat), 0);
	CHECK_EQ(pstat.nprocs, n + 2);
	for (int i = 0; i < PSTAT_MAX; i++)
		CHECK_EQ(pstat.inuse[i], 1);
	for (int i = 0; i < n; i++)
		CHECK_EQ(sys_env_destroy(id[i]), 0);
	for (int i = 0; i < n; i++)
		wait(id[i]);
	CHECK_EQ(getpstat(&pstat), 0);
	CHECK_EQ(pstat.nprocs, 2);
}

static void
nothing(int arg)
{
}

static void
zombie(void)
{
	envid_t id = child_watched(nothing, 0);

	await_zombie(id);
	CHECK_EQ(getpstat(&pstat), 0);
	CHECK_EQ(pstat.state[pstat_index(&pstat, id)], ENV_ZOMBIE);
	CHECK_EQ(wait_status(id), 0);
	CHECK_EQ(getpstat(&pstat), 0);
	CHECK_EQ(pstat_index(&pstat, id), -1);
}

// ---- gettimes -----------------------------------------------------------------------

static void
times(void)
{
	struct times first, second;
	times_apart(10, &first, &second);
	uint64_t preempted = stat_of(0).preempted;
	CHECK(preempted >= second.procticks);
	CHECK(preempted <= second.procticks + 2);
}

// ---- Memory -------------------------------------------------------------------------

#define NPAGES 20

static void
memory(void)
{
	struct EnvStat before, after;
	struct MemRun run;

	// The page table is no page of the program's.
	CHECK_EQ(sys_page_alloc(0, (void *)(AREA - PGSIZE), RW), 0);
	before = stat_of(0);
	for (int i = 0; i < NPAGES; i++)
		CHECK_EQ(sys_page_alloc(0, (void *)(AREA + i * PGSIZE), RW), 0);
	after = stat_of(0);
	CHECK_EQ(after.nresident, before.nresident + NPAGES);
	CHECK_EQ(after.nshared, before.nshared);
	CHECK_EQ(after.nswapped, before.nswapped);
	CHECK_EQ(sys_mem_run(0, AREA + 2 * PGSIZE + 5, &run), 1);
	CHECK_EQ(run.start, AREA + 2 * PGSIZE);
	CHECK_EQ(run.npages, NPAGES - 2);
	CHECK_EQ(run.bits, RW);
	CHECK_EQ(run.nshared, 0);

	// One page twice, one read-only, some marked.
	CHECK_EQ(sys_page_map(0, (void *)AREA, 0, (void *)(AREA + PGSIZE), RO), 0);
	CHECK_EQ(sys_page_mark(0, (void *)(AREA + 4 * PGSIZE), 3, PTE_PAGED | PTE_U | PTE_W), 0);
	CHECK_EQ(sys_page_mark(0, (void *)(AREA + 7 * PGSIZE), 5, PTE_PAGED | PTE_SWAPPED | PTE_U),
		 0);
	after = stat_of(0);
	CHECK_EQ(after.nresident, before.nresident + NPAGES - 8);
	CHECK_EQ(after.nshared, before.nshared + 2);
	CHECK_EQ(after.nswapped, before.nswapped + 5);
	static const struct MemRun want[] = {
		{AREA, 1, RW, 1},
		{AREA + PGSIZE, 1, RO, 1},
		{AREA + 2 * PGSIZE, 2, RW, 0},
		{AREA + 4 * PGSIZE, 3, PTE_PAGED | PTE_U | PTE_W, 0},
		{AREA + 7 * PGSIZE, 5, PTE_PAGED | PTE_SWAPPED | PTE_U, 0},
		{AREA + 12 * PGSIZE, NPAGES - 12, RW, 0},
	};
	uintptr_t va = AREA;
	for (unsigned i = 0; i < ARRAY_SIZE(want); i++) {
		CHECK_EQ(sys_mem_run(0, va, &run), 1);
		CHECK_EQ(memcmp(&run, &want[i], sizeof(run)), 0);
		va = run.start + run.npages * PGSIZE;
	}
	CHECK_EQ(sys_page_mark(0, (void *)(AREA - PGSIZE), NPAGES + 1, 0), 0);
	after = stat_of(0);
	CHECK_EQ(after.nresident, before.nresident - 1);
	CHECK_EQ(after.nswapped, before.nswapped);
	CHECK_EQ(sys_mem_run(0, UTOP, &run), 0);
}

void
umain(int argc, char **argv)
{
	share_results();
	bad_pointers();
	bad_ids();
	child_must_live("copy-on-write by trap", copies, 0);
	child_must_live("copy-on-write by page", copies, 1);
	itself();
	crowd();
	zombie();
	times();
	memory();
	PASS("acct_pstat");
}
