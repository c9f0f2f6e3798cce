// System calls on envs, and the small ones. doc/syscalls.md has the errors.

#include <inc/error.h>
#include <inc/stdio.h>
#include <inc/string.h>
#include <kern/aspace.h>
#include <kern/clock.h>
#include <kern/console.h>
#include <kern/env.h>
#include <kern/flexsc.h>
#include <kern/lapic.h>
#include <kern/sched.h>
#include <kern/syscall.h>
#include <kern/usercopy.h>

// ---- Console --------------------------------------------------------------------

// A program whose trap named memory that it may not read ends, as in JOS.
static int32_t
cputs_fault(struct Call *call, uintptr_t va)
{
	int r = call_fault(call, va, 1, false, -E_FAULT);

	if (call->entry || r == CALL_PAGER)
		return r;
	cprintf("[%08x] user_mem_check assertion failure for va %08x\n", call->env->env_id, va);
	env_fault(call->env);
	return CALL_PARKED;
}

// Prints len bytes. All of them must be readable, or nothing is printed. A long
// text is printed a page at a time, with interrupts let in between.
int32_t
sys_cputs(struct Call *call, const char *s, size_t len)
{
	uintptr_t start = (uintptr_t)s, end = start + len;
	// A text may be swapped out faster than it is looked at. So what was looked at is kept,
	// too; and what was printed, of which 1 says that all has been looked at.
	size_t looked = call_done(call, ~start, len), printed = call_done(call, start, len);
	size_t done = printed ? printed - 1 : 0, stop = done + PGSIZE;
	char buf[256];

	if (end < start)
		end = ~0u;
	for (uintptr_t va = start + looked; !printed && va < end;
	     va = ROUNDDOWN(va, PGSIZE) + PGSIZE) {
		if (copy_in(buf, va, 1) < 0) {
			int r = cputs_fault(call, va);
			if (r == CALL_PAGER)
				call_keep(call, ~start, len, va - start);
			return r;
		}
		if (va >= ~0u - PGSIZE)
			break;
	}
	while (done < len) {
		if (done >= stop && !call->entry)
			return call_again(call, start, len, done + 1);
		if (done >= stop) {
			flexsc_window();
			stop = done + PGSIZE;
		}
		size_t n = MIN(len - done, sizeof(buf));
		if (copy_in(buf, start + done, n) < 0) { // unmapped meanwhile, or swapped out
			int r = cputs_fault(call, start + done);
			if (r == CALL_PAGER)
				call_keep(call, start, len, done + 1);
			return r;
		}
		cons_write(buf, n);
		done += n;
	}
	return 0;
}

// A character from the console, or 0 if there is none.
int32_t
sys_cgetc(struct Call *call)
{
	int c = cons_getc();

	// What the look at the devices has brought, besides.
	cons_events();
	return c;
}

// ---- Small ones -----------------------------------------------------------------

FASTPATH int32_t
sys_getenvid(struct Call *call)
{
	return call->env->env_id;
}

FASTPATH int32_t
sys_yield(struct Call *call)
{
	return CALL_YIELD;
}

// Milliseconds since the start.
int32_t
sys_time_msec(struct Call *call)
{
	return (int32_t)(clock_ms() & 0x7fffffff);
}

// ---- Envs -------------------------------------------------------------------

// Ends the caller, a child of its own, or an env of its job; with the negative of
// its id, a group of its job.
int32_t
sys_env_destroy(struct Call *call, envid_t envid)
{
	struct Env *e, *caller = call->env;
	int r;

	if (envid < 0)
		return env_destroy_job(caller, -envid) ? 0 : -E_BAD_ENV;
	if ((r = env_lookup(caller, envid, false, &e)) < 0)
		return r;
	if (!env_is_own(caller, e) &&
	    (e->env_job != caller->env_process || e->env_type == ENV_TYPE_THREAD)) {
		spin_unlock(&e->k->lock);
		return -E_BAD_ENV;
	}
	env_destroy(caller, e);
	return caller->env_status == ENV_DYING ? CALL_PARKED : 0;
}

