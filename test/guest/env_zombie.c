// Watched children: exit statuses, collecting, what may be done to a child that has
// ended, parents that end first, and every slot that comes back.
#include <test/guest/filecheck.h>

static void
waits_and_exits(int status)
{
	AWAIT(shared->ready);
	exit_status(status);
}

static void
waits_and_returns(int arg)
{
	AWAIT(shared->ready);
}

static void
waits_and_faults(int arg)
{
	AWAIT(shared->ready);
	*(volatile uint32_t *)0 = 0;
}

static void
waits_and_breaks(int arg)
{
	AWAIT(shared->ready);
	breakpoint();
}

static void
waits_and_destroys_itself(int arg)
{
	AWAIT(shared->ready);
	sys_env_destroy(0);
}

static void
stays(int arg)
{
	sys_ipc_recv((void *)UTOP);
}

static const volatile struct Env *
env_of(envid_t id)
{
	return &envs[ENVX(id)];
}

static bool
is_zombie(envid_t id)
{
	return env_of(id)->env_id == id && env_of(id)->env_status == ENV_ZOMBIE;
}

static envid_t
watched(void (*body)(int), int arg)
{
	envid_t id = child_run(body, arg);

	CHECK_EQ(sys_env_set_flags(id, ENVF_WATCHED), 0);
	return id;
}

// Nothing can be done to what has ended but to collect it.
static void
ended_is_ended(envid_t id)
{
	CHECK_EQ(sys_env_destroy(id), -E_BAD_ENV);
	CHECK_EQ(sys_env_set_status(id, ENV_RUNNABLE), -E_BAD_ENV);
	CHECK_EQ(sys_env_set_flags(id, 0), -E_BAD_ENV);
	CHECK_EQ(sys_env_set_pgfault_upcall(id, NULL), -E_BAD_ENV);
	CHECK_EQ(sys_page_alloc(id, (void *)AREA, RW), -E_BAD_ENV);
	CHECK_EQ(sys_page_map(0, (void *)SHARED, id, (void *)AREA, RW), -E_BAD_ENV);
	CHECK_EQ(sys_page_map(id, (void *)SHARED, 0, (void *)AREA, RW), -E_BAD_ENV);
	CHECK_EQ(sys_page_unmap(id, (void *)SHARED), -E_BAD_ENV);
	CHECK_EQ(sys_ipc_try_send(id, 0, (void *)UTOP, 0), -E_BAD_ENV);
	CHECK_EQ(sys_ipc_call(id, 0, (void *)UTOP, 0, (void *)UTOP), -E_BAD_ENV);
}

static void
statuses(bool by_page)
{
	static const struct {
		void (*body)(int);
		int arg;
		int status;
	} how[] = {
		{waits_and_exits, 0, 0},
		{waits_and_exits, 7, 7},
		{waits_and_exits, 255, 255},
		{waits_and_exits, 0x12345, 0x45},
		{waits_and_exits, -E_INVAL, -E_INVAL & 0xff},
		{waits_and_returns, 0, 0},
		{waits_and_faults, 0, -E_FAULT},
		{waits_and_breaks, 0, -E_FAULT},
		{stays, 0, -E_KILLED},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(how); i++) {
		envid_t id;
		uint32_t ends;

		shared->ready = 0;
		id = watched(how[i].body, how[i].arg);
		ends = env_of(id)->env_ends;
		CHECK_EQ(by_page ? flex_env_collect(id) : sys_env_collect(id), -E_AGAIN);
		shared->ready = 1;
		if (how[i].body == stays)
			CHECK_EQ(sys_env_destroy(id), 0);
		AWAIT(env_of(id)->env_ends != ends);
		CHECK(is_zombie(id));
		CHECK_EQ(env_of(id)->env_ends, ends + 1);
		CHECK_EQ(env_of(id)->env_exit_status, how[i].status);
		ended_is_ended(id);
		CHECK(is_zombie(id));
		CHECK_EQ(by_page ? flex_env_collect(id) : sys_env_collect(id), 0);
		CHECK(env_gone(id));
		CHECK_EQ(sys_env_collect(id), -E_BAD_ENV);
		CHECK_EQ(env_of(id)->env_ends, ends + 1);
	}
	shared->ready = 0;
}

