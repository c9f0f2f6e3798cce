// FlexSC's own calls, and what the rest of the kernel asks of a syscall page:
// registering, waiting, completing parked calls, and the end.

#include <inc/error.h>
#include <inc/x86.h>
#include <kern/aspace.h>
#include <kern/env.h>
#include <kern/flexsc.h>
#include <kern/kstack.h>
#include <kern/lapic.h>
#include <kern/mem.h>
#include <kern/sched.h>
#include <kern/syscall.h>
#include <kern/trap.h>

static_assert(sizeof(struct Fsc) == PGSIZE, "a Fsc is a page");

// ---- Registering ----------------------------------------------------------------

// Maps the page where nothing is mapped yet. 0, -E_INVAL or -E_NO_MEM.
static int
map_page(struct AddrSpace *as, struct PageInfo *pp, uintptr_t va)
{
	struct PageInfo *lost; // nothing
	pte_t pte;
	int r = -E_INVAL;

	spin_lock(&as->lock);
	if (!as_lookup(as, va, &pte))
		r = as_map(as, pp, va, PTE_P | PTE_W | PTE_U, &lost);
	spin_unlock(&as->lock);
	return r;
}

static struct PageInfo *
hold_page(void)
{
	struct PageInfo *pp = page_alloc(PAGE_ZERO);
	if (pp)
		page_incref(pp);
	return pp;
}

// A page at va, or at USCPAGE if va is 0, and a syscall thread for it.
int32_t
sys_flexsc_register(struct Call *call, void *va)
{
	struct Env *owner = call->env, *thread = NULL;
	uintptr_t where = va ? (uintptr_t)va : USCPAGE;
	struct PageInfo *page, *self;
	uintptr_t stack;
	int r = -E_NO_MEM;

	if (owner->k->fsc || where >= UTOP || PGOFF(where))
		return -E_INVAL;
	page = hold_page();
	self = hold_page();
	stack = kstack_alloc();
	if (!page || !self || !stack || (r = env_alloc(&thread, owner, ENV_TYPE_SYSCALL)) < 0)
		goto fail;
	page->pp_flags |= PP_FSCPAGE;
	if ((r = map_page(owner->k->as, page, where)) < 0)
		goto fail;

	struct Fsc *fsc = page2kva(self);
	fsc->owner = owner;
	fsc->thread = thread;
	fsc->page = page;
	fsc->entries = page2kva(page);
	fsc->waiting = FSC_NOT_WAITING;
	for (int i = 0; i < NSCENTRIES; i++)
		fsc->calls[i] = (struct Call){
			.env = owner,
			.entry = &fsc->entries[i],
			.flags = i == FSC_WINDOW ? CALL_AT_WINDOW : 0,
		};
	fsc->cursor = fsc->entries;
	thread->k->fsc = fsc;
	thread->k->kthread_stack = stack;

	spin_lock(&owner->k->lock);
	owner->k->fsc = fsc;
	owner->k->holds++;
	owner->env_syscall_thread = thread->env_id;
	spin_unlock(&owner->k->lock);
	return 0;

fail:
	if (thread) {
		as_put(thread->k->as);
		spin_lock(&thread->k->lock);
		env_free_slot(thread);
		spin_unlock(&thread->k->lock);
	}
	if (stack)
		kstack_free(stack);
	if (self)
		page_decref(self);
	if (page)
		page_decref(page);
	return r;
}

// ---- Waiting --------------------------------------------------------------------

// Whether the thread has issued all that is submitted. An entry that is no longer
// FSC_SUBMIT was claimed after state had become FSC_DRAINING, so state is looked at
// after the entries.
static bool
all_issued(const struct Fsc *fsc)
{
	int ndone;

	if (flexsc_scan(fsc, &ndone))
		return false;
	barrier(); // x86 keeps loads in order
	return fsc->state != FSC_DRAINING;
}

