// Every call by trap with bad arguments: JOS's errors, by each door that the
// CPU has, and nothing changed.
#include <test/guest/calls.h>

static void
bad_calls_by_int_itself(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad_numbers); i++)
		CHECK_EQ(raw_int(bad_numbers[i], 1, 2, 3, 4, 5), -E_INVAL);
	for (size_t i = 0; i < ARRAY_SIZE(bad_calls); i++) {
		const uint32_t *a = bad_calls[i].args;

		CHECK_EQ(raw_int(bad_calls[i].num, a[0], a[1], a[2], a[3], a[4]),
			 bad_calls[i].want);
		bad_calls_unchanged();
	}
}

// A program may change itself and its own children, nobody else: not its
// parent, not its grandchild.
static void
not_to_relatives(int arg)
{
	envid_t parent = arg, child, grandchild;
	envid_t ids[2];

	child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		grandchild = fork();
		CHECK(grandchild >= 0);
		if (grandchild == 0) {
			AWAIT(shared->stop);
			exit();
		}
		shared->word[0] = grandchild;
		shared->ready = 1;
		AWAIT(shared->stop);
		exit();
	}
	AWAIT(shared->ready);
	ids[0] = parent;
	ids[1] = shared->word[0];
	for (int i = 0; i < 2; i++) {
		envid_t id = ids[i];
		static struct Trapframe tf;

		CHECK_EQ(sys_env_destroy(id), -E_BAD_ENV);
		CHECK_EQ(sys_page_alloc(id, (void *)BAD_NONE, RW), -E_BAD_ENV);
		CHECK_EQ(sys_page_map(id, (void *)BAD_RW, 0, (void *)BAD_NONE, RO), -E_BAD_ENV);
		CHECK_EQ(sys_page_map(0, (void *)SHARED, id, (void *)BAD_NONE, RO), -E_BAD_ENV);
		CHECK_EQ(sys_page_unmap(id, (void *)BAD_RW), -E_BAD_ENV);
		CHECK_EQ(sys_env_set_status(id, ENV_NOT_RUNNABLE), -E_BAD_ENV);
		CHECK_EQ(sys_env_set_trapframe(id, &tf), -E_BAD_ENV);
		CHECK_EQ(sys_env_set_pgfault_upcall(id, (void *)UTEXT), -E_BAD_ENV);
		CHECK_EQ(sys_env_set_tls(id, (void *)BAD_RW), -E_BAD_ENV);
	}
	shared->stop = 1;
	AWAIT(env_gone(child) && env_gone(shared->word[0]));
}

// A new env's registers are what was set, but for those that would make it
// more than a program.
static void
trapframe_made_safe(void)
{
	struct Trapframe tf;
	envid_t child = sys_exofork();

	CHECK(child >= 0);
	if (child == 0)
		for (;;)
			sys_yield();
	memset(&tf, 0xff, sizeof(tf));
	tf.tf_cs = GD_KT;
	tf.tf_ss = tf.tf_ds = tf.tf_es = GD_KD;
	tf.tf_eip = KERNBASE + 0x100000;
	tf.tf_esp = 0xffffffff;
	CHECK_EQ(sys_env_set_trapframe(child, &tf), 0);
	CHECK_EQ(sys_env_set_status(child, ENV_RUNNABLE), 0);
	AWAIT(env_gone(child)); // of a fault in ring 3
}

void
umain(int argc, char **argv)
{
	share_results();
	bad_calls_prepare();
	bad_calls_by(BY_INT);
	if (cpu_has_sysenter())
		bad_calls_by(BY_SYSENTER);
	bad_calls_by_int_itself();
	child_must_live("calls on relatives", not_to_relatives, sys_getenvid());
	trapframe_made_safe();
	bad_calls_unchanged();
	PASS("trap_errors");
}
