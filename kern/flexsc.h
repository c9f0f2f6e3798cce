// FlexSC: syscall pages, and the syscall threads that execute what is in them.
#ifndef KERN_FLEXSC_H
#define KERN_FLEXSC_H

#include <inc/flexsc.h>
#include <inc/mmu.h>
#include <inc/syscall.h>
#include <inc/trap.h>
#include <kern/call.h>

struct Env;
struct PageInfo;

#define FSC_NOT_WAITING (-3) // next to FSC_WAIT_*
#define FSC_WINDOW 32        // before this entry, a window for interrupts

// Where a syscall thread stands.
enum FscState {
	FSC_IDLE,     // off its stack, on no queue
	FSC_PAIRED,   // runs in its owner's place, on its CPU: it is not scheduled
		      // itself, the owner counts as running
	FSC_DRAINING, // an env like others; may yet issue what was submitted
	FSC_POLLING,  // an env like others; has issued all, and looks for more
};

// A registered page, from register to the end of its owner.
struct Fsc {
	struct Env *owner;
	struct Env *thread;
	struct PageInfo *page;
	struct FscEntry *entries; // the page's, by the kernel's window

	// The running CPU's own, of owner or thread.
	struct FscEntry *cursor;        // where the thread expects the next submission
	bool yield;                     // the owner gives up the CPU when the thread is done
	bool sleepy;                    // it has polled in vain, and set need_wake
	bool parked;                    // calls were parked when it looked at the page last
	uint32_t ncalls[NSYSCALLS + 1]; // the last: bad numbers

	// Written by the thread, or by its owner while that is FSC_IDLE.
	volatile enum FscState state;

	// A call was done since the owner waited last. Written by thread and
	// completers before, and read by the owner after, a full barrier.
	volatile bool news;

	// Under the owner's lock.
	uint32_t cpus;        // where the thread polls; 0: only paired
	volatile int nparked; // calls of the page that are parked
	volatile int npager;  // of them, for the owner's pager, which has not been told yet;
	volatile int nran;    // and which has
	volatile int waiting; // what the owner waits for: an entry, or FSC_*

	struct IpcSend sends[NSCENTRIES]; // of the calls below

	// Half a page into a page, for kern/flexsc_thread.c.
	struct Call calls[NSCENTRIES] __attribute__((aligned(PGSIZE / 2)));
};

void flexsc_stop(struct Fsc *fsc);
void flexsc_free(struct Fsc *fsc);
void flexsc_reap_thread(struct Env *thread);
void flexsc_resume_thread(struct Env *thread) __attribute__((noreturn));
void flexsc_interrupted(struct Env *thread, struct Trapframe *tf);
void flexsc_pair(struct Fsc *fsc) __attribute__((noreturn));
struct Env *flexsc_thread_here(void);
int flexsc_polled_cpu(const struct Env *e);
uint32_t flexsc_ncalls(const struct Env *e, int num);

void flexsc_park_for_pager(struct Call *call);

// Under the owner's lock:
void flexsc_park(struct Call *call);
bool flexsc_needs_pager(const struct Fsc *fsc);
void flexsc_complete(struct Call *call, int32_t result);
bool flexsc_satisfied(struct Fsc *fsc);
int flexsc_end_wait(struct Fsc *fsc);
bool flexsc_finish_wait(struct Fsc *fsc);

// kern/flexsc_issue.c
struct FscEntry *flexsc_issue(struct Fsc *fsc, struct FscEntry *entry);
int flexsc_drain(struct Fsc *fsc);
void flexsc_window(void);

// A look at all entries: whether any is submitted, and how many are done.
bool flexsc_scan(const struct Fsc *fsc, int *ndone);

// The call of an entry: entries fill a page, and calls of half their size the
// second half of the page that Fsc is.
static inline struct Call *
flexsc_call_of(struct Fsc *fsc, const struct FscEntry *entry)
{
	static_assert(sizeof(struct Call) * 2 == sizeof(struct FscEntry), "");
	static_assert(offsetof(struct Fsc, calls) == PGSIZE / 2, "");
	return (struct Call *)((char *)fsc->calls + PGOFF(entry) / 2);
}

// The entry after another; after the last, the first.
static inline struct FscEntry *
flexsc_after(const struct FscEntry *entry)
{
	return (struct FscEntry *)(ROUNDDOWN((uintptr_t)entry, PGSIZE) | PGOFF(entry + 1));
}

#endif
