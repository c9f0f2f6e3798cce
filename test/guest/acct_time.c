// What sys_env_stat and gettimes count, compared with the time-stamp counter and the
// timer's ticks: for a process that spins, two that share a CPU, one with threads, one
// whose syscall thread works, and what a parent finds of its children.
#include <test/guest/fsccheck.h>
#include <test/guest/kt_check.h>

#define SPIN_TICKS 30

// Of all processes together.
static void
stat_of_all(struct EnvStat *sum)
{
	struct EnvStat stat;

	memset(sum, 0, sizeof(*sum));
	for (int i = 0; (i = pstat_next(i, &stat)) < NENV; i++) {
		sum->cycles += stat.cycles;
		sum->ticks += stat.ticks;
	}
}

static void
spin_ticks(uint32_t n)
{
	uint32_t began = sysinfo.ticks;

	while (sysinfo.ticks - began < n)
		pause();
}

// Spins until all n children do, and then to the end of SPIN_TICKS.
static void
spin_together(uint32_t n)
{
	count_up(&shared->ready);
	while (shared->ready < n)
		pause();
	spin_ticks(SPIN_TICKS);
}

// ---- One process --------------------------------------------------------------------

// Nobody else has anything to do, but the file server perhaps, which has just started.
static void
alone(void)
{
	struct EnvStat before, after, all_before, all_after;

	uint64_t outer = read_tsc();
	before = stat_of(0);
	stat_of_all(&all_before);
	uint64_t inner = read_tsc();
	uint32_t ticks = sysinfo.ticks;
	spin_ticks(SPIN_TICKS);
	ticks = sysinfo.ticks - ticks;
	inner = read_tsc() - inner;
	stat_of_all(&all_after);
	after = stat_of(0);
	outer = read_tsc() - outer;

	uint64_t used = after.cycles - before.cycles;
	uint64_t all_used = all_after.cycles - all_before.cycles;
	CHECK(used <= outer);
	CHECK(all_used >= inner - inner / 10);
	CHECK(all_used <= outer * sysinfo.ncpu);
	CHECK_EQ(after.kernel, 0); // without ENVF_TIMED
	CHECK(after.ticks > before.ticks);
	if (sysinfo.ncpu == 1) { // sysinfo.ticks are those of the first CPU
		uint32_t all_ticks = all_after.ticks - all_before.ticks;
		CHECK(all_ticks >= ticks - 1 && all_ticks <= ticks + 1);
	}
	CHECK(after.runs >= before.runs);
	CHECK(after.preempted <= after.runs);
}

// ---- Two on one CPU -----------------------------------------------------------------

static uint32_t ticks_before; // the children

static void
shares(int n)
{
	struct EnvStat before, after;
	struct times times;

	CHECK_EQ(gettimes(&times), 0);
	CHECK(times.allticks <= sysinfo.ticks - ticks_before + 1); // a child's own
	spin_together(2);
	before = stat_of(0);
	uint64_t tsc = read_tsc();
	spin_ticks(SPIN_TICKS);
	after = stat_of(0);
	tsc = read_tsc() - tsc;
	shared->count[n] = after.preempted - before.preempted;
	shared->word[n] = (after.cycles - before.cycles) * 100 / tsc;
	count_up(&shared->survived);
	while (shared->survived < 2)
		pause();
}

static void
together(void)
{
	shared->ready = shared->survived = 0;
	ticks_before = sysinfo.ticks;
	envid_t a = child_run(shares, 0), b = child_run(shares, 1);
	wait(a);
	wait(b);
	CHECK_EQ(shared->survived, 2);
	if (sysinfo.ncpu > 1)
		return;
	// Each tick takes the CPU from one and gives it to the other.
	uint32_t preempted = shared->count[0] + shared->count[1];
	cprintf("two on one CPU: %u and %u of %u ticks, %u%% and %u%%\n", shared->count[0],
		shared->count[1], SPIN_TICKS, shared->word[0], shared->word[1]);
	CHECK(preempted >= SPIN_TICKS * 9 / 10 && preempted <= SPIN_TICKS + 4);
	for (int i = 0; i < 2; i++) {
		CHECK(shared->count[i] >= SPIN_TICKS / 3);
		CHECK(shared->word[i] >= 25 && shared->word[i] <= 75);
	}
}

// ---- Threads ------------------------------------------------------------------------

static void
spins_thread(void *arg1, void *arg2)
{
	struct EnvStat stat;

	busy_msec(100);
	stat = stat_of(sys_getenvid());
	CHECK_EQ(stat.process, (uint32_t)arg2);
	CHECK_EQ(stat.threads, 1);
	*(uint64_t *)arg1 = stat.cycles;
}

