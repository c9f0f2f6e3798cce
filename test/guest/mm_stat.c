// getpstat and gettimes: what they say of processes and threads, compared with what is
// known otherwise, and pointers that they refuse.
#include <test/guest/acct_check.h>
#include <test/guest/kt_check.h>

static volatile uint32_t gate, stop;

static void
waits(void *arg1, void *arg2)
{
	count_up(&gate);
	gate_wait(&stop);
}

static void
has_threads(int n)
{
	for (int i = 0; i < n; i++)
		must_create(waits, NULL, NULL);
	AWAIT(gate == (uint32_t)n);
	shared->ready = 1;
	sys_ipc_recv(NO_PAGE);
}

static void
processes(int arg)
{
	static struct pstat p;
	envid_t id;
	int at, n;

	shared->ready = 0;
	id = child_run(has_threads, 3);
	AWAIT(shared->ready && envs[ENVX(id)].env_ipc_recving && all_asleep(id));
	CHECK_EQ(getpstat(&p), 0);
	n = p.nprocs;
	CHECK(n >= 3); // this one, its parent, and the child; the file server
	at = pstat_index(&p, id);
	CHECK(at >= 0);
	CHECK_EQ(p.ppid[at], thisenv->env_id);
	CHECK_EQ(p.threads[at], 4);
	CHECK_EQ(p.state[at], ENV_NOT_RUNNABLE);
	CHECK_EQ(strcmp(p.name[at], (char *)thisenv->env_name), 0);
	CHECK(p.resident[at] > 5);
	at = pstat_index(&p, thisenv->env_id);
	CHECK(at >= 0);
	CHECK_EQ(p.threads[at], 1);
	CHECK_EQ(p.state[at], ENV_RUNNING);
	CHECK_EQ(p.ppid[at], thisenv->env_parent_id);
	for (int i = 0; i < PSTAT_MAX; i++)
		for (int j = 0; j < i; j++)
			CHECK(!p.inuse[i] || !p.inuse[j] || p.pid[i] != p.pid[j]);
	CHECK_EQ(sys_env_destroy(id), 0);
	AWAIT(env_gone(id));
	CHECK_EQ(getpstat(&p), 0);
	CHECK_EQ(pstat_index(&p, id), -1);
	CHECK_EQ(p.nprocs, n - 1);
}

static void
refused(int arg)
{
	static const uint32_t bad[] = {0, AREA, UTEXT, UTOP, KERNBASE, 0xfffffff0, USTACKTOP};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK_EQ(getpstat((struct pstat *)bad[i]), -1);
		CHECK_EQ(gettimes((struct times *)bad[i]), -1);
	}
	// Half of it.
	CHECK_EQ(sys_page_alloc(0, (void *)AREA, RW), 0);
	CHECK_EQ(gettimes((struct times *)(AREA + PGSIZE - 8)), -1);
	CHECK_EQ(getpstat((struct pstat *)(AREA + PGSIZE - 8)), -1);
	CHECK_EQ(gettimes((struct times *)AREA), 0);
	CHECK_EQ(getpstat((struct pstat *)AREA), 0);
}

// A program's allticks are the machine's since it started.
static uint32_t ticks_before; // its start

static void
all_ticks(int arg)
{
	struct times a, b;

	CHECK_EQ(gettimes(&a), 0);
	CHECK(a.allticks <= sysinfo.ticks - ticks_before + 1);
	times_apart(30, &a, &b);
}

#define SPIN_TICKS 20

// Two that use one CPU up are forced off it again and again; one that sleeps is not.
static void
spins(int n)
{
	struct times a, b;
	uint64_t ticks;

	AWAIT(shared->ready);
	gettimes(&a);
	ticks = stat_of(0).ticks;
	while (stat_of(0).ticks - ticks < SPIN_TICKS)
		pause();
	gettimes(&b);
	shared->count[n] = b.procticks - a.procticks;
}

