// What the tests of threads and of memory share: counting pages and envs before and after,
// children of which nothing may be left or whose end is looked at, threads, gates, and
// memory as the page tables and the kernel have it.
#ifndef TEST_GUEST_KT_CHECK_H
#define TEST_GUEST_KT_CHECK_H

#include <test/guest/check.h>

// What the library may keep for the next thread: free slots, and a malloc cache.
#define KEPT_PAGES 160

#define NPAGEINFO 65536

// ---- Counting -------------------------------------------------------------------------

static inline uint32_t
free_pages(void)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < NPAGEINFO && is_mapped((uintptr_t)(&pages[i + 1]) - 1); i++)
		n += pages[i].pp_ref == 0;
	return n;
}

static inline uint32_t
used_envs(void)
{
	uint32_t n = 0;

	for (int i = 0; i < NENV; i++)
		n += envs[i].env_status != ENV_FREE;
	return n;
}

// Envs of the process of that id, its first and its syscall threads included.
static inline uint32_t
envs_of(envid_t process)
{
	uint32_t n = 0;

	for (int i = 0; i < NENV; i++)
		n += envs[i].env_status != ENV_FREE && envs[i].env_process == process;
	return n;
}

// Whether a process's first and other threads all sleep.
static inline bool
all_asleep(envid_t process)
{
	for (int i = 0; i < NENV; i++)
		if (envs[i].env_process == process && envs[i].env_status != ENV_FREE &&
		    envs[i].env_status != ENV_NOT_RUNNABLE)
			return false;
	return true;
}

struct Count {
	uint32_t pages, envs;
};

// The file server has started, and taken its memory, before anything is counted.
static inline struct Count
count_now(void)
{
	static bool ready;
	struct Stat st;

	if (!ready)
		stat("/", &st);
	ready = true;
	return (struct Count){free_pages(), used_envs()};
}

// All that was there before is free again, but for kept pages; or soon will be.
static inline void
nothing_lost(const char *what, struct Count before, uint32_t kept)
{
	unsigned began = sys_time_msec();
	struct Count now;

	do {
		now = count_now();
		if (now.pages + kept >= before.pages && now.envs <= before.envs)
			return;
		sys_yield();
	} while (sys_time_msec() - began < LIMIT_MSEC);
	panic("%s: lost %d pages, %d envs", what, before.pages - now.pages, now.envs - before.envs);
}

// ---- Children ---------------------------------------------------------------------------

// Runs body(arg) in a child; whether it came to its end.
static inline bool
comes_to_end(const char *what, void (*body)(int arg), int arg)
{
	unsigned began = sys_time_msec();
	envid_t id;

	shared->survived = 0;
	id = fork();
	if (id < 0)
		panic("%s: fork: %e", what, id);
	if (id == 0) {
		body(arg);
		shared->survived = 1;
		exit();
	}
	while (!env_gone(id)) {
		if (sys_time_msec() - began > 4 * LIMIT_MSEC)
			panic("%s: %08x does not end", what, id);
		sleep_msec(5); // and leave the CPU to it
	}
	return shared->survived;
}

// A child that must come to its end, twice; nothing may be left of the second, and
// what the first has made others keep is there from then on.
static inline void
child_counted(const char *what, void (*body)(int arg), int arg)
{
	struct Count before = {0};

	for (int i = 0; i < 2; i++) {
		before = count_now();
		if (!comes_to_end(what, body, arg))
			panic("a child died: %s", what);
	}
	nothing_lost(what, before, 0);
}

// The same of a child that must die.
static inline void
death_counted(const char *what, void (*body)(int arg), int arg)
{
	struct Count before = {0};

	for (int i = 0; i < 2; i++) {
		before = count_now();
		if (comes_to_end(what, body, arg))
			panic("a child survived: %s", what);
	}
	nothing_lost(what, before, 0);
}

// fork of a child whose end wait_status is to tell; it begins when that is sure.
static inline envid_t
fork_watched(void)
{
	envid_t id = fork();

	if (id < 0)
		panic("fork: %e", id);
	if (id == 0)
		AWAIT(thisenv->env_flags & ENVF_WATCHED);
	else
		CHECK_EQ(sys_env_set_flags(id, ENVF_WATCHED), 0);
	return id;
}

// Such a child that calls body(arg) and exits.
static inline envid_t
child_watched(void (*body)(int arg), int arg)
{
	envid_t id = fork_watched();

	if (id == 0) {
		body(arg);
		exit();
	}
	return id;
}

// A child, or a thread of clone's, has ended and was not collected.
static inline void
await_zombie(envid_t id)
{
	AWAIT(envs[ENVX(id)].env_status == ENV_ZOMBIE);
}

// A child's body: until it is killed.
static inline void
waits_for_message(int arg)
{
	for (;;)
		sys_ipc_recv(NO_PAGE);
}

