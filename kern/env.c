// The env table, and the beginning and end of envs. kern/env.h has the states.
//
// An env ends in three steps, so that it can be ended by anyone at any time:
// env_destroy makes it DYING and, if it runs, interrupts its CPU; env_reap, once
// it has left its CPU, takes back what it waits for and ends its syscall thread;
// when both are gone the last env_drop frees the rest.

#include <inc/error.h>
#include <inc/stdio.h>
#include <inc/string.h>
#include <kern/aspace.h>
#include <kern/env.h>
#include <kern/flexsc.h>
#include <kern/futex.h>
#include <kern/lapic.h>
#include <kern/mem.h>
#include <kern/run.h>
#include <kern/sched.h>
#include <kern/syscall.h>
#include <kern/sysinfo.h>

// Placed by kern/kernel.ld. The first is mapped for programs to read.
struct Env envs[NENV] __attribute__((section(".bss.envs"), aligned(PGSIZE)));
static struct EnvKernel halves[NENV] __attribute__((section(".bss.envkernels"), aligned(PGSIZE)));

uint32_t env_nlive;
volatile uint32_t env_nactive;

static struct Spinlock table_lock = SPINLOCK("env table", RANK_ENVTABLE);
static struct Env free_list; // a ring; envs of programs at its head, others' at its tail
static struct EnvKernel free_half;

// ---- The table -----------------------------------------------------------------

static void
free_insert(struct Env *e, struct Env *before)
{
	struct Env *after = before->k->free_prev;
	e->k->free_prev = after;
	e->k->free_next = before;
	after->k->free_next = e;
	before->k->free_prev = e;
}

void
env_init(void)
{
	free_list.k = &free_half;
	free_half.free_next = free_half.free_prev = &free_list;
	for (int i = 0; i < NENV; i++) {
		envs[i].k = &halves[i];
		spin_init(&halves[i].lock, "env", RANK_ENV);
		free_insert(&envs[i], &free_list);
	}
}

// Makes ids start again. Only when no env is left, between two runs.
void
env_reset_ids(void)
{
	free_half.free_next = free_half.free_prev = &free_list;
	for (int i = 0; i < NENV; i++) {
		envs[i].env_id = 0;
		free_insert(&envs[i], &free_list);
	}
}

// Whether it is an env of a program's own making, or of the run's for it.
static bool
is_programs(enum EnvType type)
{
	return type == ENV_TYPE_USER || type == ENV_TYPE_THREAD;
}

static struct Env *
take_slot(enum EnvType type)
{
	struct Env *e;

	spin_lock(&table_lock);
	e = is_programs(type) ? free_half.free_next : free_half.free_prev;
	if (e != &free_list) {
		e->k->free_next->k->free_prev = e->k->free_prev;
		e->k->free_prev->k->free_next = e->k->free_next;
		env_nlive++;
	}
	spin_unlock(&table_lock);
	return e == &free_list ? NULL : e;
}

// Gives a slot back, under the table's lock and its env's. Programs' slots are reused
// last freed first.
static void
give_back(struct Env *e)
{
	free_insert(e, is_programs(e->env_type) ? free_half.free_next : &free_list);
	env_nlive--;
}

// Frees the slot of a thread, of a zombie, or one that has not come to be an env. Under
// its env's lock.
void
env_free_slot(struct Env *e)
{
	e->env_status = ENV_FREE;
	spin_lock(&table_lock);
	give_back(e);
	spin_unlock(&table_lock);
}

// A child begins with the registers of its parent, but for the result of the call.
static void
inherit(struct EnvKernel *k, const struct EnvKernel *parent)
{
	k->tf = parent->tf;
	k->tf.tf_regs.reg_eax = 0;
	k->fs = parent->fs;
	k->gs = parent->gs;
	k->fpu_used = parent->fpu_used;
	memcpy(k->fpu, parent->fpu, sizeof(k->fpu));
}

