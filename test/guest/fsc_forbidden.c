// What must not come from the page, and what no program may do to a syscall
// thread or to a syscall page.
#include <test/guest/calls.h>
#include <test/guest/fsccheck.h>

#define OTHER (AREA + 0x100000)

static struct Trapframe tf;

// Calls that only a trap may make.
static void
not_from_the_page(void)
{
	static const int trap_only[] = {SYS_exofork,         SYS_flexsc_register, SYS_flexsc_wait,
					SYS_flexsc_affinity, SYS_flexsc_wake,     SYS_flexsc_bench};
	physaddr_t frame = PTE_ADDR(uvpt[PGNUM(USCPAGE)]);
	envid_t thread = thisenv->env_syscall_thread;

	for (size_t i = 0; i < ARRAY_SIZE(trap_only); i++) {
		CHECK_EQ(entry_call(i, trap_only[i], OTHER, 0, 0, 0, 1), -E_INVAL);
		CHECK_EQ(entry_call(i, trap_only[i], 0, 0, 0, 0, 0), -E_INVAL);
	}
	CHECK(!is_mapped(OTHER));
	CHECK_EQ(PTE_ADDR(uvpt[PGNUM(USCPAGE)]), frame);
	CHECK_EQ(thisenv->env_syscall_thread, thread);
	for (int i = 0; i < NENV; i++)
		CHECK(envs[i].env_status == ENV_FREE || envs[i].env_id == sys_getenvid() ||
		      envs[i].env_type != ENV_TYPE_USER);
}

// No call takes a syscall thread's id, by any door, not even its own program's.
static void
not_to_thread(envid_t id)
{
	const struct {
		int num;
		uint32_t args[5];
	} calls[] = {
		{SYS_env_destroy, {id}},
		{SYS_page_alloc, {id, OTHER, RW}},
		{SYS_page_map, {id, BAD_RW, 0, OTHER, RW}},
		{SYS_page_map, {0, BAD_RW, id, OTHER, RW}},
		{SYS_page_unmap, {id, BAD_RW}},
		{SYS_env_set_status, {id, ENV_RUNNABLE}},
		{SYS_env_set_status, {id, ENV_NOT_RUNNABLE}},
		{SYS_env_set_trapframe, {id, (uint32_t)&tf}},
		{SYS_env_set_pgfault_upcall, {id, UTEXT}},
		{SYS_env_set_tls, {id, BAD_RW}},
		{SYS_ipc_try_send, {id, 1, UTOP, 0}},
	};

	for (int door = BY_INT; door <= BY_PAGE; door++) {
		if (!door_here(door))
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
			int32_t ret = call_by(door, calls[i].num, calls[i].args);

			if (ret != -E_BAD_ENV)
				panic("call %d on syscall thread %08x by %s: %d", calls[i].num, id,
				      door_name[door], ret);
		}
	}
	CHECK_EQ(envs[ENVX(id)].env_id, id);
	CHECK_EQ(envs[ENVX(id)].env_type, ENV_TYPE_SYSCALL);
	CHECK(!is_mapped(OTHER));
}

static void
all_threads(void)
{
	int n = 0;

	for (int i = 0; i < NENV; i++)
		if (envs[i].env_status != ENV_FREE && envs[i].env_type == ENV_TYPE_SYSCALL) {
			not_to_thread(envs[i].env_id);
			n++;
		}
	CHECK(n >= 2); // this process's and the child's
	bad_calls_unchanged();
}

static void
waits_for_a_page(int arg)
{
	CHECK_EQ(flexsc_register(), 0);
	count_up(&shared->ready);
	CHECK_EQ(sys_ipc_recv((void *)OTHER), 0);
	shared->result = thisenv->env_ipc_perm;
}

