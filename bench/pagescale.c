// Whether two processes on two CPUs that allocate and unmap pages get in each
// other's way.
//
// Hypothesis: they do not. Each has its own address space, with its own lock, and
// each CPU its own free pages, so a pair of calls costs the same beside another
// process that makes nothing but such pairs as beside one that only spins.
//
// Method: as in calls.c. A child runs on the other CPU all the time, and does what
// a shared word says: nothing (door sysenter), or the same calls (door
// sysenter-beside). Its speed-up column is thus 1.00 if nobody waits for anybody.
#include "calls.h"

#define CALLS 512
#define SHARED ((volatile uint32_t *)BENCH_AREA) // what the child is to do
#define MINE ((void *)(BENCH_AREA + PGSIZE))

enum { SPIN, ALLOCATE, END };

static void
child(void)
{
	while (*SHARED != END)
		if (*SHARED == ALLOCATE) {
			sys_page_alloc(0, MINE, BENCH_PERM);
			sys_page_unmap(0, MINE);
		}
	exit();
}

static int
trial(struct BenchCell *c, uint64_t *cycles)
{
	int wrong = 0;

	*SHARED = c->arg[0];
	uint64_t start = read_tsc();
	for (uint32_t done = 0; done < c->calls; done += 2) {
		wrong |= sys_page_alloc(0, MINE, BENCH_PERM);
		wrong |= sys_page_unmap(0, MINE);
	}
	*cycles = read_tsc() - start;
	*SHARED = SPIN;
	return wrong ? -E_UNSPECIFIED : 0;
}

void
umain(int argc, char **argv)
{
	calls_init("pagescale");
	if (sysinfo.ncpu < 2) {
		cprintf("one CPU: nothing to be beside\n");
		return;
	}
	if (sys_page_alloc(0, (void *)SHARED, BENCH_PERM | PTE_SHARE) < 0)
		panic("no page to share");
	envid_t id = fork();
	if (id < 0)
		panic("fork: %e", id);
	if (id == 0)
		child();
	add("sysenter", 1, CALLS, CALLS / 2, trial)->arg[0] = SPIN;
	add("sysenter-beside", 1, CALLS, CALLS / 2, trial)->arg[0] = ALLOCATE;
	bench_run("page_alloc+unmap-scale", cells, ncells, TRIALS);
	bench_print("page_alloc+unmap-scale", cells, ncells, bench_median(&cells[0]));
	*SHARED = END;
	wait(id);
}
