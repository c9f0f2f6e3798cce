// The scheduler: a run queue for each CPU, round robin. An env that becomes
// runnable goes to the CPU that it was on last if that is idle, else to an
// idle one, else waits where it was; a CPU with nothing to do takes from the
// longest queue. The run ends when nothing can ever run again.

#include <inc/assert.h>
#include <inc/x86.h>
#include <kern/aspace.h>
#include <kern/clock.h>
#include <kern/cpu.h>
#include <kern/ctrlc.h>
#include <kern/env.h>
#include <kern/flexsc.h>
#include <kern/lapic.h>
#include <kern/run.h>
#include <kern/sched.h>
#include <kern/tlb.h>
#include <kern/trap.h>

#define IDLE_POLL_US 200 // a CPU with nothing to do looks so long before it halts
#define HANDOFFS 64

static volatile uint32_t nidle;  // CPUs that found nothing to run
static volatile uint32_t ending; // a CPU ends the run

// ---- Queues: under the queue's lock -----------------------------------------

SWITCHPATH static void
queue_append(struct RunQueue *rq, struct Env *e)
{
	e->k->rq = rq;
	e->k->rq_next = NULL;
	e->k->rq_prev = rq->tail;
	if (rq->tail)
		rq->tail->k->rq_next = e;
	else
		rq->head = e;
	rq->tail = e;
	rq->length++;
}

SWITCHPATH static void
queue_prepend(struct RunQueue *rq, struct Env *e)
{
	e->k->rq = rq;
	e->k->rq_prev = NULL;
	e->k->rq_next = rq->head;
	if (rq->head)
		rq->head->k->rq_prev = e;
	else
		rq->tail = e;
	rq->head = e;
	rq->length++;
}

SWITCHPATH static void
queue_unlink(struct RunQueue *rq, struct Env *e)
{
	struct EnvKernel *k = e->k;

	if (k->rq_prev)
		k->rq_prev->k->rq_next = k->rq_next;
	else
		rq->head = k->rq_next;
	if (k->rq_next)
		k->rq_next->k->rq_prev = k->rq_prev;
	else
		rq->tail = k->rq_prev;
	k->rq = NULL;
	rq->length--;
}

// The first env of cpu's queue that CPU `me` may run, taken out; or NULL.
SWITCHPATH static struct Env *
queue_take(struct Cpu *cpu, int me)
{
	struct Env *e;

	if (!cpu->rq.head)
		return NULL;
	spin_lock(&cpu->rq.lock);
	for (e = cpu->rq.head; e; e = e->k->rq_next)
		// Not a process to where its own syscall thread polls.
		if ((e->k->cpumask & (1u << me)) && (cpu->id == me || flexsc_polled_cpu(e) != me)) {
			queue_unlink(&cpu->rq, e);
			break;
		}
	spin_unlock(&cpu->rq.lock);
	return e;
}

// How many envs of another CPU's queue are there for the taking. One that is all it has
// to do is left to it: it is just about to run that.
static inline int
spare(const struct Cpu *cpu)
{
	return cpu->running ? cpu->rq.length : cpu->rq.length - 1;
}

SWITCHPATH static struct Env *
steal(struct Cpu *me)
{
	struct Cpu *longest = NULL;
	struct Env *e;

	for (int i = 0; i < ncpu; i++)
		if (i != me->id && spare(&cpus[i]) > (longest ? spare(longest) : 0))
			longest = &cpus[i];
	if (!longest)
		return NULL;
	if ((e = queue_take(longest, me->id)))
		return e;
	// That one may hold only envs that must stay there.
	for (int i = 0; i < ncpu; i++)
		if (i != me->id && spare(&cpus[i]) > 0 && (e = queue_take(&cpus[i], me->id)))
			return e;
	return NULL;
}

// Whether another env waits for this CPU. May be out of date at once.
bool
sched_others_wait(void)
{
	return thiscpu->rq.head != NULL;
}

// ---- States: under the env's lock -------------------------------------------