static void
threaded(void)
{
	static uint64_t used[3];
	struct EnvStat before, during, after;
	uint64_t sum = 0;

	uint64_t tsc = read_tsc();
	before = stat_of(0);
	CHECK_EQ(before.threads, 1);
	for (int i = 0; i < 3; i++)
		must_create(spins_thread, &used[i], (void *)thisenv->env_id);
	during = stat_of(0);
	CHECK(during.threads > 1 && during.threads <= 4);
	must_join(3);
	after = stat_of(0);
	tsc = read_tsc() - tsc;
	for (int i = 0; i < 3; i++)
		sum += used[i];
	// All that they have used is the process's, now that they are no more.
	CHECK_EQ(after.threads, 1);
	CHECK(after.cycles - before.cycles >= sum);
	CHECK(after.cycles - before.cycles <= tsc * sysinfo.ncpu);
	// Together they had at least a CPU, for as long as the slowest took.
	CHECK(sum >= (uint64_t)sysinfo.tsc_khz * 100);
	// Nothing is counted twice.
	tsc = read_tsc();
	before = stat_of(0);
	spin_ticks(2);
	after = stat_of(0);
	CHECK(after.cycles - before.cycles <= read_tsc() - tsc);
}

// ---- Syscall threads ----------------------------------------------------------------

static void
post_many(int n)
{
	for (int i = 0; i < n; i++)
		CHECK_EQ(flex_getenvid(), thisenv->env_id);
}

// On the process's own CPU, which tells only with ENVF_TIMED, and polling on another.
static void
syscall_thread(void)
{
	struct EnvStat before, after;

	CHECK_EQ(flexsc_register(), 0);
	for (int remote = 0; remote < (sysinfo.ncpu > 1 ? 2 : 1); remote++) {
		CHECK_EQ(flexsc_affinity(remote ? 1 << last_cpu() : 0), 0);
		post_many(10);
		uint64_t tsc = read_tsc();
		before = stat_of(0);
		post_many(2000);
		after = stat_of(0);
		tsc = read_tsc() - tsc;
		uint64_t calls = after.calls - before.calls, all = after.cycles - before.cycles;
		CHECK(calls > 0 || (!remote && !(before.flags & ENVF_TIMED)));
		CHECK(calls <= all);
		CHECK(calls <= tsc);
		CHECK(all <= 2 * tsc);
	}
	CHECK_EQ(after.threads, 1);
}

// ---- Children -----------------------------------------------------------------------

#define CALLS 1000

// Makes system calls by trap, and then spins in ring 3; and so does a child of its.
static void
timed(void)
{
	struct EnvStat start, called, spun;

	CHECK(thisenv->env_flags & ENVF_TIMED);
	start = stat_of(0);
	for (int i = 0; i < CALLS; i++)
		sys_page_unmap(0, (void *)AREA);
	called = stat_of(0);
	spin_ticks(10);
	spun = stat_of(0);
	CHECK(called.kernel > start.kernel);
	CHECK(called.kernel - start.kernel < called.cycles - start.cycles);
	// At least 20 cycles a call; in a spin, ticks only.
	CHECK(called.kernel - start.kernel > 20 * CALLS);
	CHECK(spun.kernel - called.kernel < (spun.cycles - called.cycles) / 4);
	exit_status(7);
}

// This program as a child, which runs one of bodies, by its number.
static envid_t
make_child(const char *body, uint32_t flags)
{
	const char *argv[] = {"acct_time", body, NULL};
	envid_t id = spawn_stopped("/test/acct_time", argv);

	if (id < 0)
		panic("spawn: %e", id);
	CHECK_EQ(sys_env_set_flags(id, flags), 0);
	CHECK_EQ(sys_env_set_status(id, ENV_RUNNABLE), 0);
	return id;
}

static void
children(void)
{
	struct EnvStat before, zombie, after;

	before = stat_of(0);
	envid_t id = make_child("0", ENVF_WATCHED | ENVF_TIMED);
	await_zombie(id);
	zombie = stat_of(id);
	CHECK_EQ(zombie.status, ENV_ZOMBIE);
	CHECK_EQ(zombie.threads, 0);
	CHECK_EQ(zombie.nresident, 0);
	CHECK_EQ(zombie.parent, thisenv->env_id);
	CHECK(zombie.kernel > 0 && zombie.kernel < zombie.cycles);
	CHECK_EQ(wait_status(id), 7);
	CHECK_EQ(sys_env_stat(id, &zombie), -E_BAD_ENV);
	after = stat_of(0);
	CHECK(after.child_cycles - before.child_cycles == zombie.cycles + zombie.child_cycles);
	CHECK(after.child_kernel - before.child_kernel == zombie.kernel + zombie.child_kernel);

	// A child that nobody watches, too, and its child.
	before = after;
	id = make_child("1", 0);
	wait(id);
	after = stat_of(0);
	CHECK(after.child_cycles - before.child_cycles >= (uint64_t)sysinfo.tsc_khz * 50);
}

// Its own child spins for 60 ms and it sleeps.
static void
forks(void)
{
	struct EnvStat stat;
	envid_t id = child_run((void (*)(int))busy_msec, 60);

	wait(id);
	stat = stat_of(0);
	CHECK(stat.child_cycles >= (uint64_t)sysinfo.tsc_khz * 50);
}

void
umain(int argc, char **argv)
{
	static void (*const bodies[])(void) = {timed, forks, syscall_thread};

	if (argc > 1) {
		bodies[arg_number(argc, argv, 1, 0)]();
		return;
	}
	share_results();
	alone();
	together();
	threaded();
	children();
	for (int is_timed = 0; is_timed < 2; is_timed++)
		CHECK_EQ(wait_status(make_child("2", ENVF_WATCHED | is_timed * ENVF_TIMED)), 0);
	PASS("acct_time");
}