// Ends the caller, with an exit status for its parent.
int32_t
sys_env_exit(struct Call *call, int status)
{
	struct Env *e = call->env;

	spin_lock(&e->k->lock);
	if (e->env_status != ENV_DYING) {
		e->env_exit_status = status & 0xff;
		env_destroy(e, e);
	} else {
		spin_unlock(&e->k->lock);
	}
	return CALL_PARKED;
}

// What the caller wants of a child: inc/env.h has the flags.
int32_t
sys_env_set_flags(struct Call *call, envid_t envid, uint32_t flags)
{
	struct Env *e, *caller = call->env;
	int r;

	if ((flags & ~(ENVF_WATCHED | ENVF_JOB | ENVF_FOREGROUND | ENVF_TIMED)) ||
	    (flags & (ENVF_JOB | ENVF_FOREGROUND)) == ENVF_FOREGROUND)
		return -E_INVAL;
	// Before the child can end: its end looks for who watches.
	if (flags & ENVF_WATCHED)
		env_main(caller)->k->watches = true;
	if ((r = env_lookup(caller, envid, true, &e)) < 0)
		return r;
	if (e->env_process == caller->env_process || ((flags & ENVF_TIMED) && e->env_runs)) {
		r = e->env_process == caller->env_process ? -E_BAD_ENV : -E_INVAL;
		spin_unlock(&e->k->lock);
		return r;
	}
	if (flags & ENVF_TIMED)
		usage_time(e);
	flags |= e->env_flags & ENVF_TIMED;
	if (flags & ENVF_JOB) {
		e->env_job = caller->env_process;
		e->env_group = envid;
	} else // as inherited
		flags |= e->env_flags & (ENVF_JOB | ENVF_FOREGROUND);
	e->env_flags = flags;
	spin_unlock(&e->k->lock);
	return 0;
}

// Gives the caller or a child another name, cut to fit.
int32_t
sys_env_set_name(struct Call *call, envid_t envid, const char *name)
{
	char copy[sizeof(((struct Env *)0)->env_name)];
	struct Env *e;
	size_t n = 0;
	int r;

	// A byte at a time: it may end right before a page that is not there.
	for (; n < sizeof(copy) - 1; n++) {
		if ((r = call_copy_in(call, &copy[n], (uintptr_t)name + n, 1)) < 0)
			return r;
		if (copy[n] == 0)
			break;
		if (copy[n] < ' ' || copy[n] > '~')
			copy[n] = '?';
	}
	copy[n] = 0;
	if ((r = env_lookup(call->env, envid, true, &e)) < 0)
		return r;
	strlcpy(e->env_name, copy, sizeof(e->env_name));
	spin_unlock(&e->k->lock);
	return 0;
}

// Frees a child's slot that was kept for the caller to see its exit status.
int32_t
sys_env_collect(struct Call *call, envid_t envid)
{
	return env_collect(env_main(call->env), envid);
}

// Whether an env, or its process, is being ended.
static bool
is_ending(const struct Env *e)
{
	return (e->k->request & REQ_DIE) || env_main(e)->env_status == ENV_DYING;
}

// A new env with the caller's registers and an empty address space, not
// runnable. Its id; the child, once it runs, sees 0.
envid_t
sys_exofork(struct Call *call)
{
	struct Env *e;

	if (is_ending(call->env)) // env_destroy_job counts on it
		return -E_BAD_ENV;
	env_save_regs(call->env);
	env_main(call->env)->k->forks = true;
	return env_alloc(&e, call->env, ENV_TYPE_USER);
}

// Makes the caller or a child runnable or not. An env that waits in a call stays
// so until the call is over.
int32_t
sys_env_set_status(struct Call *call, envid_t envid, int status)
{
	struct Env *e;
	int r, cpu = -1;

	if (status != ENV_RUNNABLE && status != ENV_NOT_RUNNABLE)
		return -E_INVAL;
	if ((r = env_lookup(call->env, envid, true, &e)) < 0)
		return r;
	if (status == ENV_RUNNABLE) {
		e->k->request &= ~REQ_STOP;
		if (is_ending(call->env)) // as for exofork
			r = -E_BAD_ENV;
		else if (e->env_status == ENV_NOT_RUNNABLE && !env_waits(e))
			sched_ready(e);
	} else if (e->env_status == ENV_RUNNABLE) {
		sched_remove(e);
		e->env_status = ENV_NOT_RUNNABLE;
		sched_set_active(false);
	} else if (e->env_status == ENV_RUNNING) {
		e->k->request |= REQ_STOP;
		cpu = e->env_cpunum;
	} else if (env_waits(e)) {
		e->k->request |= REQ_STOP;
	}
	spin_unlock(&e->k->lock);
	// To this CPU too: it is taken as soon as the call returns.
	if (cpu >= 0)
		lapic_ipi(cpus[cpu].apicid, T_IPI_RESCHED);
	return r;
}