// Whether what the owner waits for has come, all being issued.
bool
flexsc_satisfied(struct Fsc *fsc)
{
	int ndone;

	switch (fsc->waiting) {
	case FSC_WAIT_ISSUED: return true;
	case FSC_WAIT_ANY: flexsc_scan(fsc, &ndone); return ndone > 0 || fsc->nparked == 0;
	default: return !(fsc->calls[fsc->waiting].flags & CALL_IS_PARKED);
	}
}

// The owner's wait is over. Returns its result.
int
flexsc_end_wait(struct Fsc *fsc)
{
	int ndone;

	// If nothing was in flight since the last wait, what lies there done has
	// been counted then.
	bool counts = fsc->news || fsc->nparked;
	fsc->waiting = FSC_NOT_WAITING;
	fsc->news = false;
	full_barrier(); // what the scan misses is news; pairs with drain
	flexsc_scan(fsc, &ndone);
	return counts ? ndone : 0;
}

// Ends the wait of an owner that sleeps in it, if what it waits for has come:
// its result is set, and it is for the caller to run it. Else false.
bool
flexsc_finish_wait(struct Fsc *fsc)
{
	struct Env *owner = fsc->owner;

	if (fsc->waiting == FSC_NOT_WAITING || !env_waits(owner) || owner->env_status == ENV_DYING)
		return false;
	if (flexsc_needs_pager(fsc)) {
		fsc->waiting = FSC_NOT_WAITING;
		owner->k->call.flags = 0;
		call_restart(&owner->k->call); // and it will find out why
		return true;
	}
	// If not all is issued, the thread will look again, and then at the waiter.
	if (!all_issued(fsc) || !flexsc_satisfied(fsc))
		return false;
	owner->k->tf.tf_regs.reg_eax = flexsc_end_wait(fsc);
	owner->k->call.flags = 0;
	return true;
}

// Puts an idle thread on a run queue.
static void
wake_thread(struct Fsc *fsc)
{
	struct Env *thread = fsc->thread;

	if (fsc->state != FSC_IDLE || !fsc->cpus)
		return;
	fsc->state = FSC_DRAINING;
	fsc->entries[0].need_wake = 0;
	spin_lock(&thread->k->lock);
	if (thread->env_status == ENV_NOT_RUNNABLE)
		sched_ready(thread);
	spin_unlock(&thread->k->lock);
}

// The thread executes by itself, or still does: sleep until it has, or look.
static __attribute__((noinline)) int32_t
wait_alone(struct Call *call, struct Fsc *fsc, int what)
{
	struct Env *owner = call->env;
	int ndone, r = CALL_PARKED;

	spin_lock(&owner->k->lock);
	if (flexsc_needs_pager(fsc)) { // since just now
		spin_unlock(&owner->k->lock);
		return call_restart(call);
	}
	fsc->waiting = what;
	if (fsc->state == FSC_IDLE && !fsc->cpus) {
		// It has become so just now: take over as usual.
		spin_unlock(&owner->k->lock);
		flexsc_pair(fsc);
	}
	if (fsc->state == FSC_IDLE && flexsc_scan(fsc, &ndone))
		wake_thread(fsc);
	full_barrier(); // after waiting, before state; pairs with tell_owner
	if (all_issued(fsc) && flexsc_satisfied(fsc)) {
		r = flexsc_end_wait(fsc);
	} else if (owner->env_status != ENV_DYING) {
		call->flags = CALL_IS_PARKED;
		sched_block(owner);
	}
	spin_unlock(&owner->k->lock);
	return r;
}

