// Many registered processes at once: 500 at least, past the limit -E_NO_MEM,
// and after their deaths the same again.
#include <test/guest/fsccheck.h>

#define NMIN 500

static envid_t ids[NENV];

// Registers, reports, serves as a receiver of one message or of its death.
static void
one_of_many(int arg)
{
	int r = flexsc_register();

	shared->result = r;
	if (r == 0) {
		CHECK_EQ(flex_getenvid(), sys_getenvid());
		entry_park_recv(0, UTOP);
	} else {
		CHECK_EQ(flexsc_wait(), -E_INVAL);
		CHECK(!is_mapped(USCPAGE));
	}
	count_up(&shared->ready);
	sys_ipc_recv((void *)UTOP);
}

// Makes registered processes until max, or until one is refused. How many
// were made, the refused one included.
static int
populate(int max, bool *refused)
{
	int n;

	shared->ready = 0;
	*refused = false;
	for (n = 0; n < max && !*refused;) {
		shared->result = 1;
		ids[n] = fork();
		if (ids[n] == -E_NO_FREE_ENV)
			break;
		if (ids[n] < 0)
			panic("fork of child %d: %e", n, ids[n]);
		if (ids[n] == 0) {
			one_of_many(0);
			exit();
		}
		n++;
		AWAIT(shared->ready == (uint32_t)n);
		if (shared->result < 0) {
			CHECK_EQ(shared->result, -E_NO_MEM);
			*refused = true;
		}
	}
	return n;
}

static void
depopulate(int n)
{
	for (int i = 0; i < n; i++)
		CHECK_EQ(sys_env_destroy(ids[i]), 0);
	for (int i = 0; i < n; i++)
		AWAIT(env_gone(ids[i]));
}

void
umain(int argc, char **argv)
{
	bool refused;
	int n;

	share_results();
	n = populate(NMIN, &refused);
	CHECK(n == NMIN && !refused);
	for (int i = 0; i < n; i += 50) // still served
		while (sys_ipc_try_send(ids[i], i, (void *)UTOP, 0) == -E_IPC_NOT_RECV)
			sys_yield();
	depopulate(n);

	n = populate(NENV, &refused);
	cprintf("fsc_many: %d at once, then %s\n", n - refused,
		refused ? "-E_NO_MEM" : "no more envs");
	CHECK(n - refused >= NMIN);
	if (refused) {
		// Room for one makes room for one.
		CHECK_EQ(sys_env_destroy(ids[0]), 0);
		AWAIT(env_gone(ids[0]));
		shared->ready = 0;
		ids[0] = child_run(one_of_many, 0);
		AWAIT(shared->ready == 1);
		CHECK_EQ(shared->result, 0);
	}
	depopulate(n);

	n = populate(NMIN, &refused);
	CHECK(n == NMIN && !refused);
	depopulate(n);
	PASS("fsc_many");
}