// Gives the caller, or a child that does not run, other registers. What
// would give it more than ring 3 is put right.
int32_t
sys_env_set_trapframe(struct Call *call, envid_t envid, struct Trapframe *utf)
{
	struct Trapframe tf;
	struct Env *e;
	int r;

	if ((r = call_copy_in(call, &tf, (uintptr_t)utf, sizeof(tf))) < 0)
		return r;
	tf.tf_cs = GD_UT | 3;
	tf.tf_ds = tf.tf_es = tf.tf_ss = GD_UD | 3;
	tf.tf_eflags &= ~(FL_IOPL_MASK | FL_NT | FL_VM | FL_RF | FL_AC);
	tf.tf_eflags |= FL_IF;
	tf.tf_trapno = T_SYSCALL; // returns by iret
	if ((r = env_lookup(call->env, envid, true, &e)) < 0)
		return r;
	// Not while it runs, but for the caller on this CPU.
	if (e->env_status == ENV_RUNNING && e != curenv)
		r = -E_INVAL;
	else {
		e->k->tf = tf;
		e->k->progress.done = 0;
		if (e->k->request & REQ_TIMED)
			usage_frame(e);
	}
	spin_unlock(&e->k->lock);
	if (r == 0 && e == call->env && !call->entry)
		env_return(e->k); // with all registers, eax among them
	return r;
}

// Where page faults of the caller or a child go from now on; 0: nowhere.
int32_t
sys_env_set_pgfault_upcall(struct Call *call, envid_t envid, void *upcall)
{
	struct Env *e;
	int r;

	if ((r = env_lookup(call->env, envid, true, &e)) < 0)
		return r;
	e->env_pgfault_upcall = (uintptr_t)upcall;
	spin_unlock(&e->k->lock);
	return 0;
}

// Makes gs of the caller or a child address its thread-local storage, at base.
int32_t
sys_env_set_tls(struct Call *call, envid_t envid, void *base)
{
	struct Env *e;
	int r;

	if ((r = env_lookup(call->env, envid, true, &e)) < 0)
		return r;
	bool here = e == thiscpu->running;
	if (e->env_status == ENV_RUNNING && !here) {
		r = -E_INVAL;
	} else {
		e->k->tls = (uintptr_t)base;
		e->k->gs = GD_TLS | 3;
	}
	if (here) {
		cpu_set_tls(thiscpu, e->k->tls);
		asm volatile("movw %w0,%%gs" : : "r"(GD_TLS | 3));
	}
	spin_unlock(&e->k->lock);
	return r;
}

// Where the exception stack of the caller or a child ends: it is the page below top.
int32_t
sys_env_set_xstack(struct Call *call, envid_t envid, void *top)
{
	struct Env *e;
	int r;

	if (PGOFF(top) || (uintptr_t)top < PGSIZE || (uintptr_t)top > UTOP)
		return -E_INVAL;
	if ((r = env_lookup(call->env, envid, true, &e)) < 0)
		return r;
	e->env_xstacktop = (uintptr_t)top;
	spin_unlock(&e->k->lock);
	return 0;
}

// How many pages the caller's process, or a child, may have when it asks for another;
// 0: any number. What it makes begins with the same.
int32_t
sys_env_set_limit(struct Call *call, envid_t envid, uint32_t npages)
{
	struct Env *e, *caller = call->env;
	int r;

	if (envid == 0)
		envid = caller->env_process;
	if ((r = env_lookup(caller, envid, true, &e)) < 0)
		return r;
	if (e->env_process == e->env_id) {
		e->env_limit = npages;
		e->k->as->limit = npages; // one word: whoever looks has the old or the new
	} else {
		r = -E_BAD_ENV;
	}
	spin_unlock(&e->k->lock);
	return r;
}
