// What envs use of the CPUs and of memory, and the calls that tell.
//
// Time on a CPU is taken where an env gets it and where it loses it. How much of that
// is spent in the kernel is taken for envs with ENVF_TIMED only: these have another data
// segment selector, GD_TIMED, which the fast paths of kern/trapentry.S leave to C, and
// REQ_TIMED, for which all that goes back to ring 3 comes by usage_leave. Others pay
// nothing.
//
// An env's own Usage is under its lock. When a thread ends it is added to its
// process's, and a process's to its parent's.

#include <inc/error.h>
#include <inc/pstat.h>
#include <inc/string.h>
#include <inc/x86.h>
#include <kern/aspace.h>
#include <kern/env.h>
#include <kern/flexsc.h>
#include <kern/mem.h>
#include <kern/syscall.h>
#include <kern/sysinfo.h>

// ---- Time: under the env's lock ---------------------------------------------------

// Makes the saved registers of an env with REQ_TIMED those of one.
void
usage_frame(struct Env *e)
{
	e->k->tf.tf_ds = e->k->tf.tf_es = GD_TIMED | 3;
	// Not by sysexit, which leaves ds and es as they are.
	e->k->tf.tf_trapno = T_SYSCALL;
}

// Begins to tell user from kernel time of an env that is on no CPU.
void
usage_time(struct Env *e)
{
	e->k->request |= REQ_TIMED;
	usage_frame(e);
}

// It gets a CPU, which another may just have left: then it pays for the change.
SWITCHPATH void
usage_on(struct Env *e)
{
	struct Cpu *cpu = thiscpu;

	e->k->used.runs++;
	e->k->on_since = cpu->left ? cpu->left : read_tsc();
	cpu->left = 0;
	e->k->entered = 0;
}

static void
end_kernel(struct EnvKernel *k, uint64_t now)
{
	if (k->entered)
		k->used.kernel += now - k->entered;
	k->entered = 0;
}

// It loses it.
SWITCHPATH void
usage_off(struct Env *e)
{
	uint64_t now = read_tsc();

	thiscpu->left = now;
	e->k->used.cycles += now - e->k->on_since;
	end_kernel(e->k, now);
}

// The running env, with REQ_TIMED, goes back to ring 3.
void
usage_leave(struct Env *e)
{
	spin_lock(&e->k->lock);
	end_kernel(e->k, read_tsc());
	spin_unlock(&e->k->lock);
}

// What the running env has spent in the kernel so far was its syscall thread's work.
void
usage_of_thread(struct Env *e)
{
	uint64_t now = read_tsc();

	spin_lock(&e->k->lock);
	if (e->k->entered) {
		e->k->used.calls += now - e->k->entered;
		e->k->entered = now;
	}
	spin_unlock(&e->k->lock);
}

// ---- Sums --------------------------------------------------------------------------

void
usage_add(struct Usage *sum, const struct Usage *part)
{
	sum->runs += part->runs;
	sum->ticks += part->ticks;
	sum->preempted += part->preempted;
	sum->cycles += part->cycles;
	sum->kernel += part->kernel;
	sum->calls += part->calls;
}

// All that a syscall thread did was calls.
static void
add_thread(struct Usage *sum, const struct Usage *part)
{
	usage_add(sum, part);
	sum->calls += part->cycles;
}

// A syscall thread has ended.
void
usage_to_owner(struct Env *owner, struct Env *thread)
{
	struct Env *main = env_main(owner);

	spin_lock(&main->k->lock);
	main->k->going++;
	spin_unlock(&main->k->lock);
	spin_lock(&thread->k->lock);
	struct Usage used = thread->k->used;
	thread->k->is_gone = true;
	spin_unlock(&thread->k->lock);
	spin_lock(&owner->k->lock);
	add_thread(&owner->k->used, &used);
	spin_unlock(&owner->k->lock);
	spin_lock(&main->k->lock);
	main->k->going--;
	main->k->ngone++;
	spin_unlock(&main->k->lock);
}

// A process has ended, and its slot is still in use: what it and its children have used
// goes to its parent, if that lives.
void
usage_to_parent(struct Env *e)
{
	struct Env *parent = &envs[ENVX(e->env_parent_id)];
	struct Usage total = e->k->used; // nobody else is left to change it

	usage_add(&total, &e->k->gone);
	usage_add(&total, &e->k->children);
	if (!e->env_parent_id)
		return;
	spin_lock(&parent->k->lock);
	if (parent->env_id == e->env_parent_id && parent->env_status != ENV_FREE)
		usage_add(&parent->k->children, &total);
	spin_unlock(&parent->k->lock);
}

// Adds what an env has used up to now, if that is not counted elsewhere. Under its lock.
static void
add_now(struct Usage *sum, const struct Env *e)
{
	struct Usage used = e->k->used;

	if (e->k->is_gone && (e->env_process != e->env_id))
		return;
	if (e->env_status == ENV_RUNNING)
		used.cycles += read_tsc() - e->k->on_since;
	if (env_is_syscall_thread(e))
		add_thread(sum, &used);
	else
		usage_add(sum, &used);
}

// ---- sys_env_stat -------------------------------------------------------------------

// What threads of a process are doing is what it does.
static enum EnvStatus
livelier(enum EnvStatus a, enum EnvStatus b)
{
	if (a == ENV_RUNNING || b == ENV_RUNNING)
		return ENV_RUNNING;
	return b == ENV_RUNNABLE && a == ENV_NOT_RUNNABLE ? b : a;
}

