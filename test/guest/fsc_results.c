// Every flex_NAME gives what sys_NAME gives, with the process as its caller:
// env 0 is the process, and what it sends comes from the process.
#include <test/guest/fsccheck.h>

static envid_t parent;

static void
receives_one(int arg)
{
	CHECK_EQ(sys_ipc_recv((void *)UTOP), 0);
	CHECK_EQ(thisenv->env_ipc_value, 0xfeed);
	CHECK_EQ(thisenv->env_ipc_from, parent);
	CHECK_EQ(thisenv->env_ipc_perm, 0);
	shared->result = 1;
}

static void
sends_one(int arg)
{
	ipc_send(parent, arg, (void *)UTOP, 0);
}

// The first page of memory that the process gets, maps twice, and gives back.
static void
pages_of_mine(void)
{
	volatile uint32_t *a = (volatile uint32_t *)AREA, *b = a + PGSIZE / 4;

	CHECK_EQ(flex_page_alloc(0, (void *)AREA, RW), 0);
	CHECK_EQ(*a, 0);
	*a = 0x1234;
	CHECK_EQ(flex_page_map(0, (void *)AREA, 0, (void *)(AREA + PGSIZE), RO), 0);
	CHECK_EQ(*b, 0x1234);
	CHECK_EQ(uvpt[PGNUM(b)] & RW, RO);
	CHECK_EQ(flex_page_map(parent, (void *)AREA, parent, (void *)(AREA + PGSIZE), RW), 0);
	*b = 0x5678;
	CHECK_EQ(*a, 0x5678);
	CHECK_EQ(flex_page_unmap(0, (void *)AREA), 0);
	CHECK_EQ(flex_page_unmap(0, (void *)(AREA + PGSIZE)), 0);
	CHECK_EQ(flex_page_unmap(0, (void *)(AREA + PGSIZE)), 0); // nothing there: no error
	CHECK(!is_mapped(AREA) && !is_mapped(AREA + PGSIZE));
}

static void
in_new_env(void)
{
	// Of a child that never runs, everything can be set.
	static struct Trapframe tf;
	envid_t child = sys_exofork();
	const volatile struct Env *e = &envs[ENVX(child)];

	CHECK(child > 0);
	CHECK_EQ(flex_page_alloc(child, (void *)AREA, RW), 0);
	CHECK_EQ(flex_page_map(child, (void *)AREA, 0, (void *)AREA, RW), 0);
	*(volatile uint32_t *)AREA = 1;
	CHECK_EQ(flex_page_unmap(child, (void *)AREA), 0);
	CHECK_EQ(flex_page_unmap(0, (void *)AREA), 0);
	CHECK_EQ(flex_env_set_pgfault_upcall(child, (void *)0x00801234), 0);
	CHECK_EQ(e->env_pgfault_upcall, 0x00801234);
	CHECK_EQ(flex_env_set_trapframe(child, &tf), 0);
	CHECK_EQ(flex_env_set_tls(child, (void *)AREA), 0);
	CHECK_EQ(flex_env_set_status(child, ENV_NOT_RUNNABLE), 0);
	CHECK_EQ(e->env_status, ENV_NOT_RUNNABLE);
	CHECK_EQ(flex_env_destroy(child), 0);
	AWAIT(env_gone(child));
	CHECK_EQ(flex_env_destroy(child), -E_BAD_ENV);
}

static void
of_the_process(void)
{
	uintptr_t upcall = thisenv->env_pgfault_upcall;
	unsigned before, now;

	CHECK_EQ(flex_getenvid(), sys_getenvid());
	CHECK_EQ(flex_cgetc(), sys_cgetc());
	CHECK_EQ(flex_env_set_pgfault_upcall(0, (void *)0x00805678), 0);
	CHECK_EQ(thisenv->env_pgfault_upcall, 0x00805678);
	CHECK_EQ(sys_env_set_pgfault_upcall(0, (void *)upcall), 0);
	CHECK_EQ(flex_env_set_status(0, ENV_RUNNABLE), 0);
	before = sys_time_msec();
	now = flex_time_msec();
	CHECK(now - before <= sys_time_msec() - before);
	flex_cputs("by the page\n", 12);
	flex_yield();
}

static void
messages(void)
{
	envid_t child;

	shared->result = 0;
	child = child_run(receives_one, 0);
	while (flex_ipc_try_send(child, 0xfeed, (void *)UTOP, 0) == -E_IPC_NOT_RECV)
		sys_yield();
	AWAIT(env_gone(child));
	CHECK_EQ(shared->result, 1);
	CHECK_EQ(flex_ipc_try_send(child, 0, (void *)UTOP, 0), -E_BAD_ENV);
	CHECK_EQ(flex_ipc_try_send(0, 0, (void *)UTOP, 0), -E_IPC_NOT_RECV);

	child = child_run(sends_one, 99);
	CHECK_EQ(flex_ipc_recv((void *)UTOP), 0);
	CHECK_EQ(thisenv->env_ipc_value, 99);
	CHECK_EQ(thisenv->env_ipc_from, child);
	CHECK_EQ(thisenv->env_ipc_perm, 0);
	AWAIT(env_gone(child));
}

void
umain(int argc, char **argv)
{
	parent = sys_getenvid();
	share_results();
	CHECK_EQ(flexsc_register(), 0);
	pages_of_mine();
	in_new_env();
	of_the_process();
	messages();
	CHECK_EQ(flexsc_wait(), 0);
	PASS("fsc_results");
}
