// System calls through the syscall page: registering, waiting, and a stub
// flex_NAME for each call that the page carries. inc/flexpost.h has the ways
// that must be quick; this file has the others.
//
// Some calls are detached: flex_cputs and flex_yield return at once, and nobody
// collects them. Their entries are freed when they are done and somebody looks:
// flexsc_wait, or a post that found no free entry.
#include <inc/lib.h>
#include "lib/thread.h"

// How often a call in the hands of another CPU is looked at before sleeping.
#define POLLS 20000

__thread struct FlexThread flex_thread = {
	.cursor = &flex_nowhere,
	.remote_cursor = &flex_nowhere,
};
struct FscEntry flex_nowhere = {.status = FSC_BUSY};

// The cursor in use.
static struct FscEntry *
position(void)
{
	return flex_thread.affinity ? flex_thread.remote_cursor : flex_thread.cursor;
}

static void
set_position(struct FscEntry *e)
{
	flex_thread.cursor = flex_thread.affinity ? &flex_nowhere : e;
	flex_thread.remote_cursor = flex_thread.affinity ? e : &flex_nowhere;
}

// Where a thread's syscall page is, if it doesn't say.
static void *
usual_place(void)
{
	uintptr_t slot = thread_own_slot();

	return (void *)(slot ? slot + SLOT_SYSCALL * PGSIZE : USCPAGE);
}

// Gives this thread a syscall page at va, a page-aligned address below UTOP where nothing is
// mapped; NULL: at USCPAGE, but in a thread other than the first at an address of its own.
// 0, or -E_INVAL (va, or the thread has a page), -E_NO_MEM.
int
flexsc_register_at(void *va)
{
	int r;

	if (!va)
		va = usual_place();
	if ((r = sys_flexsc_register(va)) < 0)
		return r;
	flex_thread = (struct FlexThread){.page = va};
	set_position(flex_thread.page->entries);
	return 0;
}

// The same at the usual address.
int
flexsc_register(void)
{
	return flexsc_register_at(NULL);
}

// Frees the entries of detached calls that are done. How many.
static int
reclaim(void)
{
	int freed = 0;

	for (unsigned int w = 0; w < ARRAY_SIZE(flex_thread.detached); w++) {
		uint32_t left = flex_thread.detached[w];

		for (; left; left &= left - 1) {
			int bit = __builtin_ctz(left);
			struct FscEntry *e = &flex_thread.page->entries[w * 32 + bit];

			if (e->status != FSC_DONE)
				continue;
			flex_thread.detached[w] &= ~(1U << bit);
			e->status = FSC_FREE;
			freed++;
		}
	}
	return freed;
}

// Sleeps until every submitted entry has been issued, each is done or blocked,
// and at least one is done. The number of done entries, those of detached calls
// included, which are free afterwards; 0 if nothing is in flight; -E_INVAL if
// not registered.
int
flexsc_wait(void)
{
	int r = sys_flexsc_wait(FSC_WAIT_ANY);

	if (flex_thread.page)
		reclaim();
	return r;
}

// Lets this env's syscall thread run on the CPUs whose bits are set; 0: only in
// place of the program, when it waits. 0, or -E_INVAL.
int
flexsc_affinity(uint32_t cpus)
{
	int r = sys_flexsc_affinity(cpus);

	if (r < 0 || !flex_thread.page)
		return r;
	struct FscEntry *e = position();
	flex_thread.affinity = cpus;
	set_position(e);
	return r;
}

// Waits until all that is posted has been issued; not for its completion.
void
flex_flush(void)
{
	if (flex_thread.page)
		sys_flexsc_wait(FSC_WAIT_ISSUED);
}

// Wakes the syscall thread, which sleeps on another CPU.
void
flex_ring(void)
{
	sys_flexsc_wake();
}

// Looks at the entry for a while: another CPU may be about to finish the call.
static void
poll(const struct FscEntry *e)
{
	// Entries written by hand were not rung for.
	if (flex_thread.page->entries[0].need_wake)
		flex_ring();
	for (int i = 0; i < POLLS; i++) {
		// A blocked call waits for some other program: sleep.
		if (e->status == FSC_DONE || e->status == FSC_BLOCKED)
			return;
		if (i % 64 == 63)
			pause(); // dear where the CPU is emulated
	}
}

// Waits until the entry, which is on our page, is done. 0, or -E_INVAL if it
// has never been submitted, or the kernel's error.
static int
await(const struct FscEntry *e)
{
	if (flex_thread.affinity)
		poll(e);
	while (e->status != FSC_DONE) {
		if (e->status == FSC_FREE || e->status == FSC_ALLOC)
			return -E_INVAL;
		int r = sys_flexsc_wait(e - flex_thread.page->entries);
		if (r < 0)
			return r;
	}
	return 0;
}

// Takes a free entry from the cursor on, or NULL.
static struct FscEntry *
take_free(void)
{
	struct FscEntry *e = position();

	for (int i = 0; i < NSCENTRIES; i++, e = flex_after(e)) {
		if (e->status != FSC_FREE)
			continue;
		e->status = FSC_ALLOC;
		barrier();
		set_position(flex_after(e));
		return e;
	}
	return NULL;
}

