// Ctrl-C: ends the foreground programs of whoever owns that key, a shell as a rule.
//
// Programs that a shell starts belong to its job, and so do theirs; those that were
// started in the foreground die at the key. If there is none, or nobody owns the
// key, it is a character like others.

#include <inc/error.h>
#include <kern/ctrlc.h>
#include <kern/env.h>
#include <kern/syscall.h>

static volatile envid_t owner; // may have ended

// The owner, if it lives, or NULL.
static struct Env *
living_owner(void)
{
	envid_t id = owner;
	struct Env *e = &envs[ENVX(id)];

	return id && env_lives(e, id) ? e : NULL;
}

// Whether there is anybody to be ended by the key. May be out of date at once.
bool
ctrlc_has_target(void)
{
	const struct Env *by = living_owner();

	return by && env_any_of_job(by, 0);
}

// Ends them all. On any CPU, with no lock held.
void
ctrlc_strike(void)
{
	struct Env *by = living_owner();

	if (by)
		env_destroy_job(by, 0);
}

// The caller's process wants to own the key, or no longer. -E_BAD_ENV: another env owns it
// that did not put the caller in the foreground.
int32_t
sys_cons_interrupt(struct Call *call, int on)
{
	struct Env *caller = env_main(call->env), *before;
	envid_t id = caller->env_id;

	if (!on) {
		__sync_bool_compare_and_swap(&owner, id, 0);
		return 0;
	}
	before = living_owner();
	if (before && before != caller &&
	    (caller->env_job != before->env_id || !(caller->env_flags & ENVF_FOREGROUND)))
		return -E_BAD_ENV;
	owner = id;
	return 0;
}