// Counts the envs that run or will: when none is left, nothing ever happens.
SWITCHPATH void
sched_set_active(bool active)
{
	if (active)
		__atomic_fetch_add(&env_nactive, 1, __ATOMIC_SEQ_CST);
	else
		__atomic_fetch_sub(&env_nactive, 1, __ATOMIC_SEQ_CST);
}

static inline bool
has_nothing(const struct Cpu *cpu)
{
	return cpu->rq.polled || cpu->rq.idle;
}

// The CPU for an env that has become runnable.
SWITCHPATH static struct Cpu *
pick_cpu(struct Env *e)
{
	uint32_t mask = e->k->cpumask;
	int avoid = flexsc_polled_cpu(e); // where its own syscall thread polls
	int last = e->env_cpunum, pick = -1, any = -1;

	if (ncpu == 1)
		return &cpus[0];
	if ((mask & (1u << last)) && last != avoid && has_nothing(&cpus[last]))
		return &cpus[last];
	for (int i = 0; i < ncpu; i++) {
		if (!(mask & (1u << i)))
			continue;
		any = i;
		if (i == avoid)
			continue;
		if (has_nothing(&cpus[i]))
			return &cpus[i];
		if (pick < 0 || i == last)
			pick = i;
	}
	return &cpus[pick >= 0 ? pick : any];
}

SWITCHPATH static void
enqueue(struct Env *e)
{
	struct Cpu *cpu = pick_cpu(e);

	spin_lock(&cpu->rq.lock);
	if (e->env_type == ENV_TYPE_FS) // others wait for it, and it never runs for long
		queue_prepend(&cpu->rq, e);
	else
		queue_append(&cpu->rq, e);
	bool idle = cpu->rq.idle;
	cpu->rq.idle = false; // one interrupt is enough
	spin_unlock(&cpu->rq.lock);
	if (idle && cpu != thiscpu)
		lapic_ipi(cpu->apicid, T_IPI_RESCHED);
}

// Whether an env that the running one wakes before it waits itself is better placed by
// pick_cpu than here: it may not run here; or it is at home on a CPU that looks for
// work, its address space loaded; or the two hand this CPU to and fro while another
// has nothing to do, and each change of address space costs more than to part them.
static inline bool
belongs_elsewhere(struct Env *e, const struct Cpu *here)
{
	const struct Cpu *last = &cpus[e->env_cpunum];

	if (!(e->k->cpumask & (1u << here->id)) || flexsc_polled_cpu(e) == here->id)
		return true;
	if (last != here)
		return last->rq.polled && last->as == e->k->as;
	if (ncpu == 1 || ++e->k->handoffs < HANDOFFS)
		return false;
	e->k->handoffs = 0;
	return has_nothing(pick_cpu(e));
}

// NOT_RUNNABLE -> RUNNABLE, on this CPU before all others: its current env is about
// to leave it. No other CPU is told, but one that looks for work may take it.
SWITCHPATH void
sched_ready_here(struct Env *e)
{
	struct Cpu *cpu = thiscpu;

	if (belongs_elsewhere(e, cpu)) {
		sched_ready(e);
		return;
	}
	assert(spin_holding(&e->k->lock));
	e->env_status = ENV_RUNNABLE;
	sched_set_active(true);
	spin_lock(&cpu->rq.lock);
	queue_prepend(&cpu->rq, e);
	cpu->rq.idle = false;
	spin_unlock(&cpu->rq.lock);
}

// NOT_RUNNABLE -> RUNNABLE.
SWITCHPATH void
sched_ready(struct Env *e)
{
	assert(spin_holding(&e->k->lock));
	e->env_status = ENV_RUNNABLE;
	sched_set_active(true);
	enqueue(e);
}

// The running env, RUNNING -> NOT_RUNNABLE. As soon as its lock is released,
// another CPU may run it.
SWITCHPATH void
sched_block(struct Env *e)
{
	assert(spin_holding(&e->k->lock));
	env_save_regs(e);
	usage_off(e);
	e->env_status = ENV_NOT_RUNNABLE;
	thiscpu->running = NULL;
	sched_set_active(false);
}

