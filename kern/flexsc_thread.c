// A syscall thread's life: it issues what is submitted (kern/flexsc_issue.c), and
// goes back to its owner, or polls, or sleeps; or loses its CPU in between.

#include <inc/x86.h>
#include <kern/clock.h>
#include <kern/cpu.h>
#include <kern/env.h>
#include <kern/flexsc.h>
#include <kern/sched.h>
#include <kern/tlb.h>
#include <kern/trap.h>

#define POLLS_PER_WINDOW 64
#define POLL_INTERVAL 160 // turns of an empty loop between two looks
#define POLL_US 2000      // polls so long after its last work

static void alone_main(void *arg);
static void go_idle(void *arg);
static void leave(void *arg);

// ---- Paired -------------------------------------------------------------------

// The functions with an argument of void * run on the CPU's stack: the thread has
// left its own.

// All is issued, but there is more to it than going back.
static void
end_pair(void *arg)
{
	struct Fsc *fsc = arg;
	struct Env *owner = fsc->owner;
	bool yield = fsc->yield, block = false;

	fsc->yield = false;
	fsc->state = FSC_IDLE;
	if (owner->k->request & REQ_TIMED)
		usage_of_thread(owner);
	spin_lock(&owner->k->lock);
	if (owner->env_status == ENV_DYING) {
		block = true; // sched() finds it
	} else if (flexsc_needs_pager(fsc)) {
		fsc->waiting = FSC_NOT_WAITING;
		call_restart(&owner->k->call); // and it will find out why
	} else if (flexsc_satisfied(fsc)) {
		owner->k->tf.tf_regs.reg_eax = flexsc_end_wait(fsc);
	} else {
		owner->k->call.flags = CALL_IS_PARKED;
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

// Goes straight back to the owner, whose wait is over: the CPU is still as the
// owner left it.
static inline void __attribute__((noreturn)) hand_back(struct Fsc *fsc, int result)
{
	struct EnvKernel *k = fsc->owner->k;

	fsc->news = false;
	fsc->waiting = FSC_NOT_WAITING;
	fsc->state = FSC_IDLE;
	k->tf.tf_regs.reg_eax = result;
	env_return(k);
}

// What the thread does in its owner's place. Begins at the top of its stack.
FASTPATH static __attribute__((noreturn, used)) void
paired_main(struct Fsc *fsc)
{
	struct FscEntry *entry = fsc->cursor;

	// Most often the owner waits for one entry, and the batch that it is
	// of begins at the cursor.
	if (fsc->waiting >= 0 &&
	    ((entry->status ^ FSC_SUBMIT) | flexsc_call_of(fsc, entry)->flags) == 0) {
		fsc->cursor = flexsc_issue(fsc, entry);
		fsc->news = true;
		if (fsc->state == FSC_PAIRED && !(fsc->yield | fsc->owner->k->request) &&
		    fsc->entries[fsc->waiting].status == FSC_DONE)
			hand_back(fsc, 1);
	}

	int ndone = flexsc_drain(fsc);
	if (fsc->state != FSC_PAIRED) // the owner has been parted from it in a window
		call_on_stack(thiscpu->kstacktop, go_idle, fsc);
	if (fsc->parked | fsc->yield | fsc->owner->k->request)
		call_on_stack(thiscpu->kstacktop, end_pair, fsc);
	hand_back(fsc, fsc->news ? ndone : 0);
}

// The owner, which runs, waits: the thread runs in its place.
FASTPATH void
flexsc_pair(struct Fsc *fsc)
{
	fsc->state = FSC_PAIRED;
	asm volatile("movl %1,%%esp; xorl %%ebp,%%ebp; pushl %%ebp; jmp paired_main"
		     :
		     : "a"(fsc), "d"(fsc->thread->k->kthread_stack)
		     : "memory");
	__builtin_unreachable();
}

// ---- By itself ----------------------------------------------------------------

// Tells an owner that waits that its turn may have come. Called after state was
// changed from FSC_DRAINING.
static void
tell_owner(struct Fsc *fsc)
{
	struct Env *owner = fsc->owner;

	full_barrier(); // after state, before waiting; pairs with wait_alone
	if (fsc->waiting == FSC_NOT_WAITING)
		return;
	spin_lock(&owner->k->lock);
	if (flexsc_finish_wait(fsc))
		sched_ready(owner);
	spin_unlock(&owner->k->lock);
}

// Polls for submissions in line with the last, and issues them. The entries are in
// the cache of the program's CPU while it fills or collects them, and a look from
// here takes one away: so the others are looked at only when nothing has come for
// a while, and the next one not all the time. True when there is more to it: drain.
static bool
poll(struct Fsc *fsc)
{
	uint64_t deadline = read_tsc() + clock_us_to_tsc(POLL_US);
	int ndone;

	for (;;) {
		for (int n = 0; n < POLLS_PER_WINDOW; n++) {
			if (fsc->cursor->status != FSC_SUBMIT) {
				for (int i = 0; i < POLL_INTERVAL; i++)
					barrier();
				continue;
			}
			if (flexsc_call_of(fsc, fsc->cursor)->flags)
				return true;
			fsc->state = FSC_DRAINING;
			fsc->cursor = flexsc_issue(fsc, fsc->cursor);
			fsc->news = true;
			fsc->yield = false; // the owner runs elsewhere
			fsc->state = FSC_POLLING;
			tell_owner(fsc);
			if (!(fsc->cpus & (1u << cpunum())))
				return false;
			deadline = 0;
			n = 0;
		}
		if (flexsc_scan(fsc, &ndone))
			return true;
		flexsc_window();
		if (!(fsc->cpus & (1u << cpunum())))
			return false;
		uint64_t now = read_tsc();
		if (deadline == 0)
			deadline = now + clock_us_to_tsc(POLL_US);
		if (now > deadline)
			break;
	}
	// The program submits, and then looks whether to ring, with no barrier
	// between: so this one is for both. Either it sees need_wake, or its
	// submission is seen here.
	fsc->sleepy = true;
	fsc->entries[0].need_wake = 1;
	tlb_barrier(fsc->thread->k->as);
	return flexsc_scan(fsc, &ndone);
}

// What the thread does on another CPU. Begins at the top of its stack.
static void
alone_main(void *arg)
{
	struct Fsc *fsc = arg;

	do {
		fsc->state = FSC_DRAINING;
		if (fsc->sleepy) {
			fsc->sleepy = false;
			fsc->entries[0].need_wake = 0;
		}
		flexsc_drain(fsc);
		fsc->yield = false; // the owner runs elsewhere
		if (!fsc->cpus)
			call_on_stack(thiscpu->kstacktop, go_idle, fsc);
		fsc->state = FSC_POLLING;
		tell_owner(fsc);
	} while (poll(fsc));
	if (fsc->cpus && !(fsc->cpus & (1u << cpunum())))
		call_on_stack(thiscpu->kstacktop, leave, fsc);
	call_on_stack(thiscpu->kstacktop, go_idle, fsc);
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
	bool dying = thread->env_status == ENV_DYING;
	// To work if somebody counts on it: who has rung, and who waits, has taken
	// the owner's lock. And back to polling, if it did not give that up itself
	// but was told to idle and then told otherwise: nobody would ring.
	bool wanted = fsc->cpus || fsc->waiting != FSC_NOT_WAITING;
	bool more = !dying && ((wanted && flexsc_scan(fsc, &ndone)) || (fsc->cpus && !fsc->sleepy));
	if (!dying && !more) {
		usage_off(thread);
		thread->env_status = ENV_NOT_RUNNABLE;
		thiscpu->running = NULL;
		sched_set_active(false);
		fsc->state = FSC_IDLE;
	}
	spin_unlock(&thread->k->lock);
	if (!dying && !more && flexsc_finish_wait(fsc)) {
		handoff = !fsc->cpus && !owner->k->request;
		if (handoff) {
			sched_set_active(true);
			owner->env_status = ENV_RUNNING;
			owner->env_cpunum = cpunum();
			owner->env_runs++;
			usage_on(owner);
			thiscpu->running = owner;
		} else {
			sched_ready(owner);
		}
	}
	spin_unlock(&owner->k->lock);
	if (more)
		call_on_stack(thread->k->kthread_stack, alone_main, fsc);
	if (handoff)
		env_run(owner);
	sched();
}

// ---- Interrupted --------------------------------------------------------------

// The syscall thread that this CPU runs, on its own behalf or for its owner.
// For code that knows that it runs one.
struct Env *
flexsc_thread_here(void)
{
	struct Env *e = curenv;
	return env_is_syscall_thread(e) ? e : e->k->fsc->thread;
}

// Interrupted in a window to lose the CPU, or about to be ended.
static void
leave(void *arg)
{
	struct Fsc *fsc = arg;
	struct Env *owner = fsc->owner, *thread = fsc->thread;

	if (fsc->state != FSC_PAIRED) {
		sched_preempt(thread);
		sched();
	}
	// From here on they are two: the owner sleeps in its wait, and the
	// thread competes for a CPU.
	spin_lock(&owner->k->lock);
	if (owner->env_status == ENV_DYING) {
		fsc->state = FSC_IDLE;
	} else {
		fsc->state = FSC_DRAINING;
		owner->k->call.flags = CALL_IS_PARKED;
		sched_block(owner);
		spin_lock(&thread->k->lock);
		sched_ready(thread);
		spin_unlock(&thread->k->lock);
	}
	spin_unlock(&owner->k->lock);
	sched();
}

// An interrupt in a window, with its frame; or a look whether to go on (NULL).
// Does not return if the thread has to leave.
void
flexsc_interrupted(struct Env *thread, struct Trapframe *tf)
{
	struct Fsc *fsc = thread->k->fsc;
	bool die = thread->k->request ||
		   (fsc->state == FSC_PAIRED && (fsc->owner->k->request & REQ_DIE));
	bool tick = tf && tf->tf_trapno == IRQ_OFFSET + IRQ_TIMER;

	bool leaves = tick && sched_others_wait();
	if (tick) {
		struct Env *on_cpu = fsc->state == FSC_PAIRED ? fsc->owner : thread;
		spin_lock(&on_cpu->k->lock);
		on_cpu->k->used.ticks++;
		on_cpu->k->used.preempted += leaves;
		spin_unlock(&on_cpu->k->lock);
	}
	if (!die && !leaves)
		return;
	// The frame stays on the thread's stack, which is left before
	// another CPU can resume it.
	thread->k->kframe = die ? NULL : tf;
	call_on_stack(thiscpu->kstacktop, leave, fsc);
}

// Goes on with a thread that was scheduled.
void
flexsc_resume_thread(struct Env *thread)
{
	struct Trapframe *tf = thread->k->kframe;

	thread->k->kframe = NULL;
	if (tf)
		resume_frame(tf);
	call_on_stack(thread->k->kthread_stack, alone_main, thread->k->fsc);
}
