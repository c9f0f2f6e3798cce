// Ids of envs that are no more: they name nobody, although their place in
// envs[] soon has a new owner.
#include <test/guest/calls.h>

#define NTIMES 5000 // more than there are envs

// Every call that takes an id refuses this one.
static void
names_nobody(envid_t id)
{
	static struct Trapframe tf;
	const struct {
		int num;
		uint32_t args[5];
	} calls[] = {
		{SYS_env_destroy, {id}},
		{SYS_page_alloc, {id, AREA, RW}},
		{SYS_page_map, {id, SHARED, 0, AREA, RO}},
		{SYS_page_map, {0, SHARED, id, AREA, RO}},
		{SYS_page_unmap, {id, SHARED}},
		{SYS_env_set_status, {id, ENV_RUNNABLE}},
		{SYS_env_set_trapframe, {id, (uint32_t)&tf}},
		{SYS_env_set_pgfault_upcall, {id, UTEXT}},
		{SYS_env_set_tls, {id, SHARED}},
		{SYS_ipc_try_send, {id, 1, UTOP, 0}},
	};

	for (int door = BY_INT; door <= BY_PAGE; door++) {
		if (!door_here(door))
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
			CHECK_EQ(call_by(door, calls[i].num, calls[i].args), -E_BAD_ENV);
	}
}

static envid_t
new_child(void)
{
	envid_t id = sys_exofork();

	CHECK(id > 0);
	CHECK_EQ(id >> 31, 0);
	return id;
}

void
umain(int argc, char **argv)
{
	envid_t old, id;

	share_results();
	CHECK_EQ(flexsc_register(), 0);
	old = new_child();
	CHECK_EQ(sys_env_destroy(old), 0);
	AWAIT(env_gone(old));
	names_nobody(old);

	// The slot freed last is taken first: here it is again.
	id = new_child();
	CHECK_EQ(ENVX(id), ENVX(old));
	CHECK(id != old);
	names_nobody(old);
	CHECK_EQ(envs[ENVX(id)].env_status, ENV_NOT_RUNNABLE);
	CHECK_EQ(sys_page_alloc(id, (void *)AREA, RW), 0);
	CHECK_EQ(sys_env_destroy(id), 0);
	AWAIT(env_gone(id));

	// Generations without end; none comes back.
	for (int i = 0; i < NTIMES; i++) {
		envid_t next = new_child();

		CHECK(next != id && next != old);
		CHECK_EQ(sys_env_destroy(id), -E_BAD_ENV);
		id = next;
		CHECK_EQ(sys_env_destroy(id), 0);
		AWAIT(env_gone(id));
	}
	names_nobody(old);
	names_nobody(id);
	PASS("env_stale");
}
