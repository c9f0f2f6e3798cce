// What the tests of threads and of memory share: counting pages and envs before and
// after, gates, and children of which nothing may be left.
#ifndef TEST_GUEST_KT_CHECK_H
#define TEST_GUEST_KT_CHECK_H

#include <test/guest/check.h>

// What the library may keep for the next thread: free slots, and a malloc cache.
#define KEPT_PAGES 160

#define NPAGEINFO 65536

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

// A thread, or a panic.
static inline envid_t
must_create(void (*fn)(void *, void *), void *arg1, void *arg2)
{
	envid_t id = thread_create(fn, arg1, arg2);

	if (id < 0)
		panic("thread_create: %d", id);
	return id;
}

// A child's body: until it is killed.
static inline void
waits_for_message(int arg)
{
	for (;;)
		sys_ipc_recv(NO_PAGE);
}

// Joins n threads.
static inline void
must_join(int n)
{
	while (n-- > 0)
		CHECK(thread_join() > 0);
}

// Returns when n threads have come here; *gate must be 0 at first.
static inline void
meet(volatile uint32_t *gate, uint32_t n)
{
	count_up(gate);
	AWAIT(*gate >= n);
}

// Some time, different for different n; up to some hundred microseconds.
static inline void
some_time(uint32_t n)
{
	for (volatile uint32_t i = 0; i < n; i++)
		pause();
}

#endif
