// What a syscall thread does: it takes up submitted entries, executes them, and
// goes back to its owner, or polls, or sleeps.
//
// It runs with interrupts off and opens a window for them every few calls. Only
// there can it be preempted or ended, so it never holds a lock then, nor is in
// the middle of a call.

#include <inc/error.h>
#include <inc/x86.h>
#include <kern/clock.h>
#include <kern/cpu.h>
#include <kern/env.h>
#include <kern/flexsc.h>
#include <kern/sched.h>
#include <kern/syscall.h>
#include <kern/trap.h>

#define WINDOW_STRIDE (PGSIZE / 2) // a window before entries 0 and 32
#define POLLS_PER_WINDOW 64
#define POLL_US 2000 // polls so long after its last work

// ---- Executing ----------------------------------------------------------------

// Lets interrupts in. The thread may go on much later, on another CPU.
static inline void
window(void)
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
	} else if (fsc->thread->k->request || fsc->owner->env_status == ENV_DYING) {
		// The call ended the owner, or it was ended meanwhile.
		window();
		flexsc_interrupted(fsc->thread, NULL);
	}
	// Else it is parked, and another CPU may have completed it by now.
}

// The entry that is off bytes into the page, and its call.
static inline volatile struct FscEntry *
entry_at(const struct Fsc *fsc, uint32_t off)
{
	return (struct FscEntry *)((char *)fsc->entries + off);
}

static inline struct Call *
call_at(struct Fsc *fsc, uint32_t off)
{
	static_assert(sizeof(struct Call) * 2 == sizeof(struct FscEntry), "");
	return (struct Call *)((char *)fsc->calls + off / 2);
}

// Takes up a submitted entry, whose every field is read once. There is one
// thread to a page, so a store is enough to claim it; if the program takes it
// back at this moment, it has been too late.
static inline void
issue(struct Fsc *fsc, uint32_t off)
{
	volatile struct FscEntry *entry = entry_at(fsc, off);

	entry->status = FSC_BUSY;
	// A number that is none becomes NSYSCALLS, without a branch.
	uint32_t num = entry->syscall, mask = -(uint32_t)(num < NSYSCALLS);
	num = (num & mask) | (NSYSCALLS & ~mask);
	fsc->ncalls[num]++;
	int32_t r = syscall_page_table[num](call_at(fsc, off), entry->args[0], entry->args[1],
					    entry->args[2], entry->args[3], entry->args[4]);
	if (r <= CALL_YIELD) {
		no_result(fsc, (struct FscEntry *)entry, r);
		return;
	}
	entry->ret = r;
	barrier(); // x86 keeps stores in order; pairs with the program's read of status
	entry->status = FSC_DONE;
}

