// Waiting for the end of another env.
#include <inc/lib.h>

// Returns when envid has ended. Panics if envid is 0, which means the caller.
void
wait(envid_t envid)
{
	const volatile struct Env *e = &envs[ENVX(envid)];

	assert(envid != 0);
	// A new id in its place means that the slot has been used again.
	while (e->env_id == envid && e->env_status != ENV_FREE)
		sys_yield();
}
