// Nobody is kept from an env that others call without pause. Counted in calls.
//
// Arguments: rounds in which all call again at once (150); calls of one env beside two busy
// ones (3000).
#include <test/guest/filecheck.h>

#define NCALLERS 4
#define NBUSY 2
#define NO_PAGE ((void *)UTOP)

// ---- Each call is answered when all others wait ----------------------------------------

static envid_t callee;

static int
call(int n, bool by_page)
{
	return by_page ? flex_ipc_call(callee, n, NO_PAGE, 0, NO_PAGE)
		       : sys_ipc_call(callee, n, NO_PAGE, 0, NO_PAGE);
}

static void
calls_again(int n)
{
	if (n & 1)
		CHECK_EQ(flexsc_register(), 0);
	do
		count_up(&shared->count[n]);
	while (call(n, n & 1) == 0);
}

// A caller that was answered waits in the queue again before the next is taken: so none may
// be taken again before all others, or but a little.
static void
all_wait(uint32_t nrounds)
{
	uint32_t last[NCALLERS] = {0}, begun[NCALLERS] = {0};
	envid_t id[NCALLERS];

	callee = thisenv->env_id;
	for (int n = 0; n < NCALLERS; n++)
		id[n] = child_run(calls_again, n);
	for (uint32_t i = 1; i <= nrounds * NCALLERS; i++) {
		for (int n = 0; n < NCALLERS; n++)
			AWAIT(shared->count[n] != begun[n] && asleep(id[n]));
		CHECK_EQ(sys_ipc_recv(NO_PAGE), 0);
		uint32_t taken = thisenv->env_ipc_value;
		last[taken] = i;
		for (int n = 0; n < NCALLERS; n++)
			CHECK(i - last[n] < 2 * NCALLERS);
		begun[taken] = shared->count[taken];
		CHECK_EQ(sys_ipc_try_send(id[taken], 0, NO_PAGE, 0), 0);
	}
	for (int n = 0; n < NCALLERS; n++) {
		CHECK_EQ(sys_env_destroy(id[n]), 0);
		AWAIT(env_gone(id[n]));
	}
}

// ---- Each call is answered at once -----------------------------------------------------

static void
serves(int unused)
{
	envid_t to = 0;

	while (sys_ipc_reply(to, 1, NO_PAGE, 0, NO_PAGE) == 0)
		to = thisenv->env_ipc_from;
}

static void
calls_for_ever(int n)
{
	while (call(n, false) == 0)
		shared->count[n]++;
}

// One that makes ncalls calls beside others that make as many as they can.
static void
beside_busy(uint32_t ncalls)
{
	envid_t id[NBUSY];
	uint32_t began[NBUSY], others = 0;

	callee = child_run(serves, 0);
	AWAIT(envs[ENVX(callee)].env_ipc_recving);
	for (int n = 0; n < NBUSY; n++) {
		shared->count[n] = 0;
		id[n] = child_run(calls_for_ever, n);
		AWAIT(shared->count[n] > 0);
	}
	for (int n = 0; n < NBUSY; n++)
		began[n] = shared->count[n];
	for (uint32_t i = 0; i < ncalls; i++)
		CHECK_EQ(call(NBUSY, false), 0);
	for (int n = 0; n < NBUSY; n++)
		others += shared->count[n] - began[n];
	// A third, but for what CPUs the host runs: a fiftieth is not to be kept from it.
	CHECK(others < 50 * ncalls);
	for (int n = 0; n < NBUSY; n++) {
		CHECK(shared->count[n] > began[n]);
		CHECK_EQ(sys_env_destroy(id[n]), 0);
	}
	CHECK_EQ(sys_env_destroy(callee), 0);
}

void
umain(int argc, char **argv)
{
	share_results();
	all_wait(arg_number(argc, argv, 1, 150));
	beside_busy(arg_number(argc, argv, 2, 3000));
	PASS("ipc_queue_fair");
}
