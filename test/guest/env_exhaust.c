// Envs to the last: -E_NO_FREE_ENV, nothing half done, and all of them back.
#include <test/guest/fsccheck.h>

static envid_t ids[NENV];

static int
take_all(void)
{
	int n = 0;
	envid_t id;

	for (;;) {
		id = sys_exofork();
		CHECK(id != 0);
		if (id < 0)
			break;
		ids[n++] = id;
	}
	CHECK_EQ(id, -E_NO_FREE_ENV);
	CHECK_EQ(sys_exofork(), -E_NO_FREE_ENV);
	CHECK_EQ(fork(), -E_NO_FREE_ENV);
	return n;
}

static void
give_back(int n)
{
	for (int i = 0; i < n; i++)
		CHECK_EQ(sys_env_destroy(ids[i]), 0);
	for (int i = 0; i < n; i++) {
		AWAIT(env_gone(ids[i]));
		CHECK_EQ(sys_env_destroy(ids[i]), -E_BAD_ENV);
	}
}

void
umain(int argc, char **argv)
{
	int n, r;

	n = take_all();
	CHECK(n >= 1000 && n < NENV);
	for (int i = 0; i < n; i++) {
		CHECK_EQ(envs[ENVX(ids[i])].env_id, ids[i]);
		CHECK_EQ(envs[ENVX(ids[i])].env_parent_id, sys_getenvid());
		CHECK_EQ(envs[ENVX(ids[i])].env_status, ENV_NOT_RUNNABLE);
	}

	// A syscall thread is an env as well.
	r = flexsc_register();
	CHECK(r == -E_NO_FREE_ENV || r == -E_NO_MEM);
	CHECK(!is_mapped(USCPAGE));
	CHECK_EQ(flexsc_wait(), -E_INVAL);

	give_back(n);
	CHECK_EQ(take_all(), n);
	give_back(n);
	CHECK_EQ(flexsc_register(), 0);
	CHECK_EQ(take_all(), n - 1);
	give_back(n - 1);
	CHECK_EQ(flex_getenvid(), sys_getenvid());
	PASS("env_exhaust");
}
