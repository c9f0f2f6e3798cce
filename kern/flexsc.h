// FlexSC: syscall pages, and the syscall threads that execute what is in them.
#ifndef KERN_FLEXSC_H
#define KERN_FLEXSC_H

#include <inc/flexsc.h>
#include <inc/syscall.h>
#include <inc/trap.h>
#include <kern/call.h>

struct Env;
struct PageInfo;

#define FSC_NOT_WAITING (-3) // next to FSC_WAIT_*

// A registered page, from register to the end of its owner. The thread executes
// calls in one of two ways: paired, on the CPU of the owner, which stands in
// flexsc_wait and counts as running; or by itself, as an env that is scheduled.
struct Fsc {
	struct Env *owner;
	struct Env *thread;
	struct PageInfo *page;
	struct FscEntry *entries; // the page's, by the kernel's window

	// The running CPU's own, of owner or thread.
	bool paired;       // the thread runs in the owner's place
	uint32_t cursor;   // where the thread expects the next submission, in bytes
	bool yield;        // the owner gives up the CPU when the thread is done
	bool parked;       // calls were parked when it looked at the page last
	uint64_t deadline; // polls until then
	uint32_t ncalls[NSYSCALLS + 1]; // the last: bad numbers

	// Written by the thread or a completer, read by the owner, each with
	// a full barrier between its own write and its read of the other's.
	volatile bool draining; // the thread may still issue what was submitted
	volatile bool news;     // a call was done since the owner waited last

	// Under the owner's lock.
	uint32_t cpus;        // where the thread polls; 0: only paired
	volatile bool idle;   // the thread is off its stack, and on no queue
	volatile int nparked; // calls of the page that are parked
	volatile int waiting; // what the owner waits for: an entry, or FSC_*

	struct Call calls[NSCENTRIES];
};

void flexsc_stop(struct Fsc *fsc);
void flexsc_free(struct Fsc *fsc);
void flexsc_reap_thread(struct Env *thread);
void flexsc_resume_thread(struct Env *thread) __attribute__((noreturn));
void flexsc_interrupted(struct Env *thread, struct Trapframe *tf);
void flexsc_start(struct Env *thread) __attribute__((noreturn)); // flexsc_thread.c
int flexsc_polled_cpu(const struct Env *e);
uint32_t flexsc_ncalls(const struct Env *e, int num);

// Under the owner's lock:
void flexsc_park(struct Call *call);
void flexsc_complete(struct Call *call, int32_t result);
bool flexsc_satisfied(struct Fsc *fsc);
int flexsc_end_wait(struct Fsc *fsc);
bool flexsc_finish_wait(struct Fsc *fsc);
void flexsc_wake_thread(struct Fsc *fsc);

// A look at all entries: whether any is submitted, and how many are done.
bool flexsc_scan(const struct Fsc *fsc, int *ndone);

#endif