// The page can't be given a second mapping, here or in a child, by any door.
static void
page_stays_alone(envid_t child)
{
	void *page = (void *)USCPAGE, *other = (void *)OTHER;
	const struct {
		int num;
		uint32_t args[5];
	} calls[] = {
		{SYS_page_map, {0, USCPAGE, 0, OTHER, RW}},
		{SYS_page_map, {0, USCPAGE, 0, OTHER, RO}},
		{SYS_page_map, {0, USCPAGE, 0, OTHER, RW | PTE_SHARE}},
		{SYS_page_map, {0, USCPAGE, child, OTHER, RW}},
		{SYS_page_map, {child, USCPAGE, 0, OTHER, RO}},
		{SYS_page_map, {child, USCPAGE, child, OTHER, RO}},
		{SYS_ipc_try_send, {child, 1, USCPAGE, RW}},
		{SYS_ipc_try_send, {child, 1, USCPAGE, RO}},
	};

	for (int door = BY_INT; door <= BY_PAGE; door++) {
		if (!door_here(door))
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
			CHECK_EQ(call_by(door, calls[i].num, calls[i].args), -E_INVAL);
	}
	CHECK(!is_mapped(OTHER));
	CHECK(envs[ENVX(child)].env_ipc_recving);
	CHECK_EQ(pages[PGNUM(uvpt[PGNUM(page)])].pp_flags & PP_FSCPAGE, PP_FSCPAGE);

	CHECK_EQ(sys_ipc_try_send(child, 1, (void *)BAD_RO, RO), 0);
	AWAIT(env_gone(child));
	CHECK_EQ(shared->result, RO);
	CHECK_EQ(sys_page_unmap(0, other), 0);
}

// Whatever a program is allowed to do with its mapping of the page, the kernel
// and the rest of the machine go on. The results are the program's own affair.
static void
takes_its_page_away(int how)
{
	CHECK_EQ(flexsc_register(), 0);
	entry_put(0, SYS_getenvid, 0, 0, 0, 0, 0);
	switch (how) {
	case 0: sys_page_unmap(0, (void *)USCPAGE); break;
	case 1: sys_page_alloc(0, (void *)USCPAGE, RW); break;
	case 2:
		CHECK_EQ(sys_page_alloc(0, (void *)OTHER, RW), 0);
		sys_page_map(0, (void *)OTHER, 0, (void *)USCPAGE, RW);
		break;
	case 3:
		entry_put(1, SYS_page_unmap, 0, USCPAGE, 0, 0, 0);
		entry_put(2, SYS_getenvid, 0, 0, 0, 0, 0);
		break;
	case 4:
		entry_put(1, SYS_page_alloc, 0, USCPAGE, RO, 0, 0);
		entry_put(2, SYS_page_unmap, 0, USCPAGE, 0, 0, 0);
		break;
	}
	for (int i = 0; i < 10; i++)
		flexsc_wait();
}

static void
destroyed_by_its_own_entry(int arg)
{
	CHECK_EQ(flexsc_register(), 0);
	entry_put(0, SYS_env_destroy, 0, 0, 0, 0, 0);
	entry_put(1, SYS_getenvid, 0, 0, 0, 0, 0);
	for (;;)
		flexsc_wait();
}

static void
sets_itself_through_page(int how)
{
	CHECK_EQ(flexsc_register(), 0);
	if (how == 0) {
		// Registers that would be ring 0's, were they believed.
		tf.tf_cs = GD_KT;
		tf.tf_ss = tf.tf_ds = tf.tf_es = GD_KD;
		tf.tf_eip = KERNBASE + 0x1000;
		tf.tf_esp = KSTACKLIM - 16;
		tf.tf_eflags = FL_IOPL_3;
		entry_put(0, SYS_env_set_trapframe, 0, (uint32_t)&tf, 0, 0, 0);
	} else {
		entry_put(0, SYS_env_set_status, 0, 99, 0, 0, 0);
	}
	flexsc_wait();
	// Ring 3 either way: this must fault.
	asm volatile("cli");
}

void
umain(int argc, char **argv)
{
	envid_t child;

	share_results();
	bad_calls_prepare();
	CHECK_EQ(flexsc_register(), 0);
	not_from_the_page();
	child = child_run(waits_for_a_page, 0);
	AWAIT(shared->ready && envs[ENVX(child)].env_ipc_recving);
	all_threads();
	page_stays_alone(child);
	for (int how = 0; how < 5; how++)
		child_finish(takes_its_page_away, how);
	child_must_die("destroy by an entry", destroyed_by_its_own_entry, 0);
	child_must_die("kernel registers by an entry", sets_itself_through_page, 0);
	child_must_die("cli", sets_itself_through_page, 1);
	CHECK_EQ(flex_getenvid(), sys_getenvid());
	bad_calls_unchanged();
	PASS("fsc_forbidden");
}
