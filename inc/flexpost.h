// Posting a call into the syscall page, and collecting its result.
//
// What nearly every call takes is here, to be inlined: a handful of stores for
// posting, two loads and a store for collecting. Everything else is
// a function of lib/flex_syscall.c.
//
// Entries are used in the order of a ring. A cursor is the entry that is next;
// if it is free, flex_post takes it. There are two, of which one at most is in
// use: the one for a syscall thread on the program's own CPU, where all that a
// post does is to store, and the one for another CPU's, which may have to be
// woken. The other is flex_nowhere, an entry that is never free, and so are
// both of an env without a page.
#ifndef INC_FLEXPOST_H
#define INC_FLEXPOST_H

#include <inc/flexsc.h>
#include <inc/mmu.h>
#include <inc/syscall.h>
#include <inc/types.h>
#include <inc/x86.h>

struct FlexThread {
	struct FscEntry *cursor;            // or flex_nowhere
	struct FscEntry *remote_cursor;     // or flex_nowhere
	struct FscPage *page;               // NULL: not registered
	uint32_t affinity;                  // as last given to flexsc_affinity
	uint32_t detached[NSCENTRIES / 32]; // bit n: nobody will collect entry n
};

// lib/flex_syscall.c. A thread's own; a page belongs to the thread that
// registered it.
extern __thread struct FlexThread flex_thread;
extern struct FscEntry flex_nowhere; // never free
struct FscEntry *flex_post_slowly(int num, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t a4,
				  uint32_t a5);
int32_t flex_collect_slowly(struct FscEntry *entry);
void flex_ring(void);
void flex_flush(void);

// In a forked child, whose copy of the state above is its parent's.
static inline __attribute__((always_inline)) void
flex_forget(void)
{
	flex_thread.cursor = &flex_nowhere;
	flex_thread.remote_cursor = &flex_nowhere;
	flex_thread.page = NULL;
}

// How many arguments call num has; 5 for one that there is not.
static inline __attribute__((always_inline)) unsigned int
flex_nargs(int num)
{
	static const uint8_t nargs[NSYSCALLS] = {
#define SYSCALL0(doors, type, name, ...) [SYS_##name] = 0,
#define SYSCALL1(doors, type, name, ...) [SYS_##name] = 1,
#define SYSCALL2(doors, type, name, ...) [SYS_##name] = 2,
#define SYSCALL3(doors, type, name, ...) [SYS_##name] = 3,
#define SYSCALL4(doors, type, name, ...) [SYS_##name] = 4,
#define SYSCALL5(doors, type, name, ...) [SYS_##name] = 5,
#include <inc/syscall.def>
#include <inc/syscall_undef.h>
	};

	return num >= 0 && num < NSYSCALLS ? nargs[num] : 5;
}

// Fills an entry but for its status. Where the compiler knows the call, the
// arguments that it does not have are not stored.
static inline __attribute__((always_inline)) void
flex_fill(struct FscEntry *e, int num, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t a4,
	  uint32_t a5)
{
	unsigned int nargs = __builtin_constant_p(num) ? flex_nargs(num) : 5;

	e->syscall = num;
	if (nargs > 0)
		e->args[0] = a1;
	if (nargs > 1)
		e->args[1] = a2;
	if (nargs > 2)
		e->args[2] = a3;
	if (nargs > 3)
		e->args[3] = a4;
	if (nargs > 4)
		e->args[4] = a5;
}

// The entry after e on its page; after the last, the first.
static inline __attribute__((always_inline)) struct FscEntry *
flex_after(struct FscEntry *e)
{
	uintptr_t at = (uintptr_t)e;

	return (struct FscEntry *)(ROUNDDOWN(at, PGSIZE) | PGOFF(at + sizeof(struct FscEntry)));
}

// Publishes a filled entry to a syscall thread that may be asleep.
static inline __attribute__((always_inline)) void
flex_submit_remote(struct FscEntry *e)
{
	barrier(); // all of it before SUBMIT; the kernel reads in the reverse order
	// x86 may put the look before the store. The kernel sees to that: between
	// setting need_wake and its last look at the entries, it makes every
	// CPU that runs this program pass a full barrier (tlb_barrier).
	e->status = FSC_SUBMIT;
	barrier();
	if (__builtin_expect(flex_thread.page->entries[0].need_wake != 0, 0))
		flex_ring();
}

// Posts call num and returns its entry, to be given to flex_collect once. If
// the page is full, waits until a call completes that nobody will collect. NULL
// if there is none such, or no page is registered. What the arguments point at
// must stay until the call is done.
static inline struct FscEntry *
flex_post(int num, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t a4, uint32_t a5)
{
	struct FscEntry *e = flex_thread.cursor;

	// Before the entry is looked at: this store may fault, and the page-fault
	// handler that then runs may post, too, and take that entry. Nothing that
	// follows can fault, so FSC_ALLOC is not needed.
	flex_thread.cursor = flex_after(e);
	barrier();
	if (__builtin_expect(e->status == FSC_FREE, 1)) {
		flex_fill(e, num, a1, a2, a3, a4, a5);
		barrier(); // all of it before SUBMIT; the kernel reads in the reverse order
		e->status = FSC_SUBMIT;
		return e;
	}
	flex_thread.cursor = e;
	e = flex_thread.remote_cursor;
	flex_thread.remote_cursor = flex_after(e);
	barrier();
	if (e->status != FSC_FREE) {
		flex_thread.remote_cursor = e;
		return flex_post_slowly(num, a1, a2, a3, a4, a5);
	}
	flex_fill(e, num, a1, a2, a3, a4, a5);
	flex_submit_remote(e);
	return e;
}

// Whether the call has completed. Enters the kernel only if a call waits for this
// program's own pager, which then runs.
static inline int
flex_done(const struct FscEntry *entry)
{
	if (entry && entry->status == FSC_BLOCKED && flex_thread.page->entries[0].need_pager)
		flex_flush();
	return entry && entry->status == FSC_DONE;
}

// Waits for the call if need be, frees its entry and returns its result.
// -E_INVAL: NULL, or an entry that no call was posted in.
static inline int32_t
flex_collect(struct FscEntry *entry)
{
	if (__builtin_expect(!entry || entry->status != FSC_DONE, 0))
		return flex_collect_slowly(entry);
	int32_t ret = entry->ret; // the kernel wrote it before FSC_DONE
	entry->status = FSC_FREE;
	return ret;
}

#endif
