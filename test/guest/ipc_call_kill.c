// Callers and the env that they call, killed at about the same time on different CPUs:
// whoever is being ended must not be given the answer, or the error, that it waited for.
//
// Arguments: rounds (100), seed (1).
#include <test/guest/filecheck.h>

#define NCALLERS 3

static uint32_t random;

static void
serve(int unused)
{
	envid_t to = 0;

	while (sys_ipc_reply(to, 1, (void *)UTOP, 0, (void *)UTOP) == 0)
		to = thisenv->env_ipc_from;
}

static void
call(int server)
{
	int r;

	// Until the server has ended, or we.
	do
		r = sys_ipc_call(server, 1, (void *)UTOP, 0, (void *)UTOP);
	while (r == 0);
	CHECK_EQ(r, -E_BAD_ENV);
}

void
umain(int argc, char **argv)
{
	uint32_t rounds = arg_number(argc, argv, 1, 100);
	envid_t id[NCALLERS + 1];

	random = arg_number(argc, argv, 2, 1);
	for (uint32_t round = 0; round < rounds; round++) {
		id[0] = child_run(serve, 0);
		for (int i = 1; i <= NCALLERS; i++)
			id[i] = child_run(call, id[0]);
		for (uint32_t n = next_random(&random) % 3; n > 0; n--)
			sys_yield();
		// The server and all callers, beginning anywhere.
		uint32_t first = next_random(&random) % (NCALLERS + 1);
		for (uint32_t i = 0; i <= NCALLERS; i++)
			sys_env_destroy(id[(first + i) % (NCALLERS + 1)]);
		for (int i = 0; i <= NCALLERS; i++)
			wait(id[i]);
	}
	PASS("ipc_call_kill");
}
