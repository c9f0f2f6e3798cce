// Taking up submitted entries and executing them: what a syscall thread does
// wherever it runs.
//
// It has interrupts off and opens a window for them now and then. Only there can
// the thread be preempted or ended, so it never holds a lock then, nor is in the
// middle of a call.

#include <inc/error.h>
#include <inc/x86.h>
#include <kern/env.h>
#include <kern/flexsc.h>
#include <kern/syscall.h>

// Lets interrupts in. The thread may go on much later, on another CPU, or end here:
// a call that takes long may call this when it holds nothing.
void
flexsc_window(void)
{
	asm volatile("sti; nop; cli" : : : "memory");
}

// A call that has no result now.
static void __attribute__((noinline))
no_result(struct Fsc *fsc, struct FscEntry *entry, int32_t value)
{
	if (value == CALL_YIELD) {
		fsc->yield = true;
		entry->ret = 0;
		barrier();
		entry->status = FSC_DONE;
		return;
	}
	if (value == CALL_PAGER)
		flexsc_park_for_pager(flexsc_call_of(fsc, entry));
	if (fsc->thread->k->request || fsc->owner->env_status == ENV_DYING) {
		// The call ended the owner, or it was ended meanwhile.
		flexsc_window();
		flexsc_interrupted(fsc->thread, NULL);
	}
	// Else it is parked, and another CPU may have completed it by now.
}

// Whether a call has more than two arguments.
#define SYSCALL0(doors, type, name) [SYS_##name] = false,
#define SYSCALL1(doors, type, name, ...) [SYS_##name] = false,
#define SYSCALL2(doors, type, name, ...) [SYS_##name] = false,
#define SYSCALL3(doors, type, name, ...) [SYS_##name] = true,
#define SYSCALL4(doors, type, name, ...) [SYS_##name] = true,
#define SYSCALL5(doors, type, name, ...) [SYS_##name] = true,
static const bool many_args[NSYSCALLS + 1] = {
#include <inc/syscall.def>
};
#include <inc/syscall_undef.h>

typedef int32_t (*syscall_fn2)(struct Call *call, uint32_t a1, uint32_t a2);

// Takes up submitted entries, from one on that is, until one is not or its call
// has a flag, and returns that one.
//
// Every field is read once. There is one thread to a page, so that a store is
// enough to claim an entry; if the program takes it back at this moment, it is
// too late. Emulated, what costs is memory accesses and branches.
FASTPATH struct FscEntry *
flexsc_issue(struct Fsc *fsc, struct FscEntry *entry)
{
	struct Call *call = flexsc_call_of(fsc, entry);

	do {
		entry->status = FSC_BUSY;
		barrier(); // claimed, then read
		// A number that is none becomes NSYSCALLS.
		uint32_t num = *(volatile int32_t *)&entry->syscall,
			 mask = -(uint32_t)(num < NSYSCALLS);
		num = NSYSCALLS + ((num - NSYSCALLS) & mask);
		fsc->ncalls[num]++;
		syscall_fn fn = syscall_page_table[num];
		const uint32_t *args = entry->args;
		int32_t r;
		if (__builtin_expect(many_args[num], 0))
			r = fn(call, args[0], args[1], args[2], args[3], args[4]);
		else
			r = ((syscall_fn2)(void (*)(void))fn)(call, args[0], args[1]);
		if (__builtin_expect(r <= CALL_YIELD, 0)) {
			no_result(fsc, entry, r);
			return flexsc_after(entry);
		}
		entry->ret = r;
		barrier(); // x86 keeps stores in order; pairs with the program's read of status
		entry->status = FSC_DONE;
		entry = flexsc_after(entry);
		call = flexsc_call_of(fsc, entry);
	} while (((entry->status ^ FSC_SUBMIT) | call->flags) == 0);
	return entry;
}

FASTPATH bool
flexsc_scan(const struct Fsc *fsc, int *ndone)
{
	const struct FscEntry *e = fsc->entries, *end = e + NSCENTRIES;
	uint32_t all = 0, done = 0;

	// Done at every wait, so without branches: of the states only DONE,
	// binary 101, has bits 0 and 2; SUBMIT, 010, shares bit 1 with BUSY.
	for (; e != end; e += 8)
#pragma GCC unroll 8
		for (int i = 0; i < 8; i++) {
			uint32_t s = e[i].status;
			all |= s;
			done += s & s >> 2;
			asm("" : "+r"(all), "+r"(done)); // or the compiler loads all first
		}
	// What is no state counts for something, but only within bounds.
	*ndone = MIN(done, (uint32_t)NSCENTRIES);
	if (!(all & FSC_SUBMIT))
		return false;
	for (e = fsc->entries; e != end; e++)
		if (e->status == FSC_SUBMIT)
			return true;
	return false;
}

// The first submitted entry from one on, or any if the program has taken all back.
static struct FscEntry *
next_submitted(struct FscEntry *entry)
{
	for (int n = 0; n < NSCENTRIES && entry->status != FSC_SUBMIT; n++)
		entry = flexsc_after(entry);
	return entry;
}

// Issues all that is submitted, and returns how many entries are done then.
int
flexsc_drain(struct Fsc *fsc)
{
	struct FscEntry *entry = fsc->cursor;
	int ndone;

	for (;;) {
		struct Call *call = flexsc_call_of(fsc, entry);
		if (entry->status != FSC_SUBMIT) {
			// Before the scan: what is completed after it was
			// parked, or done by this thread.
			fsc->parked = fsc->nparked;
			barrier();
			if (!flexsc_scan(fsc, &ndone))
				break;
			entry = next_submitted(entry);
			call = flexsc_call_of(fsc, entry);
			flexsc_window();
		} else if (call->flags) {
			flexsc_window();
		}
		// In flight, whatever the page says. It may be completed right now.
		if (call->flags & CALL_IS_PARKED)
			__sync_bool_compare_and_swap((volatile uint32_t *)&entry->status,
						     FSC_SUBMIT, FSC_BLOCKED);
		if (entry->status != FSC_SUBMIT)
			continue;
		entry = flexsc_issue(fsc, entry);
		fsc->news = true;
	}
	fsc->cursor = entry;
	return ndone;
}
