// A fork without copy-on-write: every page that the parent has is copied on the
// spot. Parent and child then take turns printing. It needs nothing but
// exofork, the page calls and set_status, and shows how a child comes about.
#include <inc/lib.h>

// Gives the child its own copy of our page at va. The copy is made at UTEMP,
// because only there can both programs' pages be seen at once.
static void
copy_page(envid_t child, void *va)
{
	int perm = uvpt[PGNUM(va)] & PTE_SYSCALL;
	int r;

	if ((r = sys_page_alloc(0, UTEMP, PTE_P | PTE_U | PTE_W)) < 0)
		panic("sys_page_alloc: %e", r);
	memcpy(UTEMP, va, PGSIZE);
	if ((r = sys_page_map(0, UTEMP, child, va, perm)) < 0)
		panic("sys_page_map: %e", r);
	if ((r = sys_page_unmap(0, UTEMP)) < 0)
		panic("sys_page_unmap: %e", r);
}

// 0 in the child, its id in the parent. Ends the program on any error.
static envid_t
dumbfork(void)
{
	envid_t child = sys_exofork();
	int r;

	if (child < 0)
		panic("sys_exofork: %e", child);
	if (child == 0) {
		// The copy of thisenv still names the parent.
		thisenv = &envs[ENVX(sys_getenvid())];
		return 0;
	}

	// The child's registers are those at exofork's return; the stack below
	// has gone on since, but the frame that the child returns to is intact.
	uintptr_t va = UTEXT;
	while (va < USTACKTOP) {
		if (!(uvpd[PDX(va)] & PTE_P)) {
			va = ROUNDDOWN(va, PTSIZE) + PTSIZE;
			continue;
		}
		if ((uvpt[PGNUM(va)] & (PTE_P | PTE_U)) == (PTE_P | PTE_U))
			copy_page(child, (void *)va);
		va += PGSIZE;
	}

	if ((r = sys_env_set_status(child, ENV_RUNNABLE)) < 0)
		panic("sys_env_set_status: %e", r);
	return child;
}

void
umain(int argc, char **argv)
{
	bool parent = dumbfork() != 0;
	int turns = parent ? 10 : 20;

	for (int i = 0; i < turns; i++) {
		cprintf("%d: I am the %s!\n", i, parent ? "parent" : "child");
		sys_yield();
	}
}