// wait_status, before the end and after it.
static void
wait_statuses(void)
{
	for (int status = 1; status < 9; status++) {
		envid_t id = watched(waits_and_exits, status);

		shared->ready = 1;
		if (status % 2)
			AWAIT(is_zombie(id));
		CHECK_EQ(wait_status(id), status);
		CHECK(env_gone(id));
		shared->ready = 0;
	}
	// Flags that there are not.
	envid_t id = watched(waits_and_exits, 3);
	CHECK_EQ(sys_env_set_flags(id, 16), -E_INVAL);
	CHECK_EQ(sys_env_set_flags(id, -1), -E_INVAL);
	CHECK_EQ(sys_env_set_flags(id, ENVF_FOREGROUND), -E_INVAL);
	CHECK_EQ(envs[ENVX(id)].env_flags, ENVF_WATCHED);

	// A child that is not watched any more leaves no zombie.
	CHECK_EQ(sys_env_set_flags(id, 0), 0);
	shared->ready = 1;
	AWAIT(env_gone(id));
	CHECK_EQ(sys_env_collect(id), -E_BAD_ENV);
	shared->ready = 0;
}

static volatile envid_t theirs;

static void
has_no_right(int arg)
{
	CHECK_EQ(sys_env_collect(theirs), -E_BAD_ENV);
	CHECK_EQ(sys_env_set_flags(theirs, ENVF_WATCHED), -E_BAD_ENV);
	CHECK_EQ(sys_env_set_flags(thisenv->env_parent_id, ENVF_WATCHED), -E_BAD_ENV);
	CHECK_EQ(sys_env_set_flags(sys_getenvid(), ENVF_WATCHED), -E_BAD_ENV);
	CHECK_EQ(sys_env_set_flags(0, ENVF_WATCHED), -E_BAD_ENV);
	CHECK_EQ(sys_env_collect(thisenv->env_parent_id), -E_BAD_ENV);
	CHECK_EQ(sys_env_collect(0x7ffff001), -E_BAD_ENV);
	CHECK_EQ(sys_env_collect(-1), -E_BAD_ENV);
}

static void
is_watched_grandchild(int arg)
{
	envid_t id = watched(stays, 0);

	shared->result = id;
	shared->ready = 1;
	stays(0);
}

// Flags and zombies are the parent's alone.
static void
rights(void)
{
	envid_t child, sibling;

	theirs = sibling = watched(stays, 0);
	child_must_live("a sibling's", has_no_right, 0);
	CHECK_EQ(sys_env_destroy(sibling), 0);
	AWAIT(is_zombie(sibling));
	child_must_live("a sibling's that has ended", has_no_right, 0);
	CHECK_EQ(sys_env_collect(sibling), 0);

	child = child_run(is_watched_grandchild, 0);
	AWAIT(shared->ready);
	CHECK_EQ(sys_env_collect(shared->result), -E_BAD_ENV);
	CHECK_EQ(sys_env_set_flags(shared->result, 0), -E_BAD_ENV);
	CHECK_EQ(sys_env_destroy(shared->result), -E_BAD_ENV);
	CHECK_EQ(sys_env_destroy(child), 0);
	AWAIT(env_gone(child));
	CHECK(!env_gone(shared->result)); // a child outlives its parent
	shared->ready = 0;
	child = shared->result;
	ipc_send(child, 0, NULL, 0);
	AWAIT(env_gone(child)); // nobody is left to collect it
}

static void
leaves_children(int how)
{
	for (int i = 0; i < 6; i++) {
		envid_t id = watched(i % 2 ? stays : waits_and_returns, 0);

		shared->word[i] = id;
	}
	shared->ready = 1;
	for (int i = 0; i < 6; i += 2)
		AWAIT(is_zombie(shared->word[i]));
	count_up(&shared->count[0]);
	if (how == 0)
		exit();
	if (how == 1)
		*(volatile uint32_t *)0 = 0;
	stays(0);
}

