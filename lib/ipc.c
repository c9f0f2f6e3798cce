// Messages between envs: a word, and a page if both sides want to.
#include "lib/libcall.h"

// Receives a message: waits for it, returns its word, and the sender's id in
// *from_env_store and the permissions of the page that came (0: none) in
// *perm_store, unless these are NULL. A page is mapped at pg, unless that is
// NULL. If the call fails: its error, and both stores are set to 0.
int32_t
ipc_recv(envid_t *from_env_store, void *pg, int *perm_store)
{
	int r = sys_ipc_recv(pg ? pg : NO_PAGE);

	if (from_env_store)
		*from_env_store = r < 0 ? 0 : thisenv->env_ipc_from;
	if (perm_store)
		*perm_store = r < 0 ? 0 : thisenv->env_ipc_perm;
	return r < 0 ? r : (int32_t)thisenv->env_ipc_value;
}

// Sends value, and the page at pg with permissions perm unless pg is NULL.
// Waits until to_env receives; panics if that can never be.
void
ipc_send(envid_t to_env, uint32_t value, void *pg, int perm)
{
	const volatile struct Env *to = &envs[ENVX(to_env)];

	for (;;) {
		uint32_t ends = to->env_ends; // before the try: it changes when to_env ends
		int r = lib_ipc_try_send(to_env, value, pg ? pg : NO_PAGE, pg ? perm : 0);
		if (r == 0)
			return;
		if (r != -E_IPC_NOT_RECV)
			panic("ipc_send to %08x: %s", (unsigned int)to_env, error_words(r));
		lib_futex_wait2(&to->env_ipc_recving, 0, &to->env_ends, ends);
	}
}

// The first env of that type, or 0.
envid_t
ipc_find_env(enum EnvType type)
{
	for (int i = 0; i < NENV; i++) {
		envid_t id = envs[i].env_id;
		if (envs[i].env_type == type && env_is_alive(id))
			return id;
	}
	return 0;
}
