// What memory costs that is made when it is used: mapping, faults, protection, swap.
//
// Hypothesis: mapping is marks in the page table and no pages, so that a page mapped, touched and
// unmapped costs two calls, a fault and a page cleared: under 30,000 cycles, where
// Linux on the same machine takes 130,000 to 140,000; and of many pages each costs its
// fault and little more. A fault goes by ring 0, the exception stack and back, for
// a few floors. What is swapped costs two round trips to the file server, and the disk.
//
// A call is of one page; size is how many are mapped, or used, at a time:
//   mmap_munmap        mmap and munmap, anonymous and private, untouched
//   mmap_touch_munmap  the same with a byte written to each page
//   fault_skip         a fault whose handler (set_pgfault_handler) skips the instruction:
//                      there and back
//   fault_map          a fault whose handler maps a page that is there already
//   fault_zero         the pager's: the first touch of a page that mmap has made
//   fault_copy         a write to a page that a child has too, after fork
//   fault_own          the same, when the child has ended: no copy is made
//   mprotect           mprotect and munprotect
//   mprotect_write     the same and a write, which faults
//   swap_out           the first touch of a page, at the limit: another is to be written out
//   swap_in            a read of a page that is swapped out, with no limit any more
//   swap_pass          a write to each of twice as many pages as there is room for, in
//                      order: each page out and another in
//   swap_server        in percent, the file server's part of swap_pass
//   swap_wait          in percent, when neither it nor this process had a CPU: the disk's,
//                      and what it takes to change to and fro
//
// Method: bench.h's; all cells in turn, with the floor, a bare int and iret, among them.
// Setting up and clearing away are not timed. The disk is QEMU's, and so as fast as the
// host lets it be.
#include "figures.h"

#define TRIALS 15
#define PAGES 64 // in a trial of faults
#define ROOM 128 // pages, for swap