// Adds the threads of a process, and its syscall threads; of a thread, that which it has.
static void
add_threads(struct EnvStat *stat, struct Usage *sum)
{
	bool all = stat->id == stat->process;
	const struct Env *self = &envs[ENVX(stat->id)];

	if (all ? !env_main(self)->k->cloned && !self->k->fsc : !self->k->fsc)
		return; // nothing to look for
	for (struct Env *e = envs; e < envs + NENV; e++) {
		bool is_syscalls = env_is_syscall_thread(e);
		if (e->env_status == ENV_FREE || e->env_process != stat->process ||
		    e->env_id == stat->id)
			continue;
		if (!all && !(is_syscalls && e->env_parent_id == stat->id))
			continue;
		spin_lock(&e->k->lock);
		if (e->env_process == stat->process && e->env_status != ENV_FREE) {
			bool lives = !is_syscalls && env_lives(e, e->env_id);
			add_now(sum, e);
			stat->threads += lives;
			if (lives)
				stat->status = livelier(stat->status, e->env_status);
		}
		spin_unlock(&e->k->lock);
	}
}

// Counts the pages of an address space, a page table at a time.
static void
count_pages(struct AddrSpace *as, struct EnvStat *stat)
{
	for (uintptr_t va = 0; va < UTOP; va += PTSIZE) {
		if (!(as->pgdir[PDX(va)] & PTE_P))
			continue;
		spin_lock(&as->lock);
		const pte_t *table = as_walk(as, va, false);
		for (int i = 0; i < NPTENTRIES; i++) {
			pte_t pte = table[i];
			if (pte & PTE_P) {
				stat->nresident++;
				stat->nshared += pa2page(PTE_ADDR(pte))->pp_ref > 1;
			} else if ((pte & (PTE_PAGED | PTE_SWAPPED)) == (PTE_PAGED | PTE_SWAPPED)) {
				stat->nswapped++;
			}
		}
		spin_unlock(&as->lock);
	}
}

// Fills in what the env's own lock covers. 0 or -E_BAD_ENV.
static int
begin_stat(struct Env *e, envid_t id, struct EnvStat *stat, struct Usage *sum)
{
	spin_lock(&e->k->lock);
	if (e->env_status == ENV_FREE || e->env_id != id) {
		spin_unlock(&e->k->lock);
		return -E_BAD_ENV;
	}
	*stat = (struct EnvStat){
		.id = e->env_id,
		.parent = e->env_parent_id,
		.process = e->env_process,
		.type = e->env_type,
		.status = e->env_status,
		.cpu = e->env_cpunum,
		.flags = e->env_flags,
		.threads = env_lives(e, id),
		.limit = e->env_limit,
		.child_cycles = e->k->children.cycles,
		.child_kernel = e->k->children.kernel,
		.child_calls = e->k->children.calls,
	};
	strlcpy(stat->name, e->env_name, sizeof(stat->name));
	*sum = e->k->gone;
	add_now(sum, e);
	spin_unlock(&e->k->lock);
	return 0;
}

// A number that changes when the use of a thread of main's goes from one sum to another.
// Whether none is on its way.
static bool
settled(struct Env *main, uint32_t *ngone)
{
	spin_lock(&main->k->lock);
	bool settled = main->k->going == 0;
	*ngone = main->k->ngone;
	spin_unlock(&main->k->lock);
	return settled;
}

#define STAT_TRIES 8

// Fills in all but the pages. A thread that ends meanwhile may be counted twice or not at
// all: then it is done again, but not for ever. 0 or -E_BAD_ENV.
static int
fill_stat(struct Env *e, envid_t id, struct EnvStat *stat, struct Usage *sum)
{
	struct Env *main = env_main(e);
	uint32_t before, after;
	bool exact = false;
	int r;

	for (int i = 0; i < STAT_TRIES && !exact; i++) {
		exact = settled(main, &before);
		if ((r = begin_stat(e, id, stat, sum)) < 0)
			return r;
		add_threads(stat, sum);
		exact = settled(main, &after) && exact && before == after;
	}
	return 0;
}

// The memory of an env, with a reference, or NULL if it has none any more.
static struct AddrSpace *
memory_of(struct Env *e, envid_t id)
{
	struct AddrSpace *as = NULL;

	spin_lock(&e->k->lock);
	if (env_lives(e, id))
		as_ref(as = e->k->as);
	spin_unlock(&e->k->lock);
	return as;
}

// Tells about any env: a process with its threads, those that have ended included; or
// a thread. -E_BAD_ENV: there is none of that id; -E_FAULT.
int32_t
sys_env_stat(struct Call *call, envid_t envid, struct EnvStat *store)
{
	struct Env *e = envid ? &envs[ENVX(envid)] : call->env;
	struct AddrSpace *as;
	struct EnvStat stat;
	struct Usage sum;
	int r;

	if ((r = fill_stat(e, envid ? envid : e->env_id, &stat, &sum)) < 0)
		return r;
	if ((as = memory_of(e, stat.id))) {
		count_pages(as, &stat);
		as_put(as);
	}
	stat.runs = sum.runs;
	stat.ticks = sum.ticks;
	stat.preempted = sum.preempted;
	stat.cycles = sum.cycles;
	stat.kernel = sum.kernel;
	stat.calls = sum.calls;
	return call_copy_out(call, (uintptr_t)store, &stat, sizeof(stat));
}

// How often the caller's process was forced off a CPU, and the timer ticks since its
// start. -E_FAULT.
int32_t
sys_gettimes(struct Call *call, struct times *store)
{
	struct Env *main = env_main(call->env);
	struct EnvStat stat;
	struct Usage sum;
	int r;

	if ((r = fill_stat(main, main->env_id, &stat, &sum)) < 0)
		return r;
	struct times times = {
		.procticks = sum.preempted,
		.allticks = sysinfo_ticks() - main->k->began,
	};
	return call_copy_out(call, (uintptr_t)store, &times, sizeof(times));
}