// The owner's pager has run for some parked calls: they are to be issued again. And the
// address that another waits for, for the pager to run now: in call->arg. Whether there is
// one.
static __attribute__((noinline)) bool
serve_pager(struct Call *call, struct Fsc *fsc)
{
	struct Env *owner = fsc->owner;
	bool wanted = false;

	spin_lock(&owner->k->lock);
	// A handler that waits in its turn comes here for its own calls: those for which it runs
	// are to wait until it has returned, to the same place.
	uintptr_t esp = owner->k->tf.tf_esp;
	bool nested = trap_on_exception_stack(owner);
	for (struct Call *c = fsc->calls; c < fsc->calls + NSCENTRIES; c++) {
		if (!(c->flags & CALL_FOR_PAGER))
			continue;
		bool ran = (c->flags & CALL_PAGER_RAN) && (!nested || c->pager_esp == esp);
		if (ran || !owner->env_pgfault_upcall) {
			fsc->nparked--;
			if (c->flags & CALL_PAGER_RAN)
				fsc->nran--;
			else
				fsc->npager--;
			c->flags &= CALL_AT_WINDOW;
			if (c->entry->status == FSC_BLOCKED)
				c->entry->status = FSC_SUBMIT;
		} else if (!(c->flags & CALL_PAGER_RAN) && !wanted) {
			c->flags |= CALL_PAGER_RAN;
			c->pager_esp = esp;
			fsc->npager--;
			fsc->nran++;
			call->arg = c->arg;
			wanted = true;
		}
	}
	fsc->entries[0].need_pager = fsc->npager != 0;
	spin_unlock(&owner->k->lock);
	return wanted;
}

// Waits for what: FSC_WAIT_ANY, FSC_WAIT_ISSUED, or the completion of an entry.
// The number of entries done (for one entry: of no meaning), or -E_INVAL: what, or
// not registered.
FASTPATH int32_t
sys_flexsc_wait(struct Call *call, int what)
{
	struct Fsc *fsc = call->env->k->fsc;

	if (!fsc || what < FSC_WAIT_ISSUED || what >= NSCENTRIES)
		return -E_INVAL;
	if ((fsc->npager | fsc->nran) && serve_pager(call, fsc))
		return CALL_PAGER;
	if (fsc->cpus || fsc->state != FSC_IDLE)
		return wait_alone(call, fsc, what);
	// The thread takes over here and now, with no queue between.
	fsc->waiting = what;
	flexsc_pair(fsc);
}

// The doorbell: something was submitted while the thread slept.
int32_t
sys_flexsc_wake(struct Call *call)
{
	struct Fsc *fsc = call->env->k->fsc;

	if (!fsc)
		return -E_INVAL;
	spin_lock(&call->env->k->lock);
	wake_thread(fsc);
	spin_unlock(&call->env->k->lock);
	return 0;
}

// Where the thread polls; 0: nowhere, calls are executed at wait.
int32_t
sys_flexsc_affinity(struct Call *call, uint32_t cpumask)
{
	struct Env *owner = call->env;
	struct Fsc *fsc = owner->k->fsc;
	int me = cpunum();

	if (!fsc || (cpumask & ~((1u << ncpu) - 1)))
		return -E_INVAL;
	struct Env *thread = fsc->thread;
	spin_lock(&owner->k->lock);
	spin_lock(&thread->k->lock);
	thread->k->cpumask = cpumask ? cpumask : ~0u;
	if (thread->env_status == ENV_RUNNABLE) {
		// To a queue where it may be taken from.
		sched_remove(thread);
		sched_set_active(false);
		sched_ready(thread);
	}
	spin_unlock(&thread->k->lock);
	fsc->cpus = cpumask;
	wake_thread(fsc);
	spin_unlock(&owner->k->lock);
	// If it polls here, the owner goes elsewhere.
	return ncpu > 1 && cpumask == 1u << me ? CALL_YIELD : 0;
}

// The CPU that an env is on or queues for, or -1.
static int
cpu_of(const struct Env *e)
{
	const struct RunQueue *rq = e->k->rq;

	if (e->env_status == ENV_RUNNING)
		return e->env_cpunum;
	if (e->env_status == ENV_RUNNABLE && rq)
		return container_of(rq, struct Cpu, rq)->id;
	return -1;
}