// Takes an env that is no longer to run out of its queue, if it is in one.
void
sched_remove(struct Env *e)
{
	struct RunQueue *rq;

	while ((rq = *(struct RunQueue *volatile *)&e->k->rq)) {
		spin_lock(&rq->lock);
		bool found = e->k->rq == rq;
		if (found)
			queue_unlink(rq, e);
		spin_unlock(&rq->lock);
		if (found)
			return;
	}
}

// ---- Balance -----------------------------------------------------------------------

// Whether it is time to change who has fewer beside it: at an eighth of the ticks, by chance, so
// that it does not fall in with the queues' own rhythm.
static bool
time_to_rotate(void)
{
	return (uint32_t)read_tsc() * 2654435769u < 1u << 29; // a multiplicative hash
}

// At a timer tick: takes an env from the longest queue, if that is longer than this CPU's by two;
// now and then if by one. So those who never wait get equal shares in the end.
void
sched_balance(void)
{
	struct Cpu *me = thiscpu, *longest = me;
	int more = time_to_rotate() ? 1 : 2;

	for (int i = 0; i < ncpu; i++)
		if (cpus[i].rq.length > longest->rq.length)
			longest = &cpus[i];
	if (longest->rq.length < me->rq.length + more)
		return;
	struct Env *e = queue_take(longest, me->id);
	if (!e)
		return;
	spin_lock(&e->k->lock);
	// As in try_run: it may be another's by now.
	if (e->env_status == ENV_RUNNABLE && !e->k->rq) {
		spin_lock(&me->rq.lock);
		queue_append(&me->rq, e);
		spin_unlock(&me->rq.lock);
	}
	spin_unlock(&e->k->lock);
}

// ---- The running env ------------------------------------------------------------

// The running env goes to the end of a queue, unless it is being ended.
SWITCHPATH void
sched_preempt(struct Env *e)
{
	spin_lock(&e->k->lock);
	if (e->env_status != ENV_DYING) {
		env_save_regs(e);
		usage_off(e);
		thiscpu->running = NULL;
		e->env_status = ENV_RUNNABLE;
		enqueue(e);
	}
	spin_unlock(&e->k->lock);
}

// Does what others asked of the running env, and goes on with another.
void
sched_serve_request(struct Env *e)
{
	spin_lock(&e->k->lock);
	bool stays = e->env_status != ENV_DYING && !(e->k->request & REQ_STOP);
	if (e->k->request & REQ_STOP) {
		e->k->request &= ~REQ_STOP;
		if (e->env_status != ENV_DYING)
			sched_block(e);
	}
	spin_unlock(&e->k->lock);
	if (stays) { // for its time only, or the request was taken back
		usage_leave(e);
		env_return(e->k);
	}
	sched();
}

// Keeps what the CPU holds of an env beyond its frame.
SWITCHPATH void
env_save_regs(struct Env *e)
{
	struct EnvKernel *k = e->k;

	if (env_is_syscall_thread(e))
		return;
	asm volatile("movw %%fs,%0; movw %%gs,%1" : "=m"(k->fs), "=m"(k->gs));
	if (k->fpu_live)
		fpu_save(e);
}

SWITCHPATH static void
load_regs(struct Cpu *cpu, struct Env *e)
{
	struct EnvKernel *k = e->k;

	cpu->ts.ts_esp0 = (uintptr_t)(&k->tf + 1);
	cpu->ts.ts_iomb = e->env_type == ENV_TYPE_FS ? CPU_IO_SOME : CPU_IO_NONE;
	k->kstack = cpu->kstacktop;
	cpu_set_tls(cpu, k->tls);
	asm volatile("movw %0,%%fs; movw %1,%%gs" : : "m"(k->fs), "m"(k->gs));
}