bool
flexsc_scan(const struct Fsc *fsc, int *ndone)
{
	const struct FscEntry *e = fsc->entries, *end = e + NSCENTRIES;
	uint32_t all = 0, done = 0;

	// Done at every wait, so without branches: of the states only DONE,
	// binary 101, has bits 0 and 2; SUBMIT, 010, shares bit 1 with BUSY.
	for (; e != end; e += 8) {
#define LOOK(i)                                                                                    \
	do {                                                                                       \
		uint32_t s = e[i].status;                                                          \
		all |= s;                                                                          \
		done += s & s >> 2;                                                                \
	} while (0)
		LOOK(0);
		LOOK(1);
		LOOK(2);
		LOOK(3);
		LOOK(4);
		LOOK(5);
		LOOK(6);
		LOOK(7);
#undef LOOK
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

// The first submitted entry from off on, or any if the program has taken all back.
static uint32_t
next_submitted(const struct Fsc *fsc, uint32_t off)
{
	for (int n = 0; n < NSCENTRIES && entry_at(fsc, off)->status != FSC_SUBMIT; n++)
		off = (off + sizeof(struct FscEntry)) % PGSIZE;
	return off;
}

// Issues all that is submitted, and returns how many entries are done then.
static int
drain(struct Fsc *fsc)
{
	uint32_t off = fsc->cursor;
	bool issued = false;
	int ndone;

	for (;;) {
		// One branch in the usual case: submitted, not in flight
		// already, and no window due.
		if ((entry_at(fsc, off)->status ^ FSC_SUBMIT) | call_at(fsc, off)->parked |
		    !(off % WINDOW_STRIDE)) {
			if (entry_at(fsc, off)->status != FSC_SUBMIT) {
				// Before the scan: what is completed after it
				// was parked, or done by this thread.
				fsc->parked = fsc->nparked;
				barrier();
				if (!flexsc_scan(fsc, &ndone))
					break;
				off = next_submitted(fsc, off);
			}
			window();
			if (call_at(fsc, off)->parked)
				// In flight, whatever the page says.
				entry_at(fsc, off)->status = FSC_BLOCKED;
			if (entry_at(fsc, off)->status != FSC_SUBMIT)
				continue;
		}
		issue(fsc, off);
		issued = true;
		off = (off + sizeof(struct FscEntry)) % PGSIZE;
	}
	fsc->cursor = off;
	if (issued)
		fsc->news = true;
	return ndone;
}

// ---- Going on -----------------------------------------------------------------

// The functions below run on the CPU's stack: the thread has left its own.

// Paired and drained, but there is more to it than going back.
static void
end_pair(void *arg)
{
	struct Fsc *fsc = arg;
	struct Env *owner = fsc->owner;
	bool yield = fsc->yield, block = false;

	fsc->thread->env_status = ENV_NOT_RUNNABLE;
	fsc->paired = fsc->yield = fsc->draining = false;
	fsc->idle = true;
	curenv = owner;
	spin_lock(&owner->k->lock);
	if (owner->env_status == ENV_DYING) {
		block = true; // sched() finds it
	} else if (flexsc_satisfied(fsc)) {
		owner->k->tf.tf_regs.reg_eax = flexsc_end_wait(fsc);
	} else {
		owner->k->call.parked = true;
		sched_block(owner);
		block = true;
	}
	spin_unlock(&owner->k->lock);
	if (block)
		sched();
	if (yield) {
		sched_preempt(owner);
		sched();
	}
	if (owner->k->request)
		sched_serve_request(owner);
	env_return(owner->k);
}

// By itself, and nothing more to do. If the owner waits and may go on, it gets
// this CPU at once.
static void
go_idle(void *arg)
{
	struct Fsc *fsc = arg;
	struct Env *owner = fsc->owner, *thread = fsc->thread;
	bool handoff = false;
	int ndone;

	spin_lock(&owner->k->lock);
	spin_lock(&thread->k->lock);
	if (thread->env_status == ENV_DYING) {
		spin_unlock(&thread->k->lock);
		spin_unlock(&owner->k->lock);
		sched();
	}
	// A doorbell takes the lock: what was rung for before is seen now.
	if (fsc->cpus && flexsc_scan(fsc, &ndone)) {
		spin_unlock(&thread->k->lock);
		spin_unlock(&owner->k->lock);
		flexsc_start(thread);
	}
	thread->env_status = ENV_NOT_RUNNABLE;
	curenv = NULL;
	fsc->idle = true;
	fsc->draining = false;
	sched_set_active(thread, false);
	spin_unlock(&thread->k->lock);

	if (flexsc_finish_wait(fsc)) {
		handoff = !fsc->cpus && !owner->k->request;
		if (handoff) {
			sched_set_active(owner, true);
			owner->env_status = ENV_RUNNING;
			owner->env_cpunum = cpunum();
			owner->env_runs++;
			curenv = owner;
		} else {
			sched_ready(owner);
		}
	}
	spin_unlock(&owner->k->lock);
	if (handoff)
		env_run(owner);
	sched();
}

// Interrupted in a window to lose the CPU, or about to be ended.
static void
leave(void *arg)
{
	struct Env *thread = arg;
	struct Fsc *fsc = thread->k->fsc;
	struct Env *owner = fsc->owner;

	if (fsc->paired) {
		// From here on they are two: the owner sleeps in its wait, and
		// the thread competes for a CPU.
		fsc->paired = false;
		spin_lock(&owner->k->lock);
		curenv = owner;
		if (owner->env_status == ENV_DYING) {
			thread->env_status = ENV_NOT_RUNNABLE;
			spin_unlock(&owner->k->lock);
			sched();
		}
		owner->k->call.parked = true;
		sched_block(owner);
		spin_lock(&thread->k->lock);
		sched_ready(thread);
		spin_unlock(&thread->k->lock);
		spin_unlock(&owner->k->lock);
	} else {
		sched_preempt(thread);
	}
	sched();
}

// An interrupt in a window, with its frame; or a look whether to go on (NULL).
// Does not return if the thread has to leave.
void
flexsc_interrupted(struct Env *thread, struct Trapframe *tf)
{
	struct Fsc *fsc = thread->k->fsc;
	bool die = thread->k->request || (fsc->paired && (fsc->owner->k->request & REQ_DIE));
	bool tick = tf && tf->tf_trapno == IRQ_OFFSET + IRQ_TIMER;

	if (tick) {
		fsc->owner->k->ticks++;
		thread->k->ticks++;
	}
	if (!die && !(tick && sched_others_wait()))
		return;
	// The frame stays on the thread's stack, which is left before
	// another CPU can resume it.
	thread->k->kframe = die ? NULL : tf;
	call_on_stack(thiscpu->kstacktop, leave, thread);
}

void
flexsc_resume_thread(struct Env *thread)
{
	struct Trapframe *tf = thread->k->kframe;

	thread->k->kframe = NULL;
	if (tf)
		resume_frame(tf);
	flexsc_start(thread);
}

// ---- The thread ---------------------------------------------------------------

// Tells an owner that waits that its turn may have come. Called after draining
// was cleared.
static void
tell_owner(struct Fsc *fsc)
{
	struct Env *owner = fsc->owner;

	full_barrier(); // after draining, before waiting; pairs with sys_flexsc_wait
	if (fsc->waiting == FSC_NOT_WAITING)
		return;
	spin_lock(&owner->k->lock);
	if (flexsc_finish_wait(fsc))
		sched_ready(owner);
	spin_unlock(&owner->k->lock);
}

// Polls for a submission. False when it is time to sleep.
static bool
poll(struct Fsc *fsc)
{
	int ndone;

	for (;;) {
		for (int n = 0; n < POLLS_PER_WINDOW; n++) {
			if (entry_at(fsc, fsc->cursor)->status == FSC_SUBMIT)
				return true;
			pause();
		}
		if (flexsc_scan(fsc, &ndone))
			return true;
		window();
		if (!(fsc->cpus & (1u << cpunum())))
			return false;
		if (read_tsc() > fsc->deadline)
			break;
	}
	fsc->entries[0].need_wake = 1;
	full_barrier(); // before the last look; pairs with the program's, between
			// its submission and its look at need_wake
	if (!flexsc_scan(fsc, &ndone))
		return false;
	fsc->entries[0].need_wake = 0;
	return true;
}

static void
thread_main(void *arg)
{
	struct Env *thread = arg;
	struct Fsc *fsc = thread->k->fsc;
	struct Env *owner = fsc->owner;

	for (;;) {
		fsc->draining = true;
		int ndone = drain(fsc);

		if (fsc->paired) {
			if (fsc->parked || fsc->yield || owner->k->request)
				call_on_stack(thiscpu->kstacktop, end_pair, fsc);
			// All is done: straight back, on the same CPU.
			thread->env_status = ENV_NOT_RUNNABLE;
			fsc->paired = fsc->draining = false;
			fsc->idle = true;
			fsc->waiting = FSC_NOT_WAITING;
			thiscpu->running = owner;
			owner->k->tf.tf_regs.reg_eax = fsc->news ? ndone : 0;
			fsc->news = false;
			env_return(owner->k);
		}

		if (!fsc->cpus)
			call_on_stack(thiscpu->kstacktop, go_idle, fsc);
		fsc->draining = false;
		tell_owner(fsc);
		if (fsc->yield) {
			fsc->yield = false; // the owner runs elsewhere
		}
		fsc->deadline = read_tsc() + clock_us_to_tsc(POLL_US);
		if (!poll(fsc)) {
			if (fsc->cpus && !(fsc->cpus & (1u << cpunum()))) // has to move
				call_on_stack(thiscpu->kstacktop, leave, thread);
			call_on_stack(thiscpu->kstacktop, go_idle, fsc);
		}
	}
}

// Runs the thread from the start of its stack, on this CPU.
void
flexsc_start(struct Env *thread)
{
	call_on_stack(thread->k->kthread_stack, thread_main, thread);
}
