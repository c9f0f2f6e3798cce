// What the guest tests share: checks that name what failed, children, a page
// of results that parent and children share, and waiting with a limit. A test
// ends with its line "NAME: OK", or panics with the reason.
#ifndef TEST_GUEST_CHECK_H
#define TEST_GUEST_CHECK_H

#include <inc/lib.h>

// Where tests map pages; shared is one page, common to parent and children.
#define AREA 0xA0000000
#define SHARED 0xB0000000

#define RW (PTE_P | PTE_U | PTE_W)
#define RO (PTE_P | PTE_U)

// How long something may take that should take microseconds.
#define LIMIT_MSEC 20000

#define CHECK(cond)                                 \
	do {                                        \
		if (!(cond))                        \
			panic("not so: %s", #cond); \
	} while (0)

// expr and want are evaluated once; both are shown if they differ.
#define CHECK_EQ(expr, want)                                                                   \
	do {                                                                                   \
		int32_t got_ = (int32_t)(expr), want_ = (int32_t)(want);                       \
		if (got_ != want_)                                                             \
			panic("%s is %d (%08x), not %s = %d (%08x)", #expr, got_, got_, #want, \
			      want_, want_);                                                   \
	} while (0)

// Gives up the CPU until cond holds; a test fails that waits for LIMIT_MSEC.
#define AWAIT(cond)                                                 \
	do {                                                        \
		unsigned began_ = sys_time_msec();                  \
		while (!(cond)) {                                   \
			if (sys_time_msec() - began_ > LIMIT_MSEC)  \
				panic("waited in vain: %s", #cond); \
			sys_yield();                                \
		}                                                   \
	} while (0)

#define PASS(name) cprintf(name ": OK\n")

struct Shared {
	volatile uint32_t ready;      // children that got so far
	volatile uint32_t stop;       // set by the parent: come to an end
	volatile uint32_t survived;   // set by a child that should have died
	volatile int32_t result;      // of one child at a time
	volatile uint32_t count[256]; // what each child makes of it
	volatile uint32_t word[256];
};
static_assert(sizeof(struct Shared) <= PGSIZE, "results fit their page");

#define shared ((struct Shared *)SHARED)

// Maps the page of results; fork shares it from then on.
static inline void
share_results(void)
{
	CHECK_EQ(sys_page_alloc(0, (void *)SHARED, RW | PTE_SHARE), 0);
}

// *word + 1, atomically.
static inline void
count_up(volatile uint32_t *word)
{
	__atomic_add_fetch(word, 1, __ATOMIC_SEQ_CST);
}

// A child that calls body(arg) and exits. The child's id.
static inline envid_t
child_run(void (*body)(int arg), int arg)
{
	envid_t id = fork();

	if (id < 0)
		panic("fork: %e", id);
	if (id == 0) {
		body(arg);
		exit();
	}
	return id;
}

static inline bool
env_gone(envid_t id)
{
	const volatile struct Env *e = &envs[ENVX(id)];

	return e->env_id != id || e->env_status == ENV_FREE;
}

// Runs body(arg) in a child and returns when the child is no more.
static inline void
child_finish(void (*body)(int arg), int arg)
{
	envid_t id = child_run(body, arg);

	AWAIT(env_gone(id));
}

// The same; whether body came to its end. Needs share_results.
static inline bool
child_survives(void (*body)(int arg), int arg)
{
	envid_t id;

	shared->survived = 0;
	id = fork();
	if (id < 0)
		panic("fork: %e", id);
	if (id == 0) {
		body(arg);
		shared->survived = 1;
		exit();
	}
	AWAIT(env_gone(id));
	return shared->survived;
}

static inline void
child_must_die(const char *what, void (*body)(int arg), int arg)
{
	if (child_survives(body, arg))
		panic("a child survived: %s", what);
}

static inline void
child_must_live(const char *what, void (*body)(int arg), int arg)
{
	if (!child_survives(body, arg))
		panic("a child died: %s", what);
}

// Uses the CPU for msec milliseconds without giving it up.
static inline void
busy_msec(unsigned msec)
{
	unsigned began = sys_time_msec();

	while (sys_time_msec() - began < msec)
		pause();
}

// Whether va is mapped in this address space.
static inline bool
is_mapped(uintptr_t va)
{
	return (uvpd[PDX(va)] & PTE_P) && (uvpt[PGNUM(va)] & PTE_P);
}

// The next of a sequence of random numbers; *state must not be 0.
static inline uint32_t
next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

// Argument n of the program as a number, or def if it is not given.
static inline uint32_t
arg_number(int argc, char **argv, int n, uint32_t def)
{
	return n < argc ? (uint32_t)strtol(argv[n], NULL, 0) : def;
}

#endif