// n pages from mmap, or NULL.
static volatile char *
map(int n)
{
	void *p = mmap(NULL, n * PGSIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int
unmap(volatile char *p, int n)
{
	return munmap((void *)p, n * PGSIZE) < 0 ? -E_UNSPECIFIED : 0;
}

// Writes to each of n pages.
static inline void
touch(volatile char *p, int n)
{
	for (int i = 0; i < n; i++)
		p[i * PGSIZE] = i;
}

// The time that it takes to touch n pages.
static uint64_t
timed_touch(volatile char *p, int n)
{
	uint64_t start = read_tsc();

	touch(p, n);
	return read_tsc() - start;
}

// ---- Mapping --------------------------------------------------------------------------

static int
map_and_unmap(struct BenchCell *c, uint64_t *cycles, bool touched)
{
	uint32_t n = c->arg[0];
	uint64_t start = read_tsc();

	for (uint32_t done = 0; done < c->calls; done += n) {
		volatile char *p = map(n);
		if (!p)
			return -E_NO_MEM;
		if (touched)
			touch(p, n);
		if (unmap(p, n) < 0)
			return -E_UNSPECIFIED;
	}
	*cycles = read_tsc() - start;
	return 0;
}

static int
map_trial(struct BenchCell *c, uint64_t *cycles)
{
	return map_and_unmap(c, cycles, false);
}

static int
map_touch_trial(struct BenchCell *c, uint64_t *cycles)
{
	return map_and_unmap(c, cycles, true);
}

// ---- Faults ---------------------------------------------------------------------------

static char page[PGSIZE] __attribute__((aligned(PGSIZE)));
static uint32_t nfaults; // that the handler has had

#define PROBE_SIZE 2 // bytes of probe's instruction

static inline void
probe(const volatile char *p)
{
	asm volatile(".byte 0x8a, 0x00" // movb (%%eax), %%al
		     :
		     : "a"(p)
		     : "memory");
}

static void
skip(struct UTrapframe *utf)
{
	nfaults++;
	utf->utf_eip += PROBE_SIZE;
}

static int
skip_trial(struct BenchCell *c, uint64_t *cycles)
{
	nfaults = 0;
	set_pgfault_handler(skip);
	uint64_t start = read_tsc();
	for (uint32_t i = 0; i < c->calls; i++)
		probe((char *)BENCH_AREA);
	*cycles = read_tsc() - start;
	set_pgfault_handler(NULL);
	return nfaults == c->calls ? 0 : -E_UNSPECIFIED;
}

static void
map_page(struct UTrapframe *utf)
{
	nfaults++;
	sys_page_map(0, page, 0, ROUNDDOWN((void *)utf->utf_fault_va, PGSIZE), BENCH_PERM);
}

static int
handler_trial(struct BenchCell *c, uint64_t *cycles)
{
	nfaults = 0;
	page[0] = 1; // it may have to be copied
	set_pgfault_handler(map_page);
	*cycles = timed_touch((char *)BENCH_AREA, c->calls);
	set_pgfault_handler(NULL);
	for (uint32_t i = 0; i < c->calls; i++)
		sys_page_unmap(0, (char *)BENCH_AREA + i * PGSIZE);
	return nfaults == c->calls ? 0 : -E_UNSPECIFIED;
}

static int
zero_trial(struct BenchCell *c, uint64_t *cycles)
{
	volatile char *p = map(c->calls);

	if (!p)
		return -E_NO_MEM;
	*cycles = timed_touch(p, c->calls);
	return unmap(p, c->calls);
}

// Times writes after a fork; to pages that the child still has, or had.
static int
after_fork(struct BenchCell *c, uint64_t *cycles, bool lives)
{
	volatile char *p = map(c->calls);

	if (!p)
		return -E_NO_MEM;
	touch(p, c->calls);
	envid_t child = fork();
	if (child < 0)
		return child;
	if (child == 0) {
		while (lives)
			sys_ipc_recv(NO_PAGE);
		exit();
	}
	if (!lives) {
		wait(child);
		while (pageref((void *)(p + (c->calls - 1) * PGSIZE)) > 1)
			sys_yield(); // its memory goes a moment later
	}
	*cycles = timed_touch(p, c->calls);
	if (lives) {
		sys_env_destroy(child);
		wait(child);
	}
	return unmap(p, c->calls);
}

static int
copy_trial(struct BenchCell *c, uint64_t *cycles)
{
	return after_fork(c, cycles, true);
}

static int
own_trial(struct BenchCell *c, uint64_t *cycles)
{
	return after_fork(c, cycles, false);
}

// ---- Protection -------------------------------------------------------------------------

static int
protect(struct BenchCell *c, uint64_t *cycles, bool written)
{
	volatile char *p = map(1);
	int r = 0;

	if (!p)
		return -E_NO_MEM;
	*p = 1;
	uint64_t start = read_tsc();
	for (uint32_t i = 0; i < c->calls; i++) {
		r |= mprotect((void *)p, 1) | munprotect((void *)p, 1);
		if (written)
			*p = i;
	}
	*cycles = read_tsc() - start;
	return r < 0 ? -E_UNSPECIFIED : unmap(p, 1);
}

static int
protect_trial(struct BenchCell *c, uint64_t *cycles)
{
	return protect(c, cycles, false);
}

static int
protect_write_trial(struct BenchCell *c, uint64_t *cycles)
{
	return protect(c, cycles, true);
}

// ---- Swap -------------------------------------------------------------------------------

static uint64_t
cycles_of(envid_t id)
{
	struct EnvStat stat;

	return sys_env_stat(id, &stat) < 0 ? 0 : stat.cycles;
}

// Twice as many new pages as this process has room for from now on, the first half of them
// touched; or NULL.
static volatile char *
map_beyond_limit(void)
{
	volatile char *p = map(2 * ROOM);
	struct EnvStat stat;

	if (!p || sys_env_stat(0, &stat) < 0 || sys_env_set_limit(0, stat.nresident + ROOM) < 0)
		return NULL;
	touch(p, ROOM);
	return p;
}

static int
unmap_limited(volatile char *p)
{
	int r = unmap(p, 2 * ROOM);

	return sys_env_set_limit(0, 0) < 0 ? -E_UNSPECIFIED : r;
}

static int
swap_out_trial(struct BenchCell *c, uint64_t *cycles)
{
	volatile char *p = map_beyond_limit();

	if (!p)
		return -E_NO_MEM;
	*cycles = timed_touch(p + ROOM * PGSIZE, ROOM);
	return unmap_limited(p);
}

static bool
is_swapped(const volatile char *p)
{
	return (uvpt[PGNUM(p)] & (PTE_P | PTE_PAGED | PTE_SWAPPED)) == (PTE_PAGED | PTE_SWAPPED);
}

static int
swap_in_trial(struct BenchCell *c, uint64_t *cycles)
{
	volatile char *p = map_beyond_limit();
	uint32_t n = 0;

	if (!p)
		return -E_NO_MEM;
	touch(p + ROOM * PGSIZE, ROOM);
	sys_env_set_limit(0, 0);
	uint64_t start = read_tsc();
	for (int i = 0; i < 2 * ROOM; i++) {
		if (!is_swapped(p + i * PGSIZE))
			continue;
		(void)p[i * PGSIZE];
		n++;
	}
	*cycles = read_tsc() - start;
	c->calls = MAX(n, 1u);
	return n ? unmap_limited(p) : -E_UNSPECIFIED;
}

static int
swap_pass_trial(struct BenchCell *c, uint64_t *cycles)
{
	envid_t server = ipc_find_env(ENV_TYPE_FS);
	volatile char *p = map_beyond_limit();

	if (!p)
		return -E_NO_MEM;
	touch(p, 2 * ROOM);
	uint64_t own = cycles_of(0), servers = cycles_of(server);
	*cycles = timed_touch(p, 2 * ROOM);
	servers = cycles_of(server) - servers;
	own = cycles_of(0) - own;
	uint32_t percent = bench_div(*cycles, 100);
	c->also[0] = bench_div(servers, percent);
	c->also[1] = bench_div(*cycles - MIN(own + servers, *cycles), percent);
	return unmap_limited(p);
}

// ---- All of them ------------------------------------------------------------------------

static const struct Operation operations[] = {
	{"mmap_munmap", 1, PAGES, map_trial, {{0}}},
	{"mmap_touch_munmap", 1, PAGES, map_touch_trial, {{0}}},
	{"mmap_touch_munmap", 16, PAGES, map_touch_trial, {{0}}},
	{"mmap_touch_munmap", 256, 256, map_touch_trial, {{0}}},
	{"fault_skip", 1, PAGES, skip_trial, {{0}}},
	{"fault_map", PAGES, PAGES, handler_trial, {{0}}},
	{"fault_zero", PAGES, PAGES, zero_trial, {{0}}},
	{"fault_copy", PAGES, PAGES, copy_trial, {{0}}},
	{"fault_own", PAGES, PAGES, own_trial, {{0}}},
	{"mprotect", 1, PAGES, protect_trial, {{0}}},
	{"mprotect_write", 1, PAGES, protect_write_trial, {{0}}},
	{"swap_out", ROOM, ROOM, swap_out_trial, {{0}}},
	{"swap_in", ROOM, ROOM, swap_in_trial, {{0}}},
	{"swap_pass",
	 2 * ROOM,
	 2 * ROOM,
	 swap_pass_trial,
	 {{"swap_server", "percent"}, {"swap_wait", "percent"}}},
};

void
umain(int argc, char **argv)
{
	figures_run("memory", operations, ARRAY_SIZE(operations), argc > 1 ? argv[1] : NULL,
		    TRIALS);
}