// A new env, NOT_RUNNABLE, with an address space of its own, or parent's if it is a
// thread. Of a clone's thread the status is still FREE, though the slot is taken. parent,
// whose registers are saved, may be NULL. The id, -E_NO_FREE_ENV or -E_NO_MEM.
int
env_alloc(struct Env **store, struct Env *parent, enum EnvType type)
{
	const bool as_shared = type == ENV_TYPE_SYSCALL || type == ENV_TYPE_THREAD;
	const uint32_t limit = parent ? env_main(parent)->env_limit : 0;
	struct AddrSpace *as;
	struct Env *e = take_slot(type);

	if (!e)
		return -E_NO_FREE_ENV;
	if (as_shared) {
		as = parent->k->as;
		as_ref(as);
	} else if (!(as = as_create(limit))) {
		spin_lock(&e->k->lock);
		e->env_type = type;
		env_free_slot(e);
		spin_unlock(&e->k->lock);
		return -E_NO_MEM;
	}

	struct EnvKernel *k = e->k;
	envid_t id = ((uint32_t)e->env_id + (1u << ENVGENSHIFT)) & ~(NENV - 1u);
	if (id <= 0)
		id = 1 << ENVGENSHIFT;
	id |= e - envs;

	spin_lock(&k->lock);
	// Others may have this lock in hand, for an env that is no more.
	k->lock.rank = type == ENV_TYPE_SYSCALL ? RANK_THREAD : RANK_ENV;
	memset(&k->tf, 0, sizeof(k->tf));
	k->tf.tf_cs = GD_UT | 3;
	k->tf.tf_ds = k->tf.tf_es = k->tf.tf_ss = GD_UD | 3;
	k->tf.tf_eflags = FL_IF;
	k->tf.tf_esp = USTACKTOP;
	memset(k->ncalls, 0, sizeof(k->ncalls));
	k->call = (struct Call){.env = e};
	k->request = 0;
	k->send = (struct IpcSend){0};
	k->progress = (struct Progress){0};
	k->receivers = k->senders = (struct CallQueue){NULL, NULL};
	k->nopen = 0;
	k->nreceives = 0;
	k->called = k->watches = k->forks = k->cloned = false;
	k->nthreads = k->njoining = k->going = 0;
	k->ended_head = k->ended_tail = NULL;
	k->gone = k->children = k->used = (struct Usage){0};
	k->began = sysinfo_ticks();
	k->stack = 0;
	k->ngone = 0;
	k->is_gone = false;
	k->handoffs = 0;
	k->fsc = NULL;
	k->holds = 1;
	k->faulted = false;
	k->as = as;
	k->rq = NULL;
	k->kframe = NULL;
	k->kthread_stack = 0;
	k->cpumask = ~0u;
	k->tls = parent ? parent->k->tls : 0;
	k->fs = k->gs = 0;
	k->fpu_live = k->fpu_used = false;

	if (type == ENV_TYPE_USER && parent)
		inherit(k, parent->k);
	e->env_parent_id = !parent                    ? 0
			   : type == ENV_TYPE_SYSCALL ? parent->env_id
						      : parent->env_process;
	e->env_process = as_shared ? parent->env_process : id;
	e->env_type = type;
	e->env_runs = 0;
	e->env_cpunum = cpunum();
	e->env_pgfault_upcall = 0;
	e->env_xstacktop = type == ENV_TYPE_USER && parent ? parent->env_xstacktop : UXSTACKTOP;
	e->env_child_ends = 0;
	e->env_limit = limit;
	e->env_ipc_recving = 0;
	e->env_ipc_value = 0;
	e->env_ipc_from = 0;
	e->env_ipc_perm = 0;
	e->env_syscall_thread = 0;
	e->env_job = parent ? parent->env_job : 0;
	e->env_group = parent ? parent->env_group : 0;
	e->env_flags = parent ? parent->env_flags & (ENVF_JOB | ENVF_FOREGROUND | ENVF_TIMED) : 0;
	if ((e->env_flags & ENVF_TIMED) && type != ENV_TYPE_SYSCALL)
		usage_time(e);
	e->env_exit_status = 0;
	strlcpy(e->env_name, parent ? parent->env_name : "", sizeof(e->env_name));
	e->env_id = id;
	// A thread cannot be named before it is complete: sys_clone.
	e->env_status = type == ENV_TYPE_THREAD ? ENV_FREE : ENV_NOT_RUNNABLE;
	spin_unlock(&k->lock);

	// From here on another CPU may end it, and its slot be another's.
	if (is_programs(type) && run_log(LOG_ENV))
		cprintf("[%08x] new env %08x\n", parent ? parent->env_id : 0, id);
	*store = e;
	return id;
}

