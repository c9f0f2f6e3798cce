// Envs as others' children: what a parent may ask of them, and the jobs that a shell
// makes of them.
//
// A child that its parent watches leaves a zombie, its slot with its exit status, until
// the parent has collected it or has ended (leave_slot in kern/env.c). A job is what a
// shell has started and what that has made, in groups, one for each program started.

#include <inc/error.h>
#include <kern/cpu.h>
#include <kern/env.h>
#include <kern/lapic.h>
#include <kern/trap.h>

// Frees the slot of a zombie of parent's. 0; -E_AGAIN if that child has not ended;
// -E_BAD_ENV if there is none.
int
env_collect(struct Env *parent, envid_t id)
{
	struct Env *e = &envs[ENVX(id)];
	int r = -E_BAD_ENV;

	spin_lock(&e->k->lock);
	if (e->env_id == id && e->env_parent_id == parent->env_id &&
	    (e->env_type == ENV_TYPE_USER || e->env_type == ENV_TYPE_FS)) {
		if (e->env_status == ENV_ZOMBIE) {
			env_free_slot(e);
			r = 0;
		} else if (e->env_status != ENV_FREE) {
			r = -E_AGAIN;
		}
	}
	spin_unlock(&e->k->lock);
	return r;
}

// A process was ended by force, or by its main env, perhaps while it or another thread made
// a child: one that has never run goes too, because nobody else knows of it.
void
env_end_unborn(struct Env *parent)
{
	for (struct Env *e = envs; e < envs + NENV; e++) {
		if (e->env_parent_id != parent->env_id || e->env_runs != 0)
			continue;
		spin_lock(&e->k->lock);
		if (e->env_parent_id == parent->env_id && e->env_runs == 0 &&
		    !env_is_syscall_thread(e) && e->env_status == ENV_NOT_RUNNABLE)
			env_destroy(parent, e);
		else
			spin_unlock(&e->k->lock);
	}
}

static bool
is_of_job(const struct Env *e, envid_t job, envid_t group)
{
	return e->env_job == job && e->env_process == e->env_id && env_lives(e, e->env_id) &&
	       (group ? e->env_group == group : (e->env_flags & ENVF_FOREGROUND) != 0);
}

// Whether there is an env in a group of by's job, or with group 0 in its foreground.
// May be out of date at once.
bool
env_any_of_job(const struct Env *by, envid_t group)
{
	for (struct Env *e = envs; e < envs + NENV; e++)
		if (is_of_job(e, by->env_process, group))
			return true;
	return false;
}

// Ends them all, and what they make meanwhile on other CPUs: an env that is being ended
// makes no more. Whether there were any. With no lock held.
bool
env_destroy_job(struct Env *by, envid_t group)
{
	envid_t job = by->env_process;
	bool any = false;

	while (env_any_of_job(by, group)) {
		for (struct Env *e = envs; e < envs + NENV; e++) {
			if (!is_of_job(e, job, group))
				continue;
			spin_lock(&e->k->lock);
			if (is_of_job(e, job, group))
				env_destroy(by, e);
			else
				spin_unlock(&e->k->lock);
		}
		any = true;
	}
	// The current one is taken as soon as it is back in ring 3.
	if (curenv && curenv->k->request)
		lapic_ipi(thiscpu->apicid, T_IPI_RESCHED);
	return any;
}
