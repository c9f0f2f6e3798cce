// What flexsc_wait waits for and what it returns: entries done, blocked,
// collected and not.
#include <test/guest/fsccheck.h>

static envid_t parent;

static void
nothing_to_wait_for(void)
{
	CHECK_EQ(flexsc_wait(), 0);
	entry_fill(5, SYS_getenvid, 0, 0, 0, 0, 0);
	CHECK_EQ(flexsc_wait(), 0); // filled is not submitted
	fscpage->entries[5].status = FSC_FREE;
	CHECK_EQ(flexsc_wait(), 0);
}

// Entries that the program has not collected count again.
static void
uncollected_count(void)
{
	struct FscEntry *e[8];
	envid_t me = sys_getenvid();

	for (int i = 0; i < 5; i++)
		e[i] = entry_put(i * 9, SYS_getenvid, 0, 0, 0, 0, 0);
	CHECK_EQ(flexsc_wait(), 5);
	for (int i = 0; i < 5; i++)
		CHECK_EQ(e[i]->status, FSC_DONE);
	for (int i = 5; i < 8; i++)
		e[i] = entry_put(i * 8, SYS_getenvid, 0, 0, 0, 0, 0);
	CHECK_EQ(flexsc_wait(), 8);
	CHECK_EQ(entry_take(e[0]), me);
	e[0] = entry_put(0, SYS_getenvid, 0, 0, 0, 0, 0);
	CHECK_EQ(flexsc_wait(), 8);
	for (int i = 0; i < 8; i++)
		CHECK_EQ(entry_take(e[i]), me);
	CHECK_EQ(flexsc_wait(), 0);
}

static void
sends_when_told(int arg)
{
	AWAIT(shared->ready);
	// Let the parent go to sleep; right as well if it has not.
	for (int i = 0; i < 50; i++)
		sys_yield();
	ipc_send(parent, arg, (void *)UTOP, 0);
}

// A blocked call holds up neither the others nor the wait for them.
static void
blocked_beside_others(void)
{
	struct FscEntry *recv, *e[3];
	envid_t me = sys_getenvid();
	envid_t sender = child_run(sends_when_told, 4711);

	recv = entry_put(3, SYS_ipc_recv, UTOP, 0, 0, 0, 0);
	for (int i = 0; i < 3; i++)
		e[i] = entry_put(10 + i, SYS_getenvid, 0, 0, 0, 0, 0);
	CHECK_EQ(flexsc_wait(), 3);
	CHECK_EQ(recv->status, FSC_BLOCKED);
	for (int i = 0; i < 3; i++)
		CHECK_EQ(e[i]->status, FSC_DONE);

	// One is done, so the blocked one is not waited for.
	CHECK_EQ(entry_take(e[0]), me);
	CHECK_EQ(flexsc_wait(), 2);
	CHECK_EQ(recv->status, FSC_BLOCKED);
	CHECK_EQ(entry_take(e[1]), me);
	CHECK_EQ(entry_take(e[2]), me);

	// Now it is the only one.
	shared->ready = 1;
	CHECK_EQ(flexsc_wait(), 1);
	CHECK_EQ(recv->ipc_value, 4711);
	CHECK_EQ(recv->ipc_from, sender);
	CHECK_EQ(entry_take(recv), 0);
	CHECK_EQ(flexsc_wait(), 0);
	AWAIT(env_gone(sender));
	shared->ready = 0;
}

// Several blocked: the first that completes ends the wait.
static void
only_blocked_ones(void)
{
	struct FscEntry *recv[3];
	envid_t sender;

	for (int i = 0; i < 3; i++)
		recv[i] = entry_park_recv(30 + i, UTOP);
	for (int i = 0; i < 3; i++) {
		shared->ready = 0;
		sender = child_run(sends_when_told, 100 + i);
		shared->ready = 1;
		CHECK_EQ(flexsc_wait(), 1);
		CHECK_EQ(recv[i]->ipc_value, 100 + i);
		CHECK_EQ(entry_take(recv[i]), 0);
		AWAIT(env_gone(sender));
	}
	CHECK_EQ(flexsc_wait(), 0);
}

void
umain(int argc, char **argv)
{
	parent = sys_getenvid();
	share_results();
	CHECK_EQ(flexsc_register(), 0);
	nothing_to_wait_for();
	uncollected_count();
	blocked_beside_others();
	only_blocked_ones();
	PASS("fsc_wait");
}