// Whether e is of caller's own process, or a child of that.
SWITCHPATH bool
env_is_own(const struct Env *caller, const struct Env *e)
{
	return e->env_process == caller->env_process ||
	       (e->env_parent_id == caller->env_process && e->env_type != ENV_TYPE_THREAD);
}

// The env that a caller means by an id, with its lock held; 0 means the caller.
// With checkperm, only an env of the caller's own will do. 0 or -E_BAD_ENV. A syscall
// thread can't be named.
SWITCHPATH int
env_lookup(struct Env *caller, envid_t id, bool checkperm, struct Env **store)
{
	struct Env *e = id == 0 ? caller : &envs[ENVX(id)];

	spin_lock(&e->k->lock);
	if (env_is_syscall_thread(e) || !env_lives(e, id ? id : e->env_id) ||
	    (checkperm && e != caller && !env_is_own(caller, e))) {
		spin_unlock(&e->k->lock);
		return -E_BAD_ENV;
	}
	*store = e;
	return 0;
}

// The address space of the caller or of a child, with a reference for the
// calling function to put. 0 or -E_BAD_ENV.
int
env_lookup_as(struct Env *caller, envid_t id, struct AddrSpace **store)
{
	struct Env *e;
	int r;

	if (id == 0 || id == caller->env_id) {
		as_ref(*store = caller->k->as);
		return 0;
	}
	if ((r = env_lookup(caller, id, true, &e)) < 0)
		return r;
	as_ref(*store = e->k->as);
	spin_unlock(&e->k->lock);
	return 0;
}

// Whether it waits in a call by trap. Under its lock.
bool
env_waits(const struct Env *e)
{
	return e->k->call.flags & CALL_IS_PARKED;
}

// What an env that is not runnable waits for, in words.
const char *
env_waits_for(const struct Env *e)
{
	if (!env_waits(e))
		return "to be made runnable";
	if (e->k->call.flags & CALL_IN_FUTEX)
		return "the change of a word";
	if (e->k->fsc && e->k->fsc->waiting != FSC_NOT_WAITING)
		return "a call of its syscall page";
	return "a message";
}

// ---- Zombies ----------------------------------------------------------------

// A process is gone but for its slot, whose lock is held: it becomes free, or a zombie
// if a parent that lives watches it.
static void
leave_slot(struct Env *e)
{
	const struct Env *parent = &envs[ENVX(e->env_parent_id)];

	spin_lock(&table_lock);
	// Pairs with release_zombies: a parent that lives still will look for zombies.
	bool stays = (e->env_flags & ENVF_WATCHED) && env_lives(parent, e->env_parent_id);
	e->env_status = stays ? ENV_ZOMBIE : ENV_FREE;
	if (!stays)
		give_back(e);
	spin_unlock(&table_lock);
}

// A DYING env has zombies, perhaps, that nobody else can collect.
static void
release_zombies(struct Env *parent)
{
	// Whoever takes this lock from now on sees that the parent is DYING.
	spin_lock(&table_lock);
	spin_unlock(&table_lock);
	for (struct Env *e = envs; e < envs + NENV; e++)
		if (e->env_status == ENV_ZOMBIE && e->env_parent_id == parent->env_id)
			env_collect(parent, e->env_id);
}

// A word that changes when something of a process that may be waited for has ended.
static void
tell_of_end(envid_t process)
{
	struct Env *e = &envs[ENVX(process)];

	if (!process || e->env_id != process)
		return;
	__atomic_add_fetch(&e->env_child_ends, 1, __ATOMIC_SEQ_CST);
	futex_notify(&e->env_child_ends);
}

// ---- The end ----------------------------------------------------------------

// Ends an env, whose lock is held and is released here. by: who wants it; the env
// itself if it exits, NULL if the kernel ends it for a fault.
void
env_destroy(struct Env *by, struct Env *e)
{
	struct EnvKernel *k = e->k;
	enum EnvStatus was = e->env_status;
	int cpu = e->env_cpunum;

	if (by && is_programs(e->env_type) && run_log(LOG_ENV)) {
		if (by == e)
			cprintf("[%08x] exiting gracefully\n", e->env_id);
		else
			cprintf("[%08x] destroying %08x\n", by->env_id, e->env_id);
	}
	k->faulted = by != e;
	if (by != e)
		e->env_exit_status = by ? -E_KILLED : -E_FAULT;
	// Who frees it: itself, if it has a CPU to do so.
	k->freed_by = by && was != ENV_RUNNING ? by->env_id : e->env_id;
	e->env_status = ENV_DYING;
	k->request |= REQ_DIE;
	if (was == ENV_RUNNABLE)
		sched_remove(e);
	if (was == ENV_NOT_RUNNABLE)
		sched_set_active(true); // until it is freed
	spin_unlock(&k->lock);

	if (was != ENV_RUNNING)
		env_reap(e);
	else if (cpu != cpunum())
		lapic_ipi(cpus[cpu].apicid, T_IPI_RESCHED);
	// else this CPU's sched() finds it
}

