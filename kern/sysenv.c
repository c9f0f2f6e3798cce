// System calls on envs, and the small ones. doc/syscalls.md has the errors.

#include <inc/error.h>
#include <inc/stdio.h>
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
	if (call->entry)
		return -E_FAULT;
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
	size_t done = call_done(call, start, len), stop = done + PGSIZE;
	char buf[256];

	if (end < start)
		end = ~0u;
	for (uintptr_t va = start; done == 0 && va < end; va = ROUNDDOWN(va, PGSIZE) + PGSIZE) {
		if (copy_in(buf, va, 1) < 0)
			return cputs_fault(call, va);
		if (va >= ~0u - PGSIZE)
			break;
	}
	while (done < len) {
		if (done >= stop && !call->entry)
			return call_again(call, start, len, done);
		if (done >= stop) {
			flexsc_window();
			stop = done + PGSIZE;
		}
		size_t n = MIN(len - done, sizeof(buf));
		if (copy_in(buf, start + done, n) < 0) // unmapped meanwhile
			return cputs_fault(call, start + done);
		cons_write(buf, n);
		done += n;
	}
	return 0;
}

// A character from the console, or 0 if there is none.
int32_t
sys_cgetc(struct Call *call)
{
	return cons_getc();
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

// Ends the caller or a child of its own.
int32_t
sys_env_destroy(struct Call *call, envid_t envid)
{
	struct Env *e;
	int r;

	if ((r = env_lookup(call->env, envid, true, &e)) < 0)
		return r;
	env_destroy(call->env, e);
	return e == call->env ? CALL_PARKED : 0;
}

// A new env with the caller's registers and an empty address space, not
// runnable. Its id; the child, once it runs, sees 0.
envid_t
sys_exofork(struct Call *call)
{
	struct Env *e;

	env_save_regs(call->env);
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
		if (e->env_status == ENV_NOT_RUNNABLE && !env_waits(e))
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
	return 0;
}

// Gives the caller, or a child that does not run, other registers. What
// would give it more than ring 3 is put right.
int32_t
sys_env_set_trapframe(struct Call *call, envid_t envid, struct Trapframe *utf)
{
	struct Trapframe tf;
	struct Env *e;
	int r;

	if (copy_in(&tf, (uintptr_t)utf, sizeof(tf)) < 0)
		return -E_FAULT;
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
		e->k->call.done = 0;
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