// ---- Threads ----------------------------------------------------------------------------

// A thread, or a panic.
static inline envid_t
must_create(void (*fn)(void *, void *), void *arg1, void *arg2)
{
	envid_t id = thread_create(fn, arg1, arg2);

	if (id < 0)
		panic("thread_create: %d", id);
	return id;
}

// Joins n threads.
static inline void
must_join(int n)
{
	while (n-- > 0)
		CHECK(thread_join() > 0);
}

// join gives this thread of clone's, with its stack.
static inline void
must_join_clone(envid_t id, const void *stack)
{
	void *got = (void *)1;

	CHECK_EQ(join(&got), id);
	CHECK(got == stack);
}

// A thread's body, also of clone's.
static inline void
exits_at_once(void *arg1, void *arg2)
{
	exit();
}

// Returns when n threads have come here; *gate must be 0 at first.
static inline void
meet(volatile uint32_t *gate, uint32_t n)
{
	count_up(gate);
	AWAIT(*gate >= n);
}

// Sleeps until the gate is opened; it is 0 while it is shut.
static inline void
gate_wait(volatile uint32_t *gate)
{
	while (!*gate)
		sys_futex_wait(gate, 0);
}

static inline void
gate_open(volatile uint32_t *gate)
{
	*gate = 1;
	sys_futex_wake(gate, NENV);
}

// *word + n, atomically.
static inline void
add_up(volatile uint32_t *word, uint32_t n)
{
	__atomic_add_fetch(word, n, __ATOMIC_SEQ_CST);
}

// Some time, different for different n; up to some hundred microseconds.
static inline void
some_time(uint32_t n)
{
	for (volatile uint32_t i = 0; i < n; i++)
		pause();
}

// A syscall page for the calling thread; if remote_cpu, the last CPU executes its calls.
static inline void
register_page(bool remote_cpu)
{
	CHECK_EQ(flexsc_register(), 0);
	if (remote_cpu)
		CHECK_EQ(flexsc_affinity(1U << (sysinfo.ncpu - 1)), 0);
}

// ---- Memory -----------------------------------------------------------------------------

#define RDWR (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

// Pages of zeroes, private.
static inline char *
map_anon(size_t npages)
{
	char *p = mmap(NULL, npages * PGSIZE, RDWR, ANON, -1, 0);

	if (p == MAP_FAILED)
		panic("no room for %u pages", (unsigned int)npages);
	CHECK_EQ(PGOFF(p), 0);
	return p;
}

static inline struct EnvStat
stat_of(envid_t id)
{
	struct EnvStat stat;

	CHECK_EQ(sys_env_stat(id, &stat), 0);
	return stat;
}

// Pages that this process has.
static inline uint32_t
resident(void)
{
	return stat_of(0).nresident;
}

// Entry of the page tables for an address, 0 where there is no table.
static inline pte_t
entry_of(uintptr_t va)
{
	return uvpd[PDX(va)] & PTE_P ? uvpt[PGNUM(va)] : 0;
}

static inline bool
is_swapped(pte_t entry)
{
	return (entry & (PTE_P | PTE_PAGED | PTE_SWAPPED)) == (PTE_PAGED | PTE_SWAPPED);
}

// Pages of malloc's heap that are there.
static inline uint32_t
heap_pages(void)
{
	uint32_t n = 0;

	for (uintptr_t va = HEAP_BASE; va < HEAP_TOP; va += PGSIZE)
		n += is_mapped(va);
	return n;
}

// Children's bodies that touch a byte.
static inline void
reads(int at)
{
	(void)*(volatile char *)at;
}

static inline void
writes(int at)
{
	*(volatile char *)at = 1;
}

// Whether reading, or writing, a byte faults beyond what the library repairs. A child
// does it: what it writes is its own.
static inline bool
can_read(const volatile void *p)
{
	return child_survives(reads, (int)p);
}

static inline bool
can_write(const volatile void *p)
{
	return child_survives(writes, (int)p);
}

// ---- Stacks -----------------------------------------------------------------------------

static uint32_t __attribute__((noinline, unused))
one_deeper(volatile uint32_t *above, uint32_t depth)
{
	volatile uint32_t local[100];

	shared->word[1] = (uint32_t)local;
	local[0] = above[0] + 1;
	return depth == 0 ? local[0] : one_deeper(local, depth - 1) + local[0];
}

// So many calls deep, each with more than 400 bytes on the stack. Needs share_results.
static inline void
recurses(int depth)
{
	volatile uint32_t local = 0;

	shared->word[0] = (uint32_t)&local;
	CHECK(one_deeper(&local, depth) > 0);
}

// How many bytes of stack the last recurses got, in whatever process.
static inline uint32_t
stack_reached(void)
{
	return shared->word[0] - shared->word[1];
}

#endif
