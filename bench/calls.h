// What the programs that measure system calls share: the doors, the cells that
// go with them, and trials with another CPU as executor. See calls.c for the
// method.
#ifndef BENCH_CALLS_H
#define BENCH_CALLS_H

#include "bench.h"

#define TRIALS 31
#define WAKE_TRIALS 15
#define SLEEP_LIMIT 500 // ms in which an idle syscall thread must fall asleep

// What BenchCell.arg holds: the process that ipc goes to, and whether another
// CPU executes the page's calls.
enum { ARG_PARTNER, ARG_REMOTE };

static struct BenchCell cells[16];
static int ncells;
static enum SyscallDoor best_door;

// To be called first: looks what is there, and registers a syscall page.
static inline void
calls_init(const char *program)
{
	int r;

	best_door = syscall_door;
	if ((r = flexsc_register()) < 0)
		panic("flexsc_register: error %d", -r);
	cprintf("%s: %u CPU%s\n", program, sysinfo.ncpu, sysinfo.ncpu > 1 ? "s" : "");
	if (!cpu_has_sysenter())
		cprintf("this CPU has no sysenter: no rows for it\n");
	if (sysinfo.ncpu == 1)
		cprintf("one CPU: no rows for page-remote and page-remote-wake\n");
	bench_init();
}

// Chooses the door for what a trial of c calls.
static inline void
use_door(const struct BenchCell *c)
{
	if (strcmp(c->door, "int") == 0)
		syscall_door = DOOR_INT;
	else if (strcmp(c->door, "sysenter") == 0)
		syscall_door = DOOR_SYSENTER;
	else
		syscall_door = best_door;
}

static int (*sleeping_trial)(struct BenchCell *c, uint64_t *cycles);

// Waits until the syscall thread sleeps and its CPU has had time to halt; then
// one batch.
static inline int
wake_trial(struct BenchCell *c, uint64_t *cycles)
{
	const struct FscPage *page = (const struct FscPage *)USCPAGE;
	unsigned int awake = 0, begin = sys_time_msec(), now;

	do {
		uint64_t start = read_tsc();
		while (read_tsc() - start < 100000)
			;
		now = sys_time_msec();
		if (now - begin > SLEEP_LIMIT)
			return -E_UNSPECIFIED;
		if (!page->entries[0].need_wake)
			awake = now;
	} while (now - MAX(awake, begin) < 5);
	return sleeping_trial(c, cycles);
}

// A new cell: see struct BenchCell.
static inline struct BenchCell *
add(const char *door, uint32_t batch, uint32_t calls, uint32_t loops,
    int (*trial)(struct BenchCell *, uint64_t *))
{
	struct BenchCell *c = &cells[ncells++];

	assert(ncells <= (int)ARRAY_SIZE(cells));
	memset(c, 0, sizeof(*c));
	c->door = door;
	c->batch = batch;
	c->calls = calls;
	c->loops = loops;
	c->trial = trial;
	return c;
}

// The page by another CPU's syscall thread, polling and then asleep. A trial of
// the sleeping one is one batch of `batch * batch_calls` calls.
static inline void
run_remote(const char *bench, int (*trial)(struct BenchCell *, uint64_t *), uint32_t first,
	   uint32_t calls, uint32_t batch_calls, uint32_t base)
{
	int other = (thisenv->env_cpunum + 1) % sysinfo.ncpu;
	int r = flexsc_affinity(1u << other);

	if (r < 0) {
		cprintf("%s: flexsc_affinity: error %d\n", bench, -r);
		return;
	}
	sleeping_trial = trial;
	for (int asleep = 0; asleep < 2; asleep++) {
		ncells = 0;
		for (uint32_t b = first; b <= NSCENTRIES; b *= 2) {
			struct BenchCell *c = asleep ? add("page-remote-wake", b, b * batch_calls,
							   b * batch_calls, wake_trial)
						     : add("page-remote", b, calls, calls, trial);
			c->arg[ARG_PARTNER] = thisenv->env_id;
			c->arg[ARG_REMOTE] = 1;
		}
		bench_run(bench, cells, ncells, asleep ? WAKE_TRIALS : TRIALS);
		bench_print(bench, cells, ncells, base);
	}
	flexsc_affinity(0);
}

// Runs and prints the cells. The median of sysenter, or 0.
static inline uint32_t
run_local(const char *bench)
{
	const struct BenchCell *c;
	uint32_t base;

	bench_run(bench, cells, ncells, TRIALS);
	c = bench_find(cells, ncells, "sysenter");
	base = c ? bench_median(c) : 0;
	bench_print(bench, cells, ncells, base);
	return base;
}

// Cells for the page at each batch size from first on; ipc goes to the caller.
static inline void
add_pages(uint32_t first, uint32_t calls, int (*trial)(struct BenchCell *, uint64_t *))
{
	for (uint32_t b = first; b <= NSCENTRIES; b *= 2)
		add("page", b, calls, calls, trial)->arg[ARG_PARTNER] = thisenv->env_id;
}

// Cells for the traps that the CPU has.
static inline void
add_traps(uint32_t calls, uint32_t loops, int (*trial)(struct BenchCell *, uint64_t *))
{
	add("int", 1, calls, loops, trial);
	if (cpu_has_sysenter())
		add("sysenter", 1, calls, loops, trial);
}

#endif
