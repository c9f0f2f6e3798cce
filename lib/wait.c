// Waiting for the end of another process; for threads there is join.
#include "lib/libcall.h"

// Returns when envid has ended. If it is a child of ours that we watch
// (sys_env_set_flags), its slot is free then, and the result is the status that it gave
// to exit_status, or -E_FAULT or -E_KILLED if it didn't come to that. Of any other env:
// -E_BAD_ENV, because its status is not kept; at once of a thread. If two threads wait
// for one child, one of them has the status. Panics if envid is 0, which means the
// caller.
int
wait_status(envid_t envid)
{
	const volatile struct Env *e = &envs[ENVX(envid)];

	assert(envid != 0);
	for (;;) {
		// Read before the look: it changes when the env has ended.
		uint32_t ends = e->env_ends;
		// A new id in its place means that the slot has been used again.
		if (e->env_id != envid || e->env_status == ENV_FREE)
			return -E_BAD_ENV;
		if (e->env_type == ENV_TYPE_THREAD)
			return -E_BAD_ENV;
		if (e->env_status == ENV_ZOMBIE) {
			int status = e->env_exit_status;
			// Fails for another's child, and then status says nothing to us.
			int r = sys_env_collect(envid);
			return r < 0 ? r : status;
		}
		lib_futex_wait(&e->env_ends, ends);
	}
}

// Returns when the process envid has ended. Panics if envid is 0.
void
wait(envid_t envid)
{
	wait_status(envid);
}