// The CPU where e's syscall thread polls or is about to, which e had better
// avoid; of a thread, its owner's. -1 if none.
SWITCHPATH int
flexsc_polled_cpu(const struct Env *e)
{
	const struct Fsc *fsc = e->k->fsc;

	if (!fsc || !fsc->cpus)
		return -1;
	if (env_is_syscall_thread(e))
		return cpu_of(fsc->owner);
	int cpu = cpu_of(fsc->thread);
	// Where it may not stay it will leave, for the one that is left to it.
	if (cpu >= 0 && !(fsc->cpus & (1u << cpu)))
		cpu = fsc->cpus & (fsc->cpus - 1) ? -1 : __builtin_ctz(fsc->cpus);
	return cpu;
}

// ---- Parked calls: under the owner's lock --------------------------------------

void
flexsc_park(struct Call *call)
{
	// Before anyone can complete it, or DONE would be overwritten.
	call->entry->status = FSC_BLOCKED;
	call->env->k->fsc->nparked++;
}

// A call that has just been issued wants its owner's pager to run.
void
flexsc_park_for_pager(struct Call *call)
{
	struct Fsc *fsc = call->env->k->fsc;

	spin_lock(&call->env->k->lock);
	if (call->env->env_status != ENV_DYING) {
		call->flags |= CALL_IS_PARKED | CALL_FOR_PAGER;
		flexsc_park(call);
		fsc->npager++;
		fsc->entries[0].need_pager = 1;
	}
	spin_unlock(&call->env->k->lock);
}

// Whether the owner, which waits or is about to, has to run its pager.
bool
flexsc_needs_pager(const struct Fsc *fsc)
{
	return fsc->npager > 0;
}

void
flexsc_complete(struct Call *call, int32_t result)
{
	struct Fsc *fsc = call->env->k->fsc;

	call->entry->ret = result;
	barrier(); // x86 keeps stores in order; pairs with the program's read of status
	call->entry->status = FSC_DONE;
	fsc->nparked--;
	fsc->news = true;
	full_barrier(); // after these, before state: pairs with tell_owner
	if (flexsc_finish_wait(fsc))
		sched_ready(call->env);
}

// ---- The end ----------------------------------------------------------------

// The owner is being ended and runs nowhere: its thread is to go too.
void
flexsc_stop(struct Fsc *fsc)
{
	struct Env *thread = fsc->thread;

	spin_lock(&thread->k->lock);
	enum EnvStatus was = thread->env_status;
	int cpu = thread->env_cpunum;
	thread->env_status = ENV_DYING;
	thread->k->request |= REQ_DIE;
	if (was == ENV_RUNNABLE)
		sched_remove(thread);
	if (was == ENV_NOT_RUNNABLE)
		sched_set_active(true); // until it is freed
	spin_unlock(&thread->k->lock);

	if (was != ENV_RUNNING)
		flexsc_reap_thread(thread);
	else if (cpu != cpunum())
		lapic_ipi(cpus[cpu].apicid, T_IPI_RESCHED);
	// else it is what called this: no_result sees the request
}

// The thread has left its stack for good.
void
flexsc_reap_thread(struct Env *thread)
{
	struct Env *owner = thread->k->fsc->owner;

	usage_to_owner(owner, thread);
	kstack_free(thread->k->kthread_stack);
	as_put(thread->k->as);
	thread->k->fsc = NULL;
	spin_lock(&thread->k->lock);
	env_free_slot(thread);
	spin_unlock(&thread->k->lock);
	env_drop(owner);
	sched_set_active(false);
}

// Owner and thread are gone.
void
flexsc_free(struct Fsc *fsc)
{
	page_decref(fsc->page);
	page_decref(pa2page(PADDR(fsc)));
}

// How often the env called num by its page.
uint32_t
flexsc_ncalls(const struct Env *e, int num)
{
	return e->k->fsc ? e->k->fsc->ncalls[num] : 0;
}
