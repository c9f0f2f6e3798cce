// What a system call costs, by each way into the kernel.
//
// Hypothesis: a trap's price is paid per call, the page's one trap per batch, so
// that the page is level with int at a batch of 2 and with sysenter at 4, and at
// 64 is left with copying and dispatching: 2.2 times as fast as sysenter, 5
// times as fast as int. With another CPU to execute the calls nobody traps, but
// a CPU that sleeps costs an interrupt before the first call is looked at.
//
// Doors:
//   floor             int and iret, to a gate that only returns
//   int, sysenter     sys_NAME
//   kernel            the dispatcher in a loop in ring 0: a call with no door
//   page              post a batch, collect: the first to be collected is waited
//                     for, and the syscall thread executes the batch meanwhile
//   page-remote       post a batch, collect; another CPU polls and executes
//   page-remote-wake  the same, when the syscall thread has gone to sleep
// The page's own traps are the best that the CPU has.
//
// Calls:
//   getenvid
//   page_alloc+unmap  a call is one of the two. The page takes a batch of
//                     allocations and then a batch of unmaps, so that its order
//                     of execution does not matter.
// bench/ipccalls.c measures ipc in the same way, in the same run.
//
// Method: each cell is warmed up with 3 trials; then 31 trials (15 for
// page-remote-wake, of one batch each) of all doors that share a setting, in
// turn. A trial is timed as a whole by rdtsc; the rdtsc pair and one turn of a
// counting loop per call are taken off, but not the page's second loop, to
// collect: that is part of its price. Reported are the smallest, the median
// and the largest cycles per call. Results are checked inside the timed loops.
// All figures of a CPU count are from one boot, the floor among them. Nothing
// else should run on the host: other load shows in the largest first.
#include "calls.h"

#define CALLS 1024     // in a trial of getenvid
#define PAGE_CALLS 512 // of page_alloc+unmap; a multiple of twice the largest batch

// ---- getenvid -------------------------------------------------------------

static int
getenvid_trap(struct BenchCell *c, uint64_t *cycles)
{
	envid_t me = thisenv->env_id, wrong = 0;

	use_door(c);
	uint64_t start = read_tsc();
	for (uint32_t i = 0; i < c->calls; i++)
		wrong |= sys_getenvid() ^ me;
	*cycles = read_tsc() - start;
	return wrong ? -E_UNSPECIFIED : 0;
}

static int
getenvid_kernel(struct BenchCell *c, uint64_t *cycles)
{
	int r = sys_flexsc_bench(SYS_getenvid, 0, 0, 0, c->calls);

	*cycles = r;
	return MIN(r, 0);
}

static int
getenvid_page(struct BenchCell *c, uint64_t *cycles)
{
	struct FscEntry *entry[NSCENTRIES];
	envid_t me = thisenv->env_id, wrong = 0;
	uint32_t batch = c->batch;

	use_door(c);
	uint64_t start = read_tsc();
	for (uint32_t done = 0; done < c->calls; done += batch) {
		for (uint32_t i = 0; i < batch; i++)
			entry[i] = flex_post(SYS_getenvid, 0, 0, 0, 0, 0);
		for (uint32_t i = 0; i < batch; i++)
			wrong |= flex_collect(entry[i]) ^ me;
	}
	*cycles = read_tsc() - start;
	return wrong ? -E_UNSPECIFIED : 0;
}

// ---- page_alloc and page_unmap --------------------------------------------

static int
alloc_trap(struct BenchCell *c, uint64_t *cycles)
{
	int wrong = 0;

	use_door(c);
	uint64_t start = read_tsc();
	for (uint32_t done = 0; done < c->calls; done += 2) {
		wrong |= sys_page_alloc(0, (void *)BENCH_AREA, BENCH_PERM);
		wrong |= sys_page_unmap(0, (void *)BENCH_AREA);
	}
	*cycles = read_tsc() - start;
	return wrong ? -E_UNSPECIFIED : 0;
}

// The kernel makes a pair of alloc and unmap of it.
static int
alloc_kernel(struct BenchCell *c, uint64_t *cycles)
{
	int r = sys_flexsc_bench(SYS_page_alloc, 0, BENCH_AREA, BENCH_PERM, c->calls / 2);

	*cycles = r;
	return MIN(r, 0);
}

static int
alloc_page(struct BenchCell *c, uint64_t *cycles)
{
	struct FscEntry *entry[NSCENTRIES];
	int wrong = 0;

	use_door(c);
	uint64_t start = read_tsc();
	for (uint32_t done = 0; done < c->calls; done += 2 * c->batch) {
		for (uint32_t i = 0; i < c->batch; i++)
			entry[i] = flex_post(SYS_page_alloc, 0, BENCH_AREA + i * PGSIZE, BENCH_PERM,
					     0, 0);
		for (uint32_t i = 0; i < c->batch; i++)
			wrong |= flex_collect(entry[i]);
		for (uint32_t i = 0; i < c->batch; i++)
			entry[i] = flex_post(SYS_page_unmap, 0, BENCH_AREA + i * PGSIZE, 0, 0, 0);
		for (uint32_t i = 0; i < c->batch; i++)
			wrong |= flex_collect(entry[i]);
	}
	*cycles = read_tsc() - start;
	return wrong ? -E_UNSPECIFIED : 0;
}

void
umain(int argc, char **argv)
{
	uint32_t base;

	calls_init("calls");

	ncells = 0;
	add("floor", 1, CALLS, CALLS, bench_floor);
	add_traps(CALLS, CALLS, getenvid_trap);
	add("kernel", 1, CALLS, CALLS, getenvid_kernel);
	add_pages(1, CALLS, getenvid_page);
	base = run_local("getenvid");
	if (sysinfo.ncpu > 1)
		run_remote("getenvid", getenvid_page, 1, CALLS, 1, base);

	ncells = 0;
	add_traps(PAGE_CALLS, PAGE_CALLS / 2, alloc_trap);
	add("kernel", 1, PAGE_CALLS, PAGE_CALLS / 2, alloc_kernel);
	add_pages(1, PAGE_CALLS, alloc_page);
	base = run_local("page_alloc+unmap");
	if (sysinfo.ncpu > 1)
		run_remote("page_alloc+unmap", alloc_page, 1, PAGE_CALLS, 2, base);
}