// Ends an env that may be about to end, or another by now.
static void
end_if_lives(struct Env *e, envid_t id)
{
	spin_lock(&e->k->lock);
	if (env_lives(e, id))
		env_destroy(NULL, e);
	else
		spin_unlock(&e->k->lock);
}

// The running env has done what ends its process.
void
env_fault(struct Env *e)
{
	end_if_lives(e, e->env_id);
	if (e->env_process != e->env_id)
		end_if_lives(env_main(e), e->env_process);
}

// A call of an env that is DYING: nothing of it lies in others' queues any more.
static void
cancel(struct Call *call)
{
	futex_cancel(call);
	ipc_cancel(call);
}

// A DYING env has left its CPU for good, or was on none: take back what others
// could reach it by.
void
env_reap(struct Env *e)
{
	struct EnvKernel *k = e->k;

	assert(e->env_status == ENV_DYING);
	fpu_drop(e);
	if (env_is_syscall_thread(e)) {
		flexsc_reap_thread(e);
		return;
	}
	spin_lock(&k->lock);
	call_cancel_all(&k->receivers);
	k->nopen = 0;
	e->env_ipc_recving = 0;
	struct Fsc *fsc = k->fsc;
	spin_unlock(&k->lock);
	cancel(&k->call);
	for (int i = 0; fsc && i < NSCENTRIES; i++)
		cancel(&fsc->calls[i]);
	if (k->called)
		ipc_abandon_callers(e);
	if (k->cloned)
		thread_end_all(e);
	if (k->watches)
		release_zombies(e);
	if (fsc)
		flexsc_stop(fsc);
	env_drop(e);
}

// Says that an env is gone, when its slot says so: it may be another's by now.
static void
notify_end(struct Env *e, envid_t process)
{
	futex_notify(&e->env_ends);
	futex_notify(&e->env_ipc_recving);
	tell_of_end(process);
}

// The last hold on a thread is gone.
static void
end_thread(struct Env *e)
{
	envid_t process = e->env_process;

	spin_lock(&e->k->lock);
	e->env_status = ENV_ZOMBIE;
	e->env_ends++; // who sees that sees the status
	spin_unlock(&e->k->lock);
	thread_settle(e);
	notify_end(e, process);
	env_drop(&envs[ENVX(process)]); // not a thread's: this goes no deeper
}

// The last hold on a process is gone: no thread of its makes children any more, nor uses
// its memory.
static void
end_process(struct Env *e)
{
	envid_t parent = e->env_parent_id;

	usage_to_parent(e);
	run_note_end(e);
	spin_lock(&e->k->lock);
	leave_slot(e);
	e->env_ends++; // as above
	spin_unlock(&e->k->lock);
	notify_end(e, parent);
}

// One hold less on a DYING env: its own, its syscall thread's, or that of a thread on
// its process. The last one frees it.
void
env_drop(struct Env *e)
{
	struct EnvKernel *k = e->k;

	spin_lock(&k->lock);
	bool last = --k->holds == 0;
	spin_unlock(&k->lock);
	if (!last)
		return;
	if (k->fsc)
		flexsc_free(k->fsc);
	if (k->forks && (k->faulted || k->cloned))
		env_end_unborn(e);
	if (e->env_type != ENV_TYPE_THREAD)
		as_unload(k->as); // its memory is back before its slot is seen to be free
	as_put(k->as);
	if (is_programs(e->env_type) && run_log(LOG_ENV))
		cprintf("[%08x] free env %08x\n", k->freed_by, e->env_id);
	syscall_note_end(e);
	if (e->env_type == ENV_TYPE_THREAD)
		end_thread(e);
	else
		end_process(e);
	// Last: or the run could end before those who wait for this are awake.
	sched_set_active(false);
}