// The parent ends first, in several ways: its zombies go, its running children end
// later and leave none.
static void
parent_ends_first(void)
{
	for (int how = 0; how < 3; how++) {
		envid_t id;

		shared->ready = shared->count[0] = 0;
		id = watched(leaves_children, how);
		AWAIT(shared->count[0] == 1);
		if (how == 2)
			CHECK_EQ(sys_env_destroy(id), 0);
		AWAIT(is_zombie(id));
		for (int i = 0; i < 6; i += 2)
			AWAIT(env_gone(shared->word[i]));
		for (int i = 1; i < 6; i += 2) {
			CHECK(!env_gone(shared->word[i]));
			ipc_send(shared->word[i], 0, NULL, 0);
			AWAIT(env_gone(shared->word[i]));
		}
		CHECK_EQ(sys_env_collect(id), 0);
	}
	shared->ready = 0;
}

static void
leaves_unborn(int how)
{
	for (int i = 0; i < 3; i++) {
		envid_t id = sys_exofork();

		CHECK(id > 0); // none of them ever runs
		shared->word[i] = id;
		if (i == 1)
			CHECK_EQ(sys_env_set_flags(id, ENVF_WATCHED), 0);
		CHECK_EQ(sys_page_alloc(id, (void *)AREA, RW), 0);
	}
	shared->ready = 1;
	if (how == 0)
		*(volatile uint32_t *)0 = 0;
	stays(0);
}

// Children that were made and never started go with a parent that is ended by force.
static void
unborn(void)
{
	for (int how = 0; how < 2; how++) {
		envid_t id;

		shared->ready = 0;
		id = child_run(leaves_unborn, how);
		AWAIT(shared->ready);
		if (how == 1)
			CHECK_EQ(sys_env_destroy(id), 0);
		AWAIT(env_gone(id));
		for (int i = 0; i < 3; i++)
			AWAIT(env_gone(shared->word[i]));
	}
	shared->ready = 0;
}

// As many zombies as there are slots, twice.
static void
all_slots(void)
{
	static envid_t ids[NENV];
	int n = 0, first = 0;
	envid_t id;

	for (int round = 0; round < 2; round++) {
		for (n = 0; (id = sys_exofork()) > 0; n++) {
			ids[n] = id;
			CHECK_EQ(sys_env_set_flags(id, ENVF_WATCHED), 0);
			CHECK_EQ(sys_env_destroy(id), 0);
		}
		CHECK_EQ(id, -E_NO_FREE_ENV);
		CHECK(n >= 1000);
		if (round == 0)
			first = n;
		CHECK_EQ(n, first);
		for (int i = 0; i < n; i++) {
			AWAIT(is_zombie(ids[i]));
			CHECK_EQ(env_of(ids[i])->env_exit_status, -E_KILLED);
		}
		CHECK_EQ(fork(), -E_NO_FREE_ENV);
		CHECK_EQ(sys_env_collect(ids[n / 2]), 0);
		id = sys_exofork();
		CHECK(id > 0);
		CHECK_EQ(ENVX(id), ENVX(ids[n / 2]));
		CHECK(id != ids[n / 2]);
		CHECK_EQ(sys_env_collect(id), -E_AGAIN);
		CHECK_EQ(sys_env_destroy(id), 0);
		for (int i = 0; i < n; i++)
			if (i != n / 2)
				CHECK_EQ(sys_env_collect(ids[i]), 0);
	}
	shared->ready = 1;
	AWAIT(env_gone(id));
	child_must_live("it has a slot", waits_and_returns, 0);
	shared->ready = 0;
}

void
umain(int argc, char **argv)
{
	envid_t last;

	share_results();
	statuses(false);
	wait_statuses();
	rights();
	parent_ends_first();
	unborn();
	all_slots();
	// A zombie that nobody collects goes with us.
	last = watched(waits_and_destroys_itself, 0);
	shared->ready = 1;
	AWAIT(is_zombie(last));
	CHECK_EQ(flexsc_register(), 0);
	statuses(true);
	PASS("env_zombie");
}