static void
forced_off(int arg)
{
	envid_t id[16];
	int n = 2 * sysinfo.ncpu;
	uint32_t sum = 0;
	struct times a, b;

	shared->ready = 0;
	for (int i = 0; i < n; i++)
		id[i] = child_watched(spins, i);
	gettimes(&a);
	shared->ready = 1;
	for (int i = 0; i < n; i++)
		CHECK_EQ(wait_status(id[i]), 0);
	gettimes(&b);
	for (int i = 0; i < n; i++)
		sum += shared->count[i];
	// So many ticks found each of them running, and another of them waiting.
	CHECK(sum > SPIN_TICKS * (uint32_t)n / 4);
	CHECK(sum < SPIN_TICKS * (uint32_t)n * 2);
	CHECK(b.procticks - a.procticks < 20); // it slept
}

// The time of its threads, also of those that ended, is the process's.
static void
works(void *arg1, void *arg2)
{
	uint64_t began = read_tsc();

	while (read_tsc() - began < 40ULL * sysinfo.tsc_khz)
		pause();
}

static void
threads_time(int arg)
{
	struct EnvStat a = stat_of(0), b;
	uint64_t passed = read_tsc();

	for (int i = 0; i < 5; i++) {
		must_create(works, NULL, NULL);
		must_join(1);
	}
	b = stat_of(0);
	passed = read_tsc() - passed;
	// One of them at a time, or this one.
	if (b.cycles - a.cycles < 160ULL * sysinfo.tsc_khz || b.cycles - a.cycles > 2 * passed)
		panic("%u ms, not 200", (uint32_t)(b.cycles - a.cycles) / sysinfo.tsc_khz);
	CHECK_EQ(b.threads, 1);
	CHECK_EQ(b.id, thisenv->env_id);
	CHECK(b.runs > a.runs + 4);
}

// What a syscall thread on another CPU does is its process's time.
static void
syscall_threads_time(int arg)
{
	struct EnvStat a, b;

	register_page(true);
	a = stat_of(0);
	for (int i = 0; i < 3000; i++) {
		CHECK_EQ(flex_page_alloc(0, (void *)AREA, RW), 0);
		CHECK_EQ(flex_page_unmap(0, (void *)AREA), 0);
	}
	b = stat_of(0);
	CHECK(b.calls > a.calls);
	CHECK(b.cycles - a.cycles >= b.calls - a.calls);
	CHECK((b.calls - a.calls) / 6000 > 100); // cycles for each
}

// A process's swapped pages, limit and all are seen by others.
static void
waits_limited(int arg)
{
	CHECK_EQ(sys_env_set_limit(0, 4000), 0);
	CHECK_EQ(sys_page_mark(0, (void *)AREA, 7, PTE_PAGED | PTE_SWAPPED | PTE_U), 0);
	sys_ipc_recv(NO_PAGE);
}

static void
seen_by_others(int arg)
{
	envid_t id = child_run(waits_limited, 0);
	struct EnvStat st;

	AWAIT(envs[ENVX(id)].env_ipc_recving);
	CHECK_EQ(sys_env_stat(id, &st), 0);
	CHECK_EQ(st.id, id);
	CHECK_EQ(st.process, id);
	CHECK_EQ(st.nswapped, 7);
	CHECK_EQ(st.limit, 4000);
	CHECK_EQ(sys_env_destroy(id), 0);
	AWAIT(env_gone(id));
	CHECK_EQ(sys_env_stat(id, &st), -E_BAD_ENV);
	CHECK_EQ(sys_env_stat(-1, &st), -E_BAD_ENV);
	CHECK_EQ(sys_env_stat(NENV * 7 + 5, &st), -E_BAD_ENV);
}

void
umain(int argc, char **argv)
{
	share_results();
	child_counted("processes", processes, 0);
	child_counted("pointers", refused, 0);
	AWAIT(sysinfo.ticks > 10);
	ticks_before = sysinfo.ticks;
	child_counted("all ticks", all_ticks, 0);
	child_counted("forced off", forced_off, 0);
	child_counted("threads' time", threads_time, 0);
	if (sysinfo.ncpu > 1)
		child_counted("syscall threads' time", syscall_threads_time, 0);
	child_counted("seen by others", seen_by_others, 0);
	PASS("mm_stat");
}