// The detached call posted longest ago, or NULL.
static struct FscEntry *
oldest_detached(void)
{
	struct FscEntry *e = position();

	for (int i = 0; i < NSCENTRIES; i++, e = flex_after(e)) {
		int n = e - flex_thread.page->entries;
		if (flex_thread.detached[n / 32] & 1U << n % 32)
			return e;
	}
	return NULL;
}

// Takes a free entry, waiting for one if there is hope.
static struct FscEntry *
take(void)
{
	for (;;) {
		// When the cursor meets an entry in use it has been all the
		// way round, as a rule: now many can be freed at once.
		if (position()->status != FSC_FREE)
			reclaim();
		struct FscEntry *e = take_free();
		if (e)
			return e;

		e = oldest_detached();
		if (!e)
			return NULL; // all are to be collected by the caller, who is here
		if (!flex_thread.affinity)
			flex_flush(); // issues all of them in one go
		if (await(e) < 0)
			return NULL;
	}
}

// flex_post when the entry at the cursor is in use, or there is no page.
struct FscEntry *
flex_post_slowly(int num, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t a4, uint32_t a5)
{
	struct FscEntry *e = flex_thread.page ? take() : NULL;

	if (!e)
		return NULL;
	flex_fill(e, num, a1, a2, a3, a4, a5);
	if (flex_thread.affinity) {
		flex_submit_remote(e);
	} else {
		barrier();
		e->status = FSC_SUBMIT;
	}
	return e;
}

// flex_collect when the call isn't done.
int32_t
flex_collect_slowly(struct FscEntry *e)
{
	// Wraps for an entry below the page, NULL included.
	uintptr_t offset = (uintptr_t)e - (uintptr_t)flex_thread.page;

	if (!e || !flex_thread.page || offset >= PGSIZE)
		return -E_INVAL;
	// As a rule this one wait is all it takes.
	if (!flex_thread.affinity && e->status == FSC_SUBMIT)
		sys_flexsc_wait(offset / sizeof(*e));
	if (e->status != FSC_DONE) {
		int r = await(e);
		if (r < 0)
			return r;
	}
	int32_t ret = e->ret;
	e->status = FSC_FREE;
	return ret;
}

static void
detach(const struct FscEntry *e)
{
	int n = e - flex_thread.page->entries;

	flex_thread.detached[n / 32] |= 1U << n % 32;
}

// The stubs. If the page is full of entries that the program has yet to
// collect, the call is made by trap: the result is the same. Without a page,
// PAGE's return -E_INVAL and POST's do nothing.
#define STUB_TRAP(type, name, params, words, args)
#define STUB_OWN(type, name, params, words, args)
#define STUB_PAGE(type, name, params, words, args)                          \
	type flex_##name params                                             \
	{                                                                   \
		struct FscEntry *e = flex_post words;                       \
		if (e)                                                      \
			return (type)flex_collect(e);                       \
		return flex_thread.page ? sys_##name args : (type)-E_INVAL; \
	}
#define STUB_POST(type, name, params, words, args)    \
	type flex_##name params                       \
	{                                             \
		struct FscEntry *e = flex_post words; \
		if (e) {                              \
			detach(e);                    \
		} else if (flex_thread.page) {        \
			flex_flush();                 \
			sys_##name args;              \
		}                                     \
	}

// An argument as a word of an entry.
#define W(a) (uint32_t)(uintptr_t)(a)

#define SYSCALL0(doors, type, name) \
	STUB_##doors(type, name, (void), (SYS_##name, 0, 0, 0, 0, 0), ())
#define SYSCALL1(doors, type, name, t1, a1) \
	STUB_##doors(type, name, (t1 a1), (SYS_##name, W(a1), 0, 0, 0, 0), (a1))
#define SYSCALL2(doors, type, name, t1, a1, t2, a2) \
	STUB_##doors(type, name, (t1 a1, t2 a2), (SYS_##name, W(a1), W(a2), 0, 0, 0), (a1, a2))
#define SYSCALL3(doors, type, name, t1, a1, t2, a2, t3, a3)                                      \
	STUB_##doors(type, name, (t1 a1, t2 a2, t3 a3), (SYS_##name, W(a1), W(a2), W(a3), 0, 0), \
		     (a1, a2, a3))
#define SYSCALL4(doors, type, name, t1, a1, t2, a2, t3, a3, t4, a4) \
	STUB_##doors(type, name, (t1 a1, t2 a2, t3 a3, t4 a4),      \
		     (SYS_##name, W(a1), W(a2), W(a3), W(a4), 0), (a1, a2, a3, a4))
#define SYSCALL5(doors, type, name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5) \
	STUB_##doors(type, name, (t1 a1, t2 a2, t3 a3, t4 a4, t5 a5),       \
		     (SYS_##name, W(a1), W(a2), W(a3), W(a4), W(a5)), (a1, a2, a3, a4, a5))
#include <inc/syscall.def>
#include <inc/syscall_undef.h>
