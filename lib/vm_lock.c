// The lock of a process's memory: what its threads map, and what their page faults change.
//
// It is the innermost of all, and recursive: who has it may fault on its own stack, and
// come here again by the pager. Touching it never faults.
#include "lib/atomic.h"
#include "lib/vm.h"

struct VmState vm_state __attribute__((aligned(64))); // on one page

// Takes the lock, or once more if the caller has it.
void
vm_lock(void)
{
	const uint32_t me = thisenv->env_id;
	uint32_t seen;

	if ((vm_state.lock & ~VM_WAITED) == me) {
		vm_state.depth++;
		return;
	}
	if (swap_if(&vm_state.lock, 0, me))
		return;
	for (;;) {
		seen = vm_state.lock;
		// Others may wait, too: who has slept can't tell.
		if (seen == 0 && swap_if(&vm_state.lock, 0, me | VM_WAITED))
			return;
		if (seen == 0 ||
		    (!(seen & VM_WAITED) && !swap_if(&vm_state.lock, seen, seen | VM_WAITED)))
			continue;
		sys_futex_wait(&vm_state.lock, seen | VM_WAITED);
	}
}

// Undoes one vm_lock.
void
vm_unlock(void)
{
	if (vm_state.depth > 0) {
		vm_state.depth--;
		return;
	}
	if (xchg(&vm_state.lock, 0) & VM_WAITED)
		sys_futex_wake(&vm_state.lock, 1);
}
