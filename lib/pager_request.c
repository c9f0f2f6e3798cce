// What the pager asks of the file server. It traps, whatever flex_library says: a fault may
// come in the middle of anything. The lock is held.
#include "lib/vm.h"

// Sends a request with our page at `page` and waits for the answer; a page that is answered comes
// to dst, unless that is UTOP. What the server answers; -E_NO_FS, -E_NO_MEM.
int
pager_request(uint32_t word, uintptr_t page, int perm, uintptr_t dst)
{
	int32_t answer = 0;
	int r;

	for (;;) {
		if (!env_is_alive(vm_state.server))
			vm_state.server = ipc_find_env(ENV_TYPE_FS);
		const volatile struct Env *e = &envs[ENVX(vm_state.server)];
		uint32_t ends = e->env_ends; // before the call: it changes when it ends
		if (!vm_state.server)
			return -E_NO_FS;
		r = ipc_call(vm_state.server, word, (void *)page, perm, (void *)dst, &answer);
		if (r != -E_IPC_NOT_RECV)
			break;
		sys_futex_wait2(&e->env_ipc_recving, 0, &e->env_ends, ends);
	}
	if (r == -E_BAD_ENV)
		return -E_NO_FS;
	return r < 0 ? r : answer;
}

// The page for a request's fields, at VM_REQUEST; NULL: no memory.
union Fsipc *
pager_request_page(void)
{
	if (!vm_entry(VM_REQUEST) && vm_alloc(VM_REQUEST, PTE_P | PTE_U | PTE_W) < 0)
		return NULL;
	return (union Fsipc *)VM_REQUEST;
}