// Runs an env that was taken from a queue, if it still wants to. Returns if not.
SWITCHPATH static void
try_run(struct Cpu *cpu, struct Env *e)
{
	struct EnvKernel *k = e->k;

	spin_lock(&k->lock);
	// It may have been ended or stopped since, and its slot reused.
	if (e->env_status != ENV_RUNNABLE || k->rq) {
		spin_unlock(&k->lock);
		return;
	}
	if (k->request & REQ_STOP) { // asked for while it waited
		k->request &= ~REQ_STOP;
		e->env_status = ENV_NOT_RUNNABLE;
		sched_set_active(false);
		spin_unlock(&k->lock);
		return;
	}
	e->env_status = ENV_RUNNING;
	e->env_cpunum = cpu->id;
	e->env_runs++;
	usage_on(e);
	cpu->running = e;
	spin_unlock(&k->lock);
	// Whoever asks for something from here on interrupts this CPU.
	env_run(e);
}

// Resumes an env that is RUNNING on this CPU.
SWITCHPATH void
env_run(struct Env *e)
{
	struct Cpu *cpu = thiscpu;

	as_load(e->k->as);
	if (env_is_syscall_thread(e))
		flexsc_resume_thread(e);
	load_regs(cpu, e);
	env_return(e->k);
}

// All CPUs are idle, no env is active, and no key can change that: nothing can ever
// happen by itself.
static bool
nothing_left(void)
{
	return nidle == (uint32_t)ncpu && env_nactive == 0 && !ctrlc_has_target();
}

// What this CPU may run, or NULL.
static inline struct Env *
take_any(struct Cpu *cpu)
{
	struct Env *e = queue_take(cpu, cpu->id);

	return e || ncpu == 1 ? e : steal(cpu);
}

// The same, looking for a little while with the address space of what ran last still
// loaded: what that waits for often comes at once, and a CPU that halts takes long to
// wake, all the more an emulated one.
static struct Env *
take_soon(struct Cpu *cpu)
{
	struct Env *e = take_any(cpu);

	if (e || ncpu == 1)
		return e;
	uint64_t start = read_tsc(), limit = clock_us_to_tsc(IDLE_POLL_US);
	cpu->left = 0;
	cpu->rq.polled = true;
	// Without pause(): emulated, it costs more than what is waited for.
	for (int n = 1; !(e = take_any(cpu)); n++) {
		tlb_service(); // interrupts are off, and as_unload may wait
		if (n % 32 == 0) {
			asm volatile("sti; nop; cli" : : : "memory");
			if (read_tsc() - start > limit)
				break;
		}
	}
	cpu->rq.polled = false;
	return e;
}

// Finds this CPU something to run. On its own stack, with nothing of the caller's
// left there; curenv is NULL, or an env that is being ended.
SWITCHPATH void
sched(void)
{
	struct Cpu *cpu = thiscpu;
	struct Env *e = cpu->running;

	if (e) {
		spin_lock(&e->k->lock);
		usage_off(e);
		spin_unlock(&e->k->lock);
		// Before its slot is seen to be free, what this CPU has of its
		// memory must be; but a thread's process goes on.
		if (env_main(e)->env_status == ENV_DYING)
			as_load(NULL);
		cpu->running = NULL;
		env_reap(e);
		cpu->left = 0;
	}
	for (;;) {
		if ((e = take_soon(cpu))) {
			try_run(cpu, e);
			continue;
		}
		as_load(NULL); // a dead env's memory must not stay here

		spin_lock(&cpu->rq.lock);
		bool idle = cpu->rq.idle = !cpu->rq.head;
		spin_unlock(&cpu->rq.lock);
		if (!idle)
			continue;
		__atomic_add_fetch(&nidle, 1, __ATOMIC_SEQ_CST);
		if (nothing_left() && xchg(&ending, 1) == 0) {
			// Another CPU may have done it just now: look again.
			bool end = nothing_left();
			__atomic_sub_fetch(&nidle, 1, __ATOMIC_SEQ_CST);
			if (end)
				run_quiescent();
			barrier(); // counted busy before another CPU may look
			ending = 0;
		} else {
			// An interrupt can come only once the CPU has halted.
			if (cpu->rq.idle)
				asm volatile("sti; hlt; cli" : : : "memory");
			__atomic_sub_fetch(&nidle, 1, __ATOMIC_SEQ_CST);
		}
		spin_lock(&cpu->rq.lock);
		cpu->rq.idle = false;
		spin_unlock(&cpu->rq.lock);
	}
}
