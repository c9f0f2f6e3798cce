// A message whose page cannot be mapped, because the receiver has no page table for it
// and memory is out. Who waits for messages from anybody goes on waiting; who waits for
// the answer of the sender is told.
#include <test/guest/check.h>

#define WINDOW ((void *)0x30000000) // where no page table is
#define HOARD 0x40000000

static uintptr_t hoard = HOARD;

static void
take_all(void)
{
	*(volatile int *)AREA = 1; // it may be copy-on-write since a fork
	while (sys_page_alloc(0, (void *)hoard, RW) == 0)
		hoard += PGSIZE;
}

static void
give_back(void)
{
	while (hoard > HOARD)
		sys_page_unmap(0, (void *)(hoard -= PGSIZE));
}

static void
receive(int unused)
{
	shared->result = sys_ipc_recv(WINDOW);
	shared->count[0] = thisenv->env_ipc_value;
}

static void
call(int unused)
{
	shared->result = sys_ipc_call(thisenv->env_parent_id, 5, (void *)UTOP, 0, WINDOW);
}

void
umain(int argc, char **argv)
{
	struct FscEntry *reply;
	envid_t child;

	share_results();
	CHECK_EQ(sys_page_alloc(0, (void *)AREA, RW), 0);
	CHECK_EQ(flexsc_register(), 0);

	child = child_run(receive, 0);
	AWAIT(envs[ENVX(child)].env_ipc_recving);
	take_all();
	CHECK_EQ(sys_ipc_try_send(child, 1, (void *)AREA, RW), -E_NO_MEM);
	reply = flex_post(SYS_ipc_reply, child, 2, AREA, RW, UTOP);
	flex_flush();
	CHECK(envs[ENVX(child)].env_ipc_recving);
	CHECK(!flex_done(reply));
	give_back();
	CHECK_EQ(sys_ipc_try_send(child, 3, (void *)UTOP, 0), 0);
	wait(child);
	CHECK_EQ(shared->result, 0);
	CHECK_EQ(shared->count[0], 3);

	shared->result = 1;
	child = child_run(call, 0); // its message goes to the reply's receive
	AWAIT(flex_done(reply));
	CHECK_EQ(reply->ipc_value, 5);
	CHECK_EQ(flex_collect(reply), 0);
	take_all();
	flex_post(SYS_ipc_reply, child, 6, AREA, RW, UTOP);
	flex_flush();
	give_back();
	wait(child);
	CHECK_EQ(shared->result, -E_NO_MEM);
	PASS("ipc_nomem");
}
