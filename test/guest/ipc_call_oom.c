// An answer's page that there is no memory to map: -E_NO_MEM, and all goes on when
// there is some again. The same for a request's page at the server.
#include <test/guest/check.h>

#define FIRST 0x10000000 // pages are mapped from here up
#define OUT ((void *)(AREA + 0x10000))
#define FAR ((void *)0x70000000) // nothing near it: it needs a page table

static void
serves(int arg)
{
	envid_t to = 0;
	void *va = (void *)UTOP;

	CHECK_EQ(sys_page_alloc(0, OUT, RW), 0);
	for (;;) {
		// The first request's page would go where there is no page table either.
		CHECK_EQ(sys_ipc_reply(to, 5, va, RW, FAR), 0);
		to = thisenv->env_ipc_from;
		va = thisenv->env_ipc_value ? OUT : (void *)UTOP;
		count_up(&shared->count[0]);
	}
}

void
umain(int argc, char **argv)
{
	envid_t server;
	uint32_t n = 0;
	int r;

	share_results();
	server = child_run(serves, 0);
	CHECK_EQ(sys_page_alloc(0, OUT, RW), 0); // now: it is not to be copy-on-write
	AWAIT(envs[ENVX(server)].env_ipc_recving);
	while ((r = sys_page_alloc(0, (void *)(FIRST + n * PGSIZE), RW)) == 0)
		n++;
	CHECK_EQ(r, -E_NO_MEM);

	int32_t answer;

	for (int i = 0; i < 3; i++) {
		// The answer's page cannot be mapped: the server does not notice.
		AWAIT(envs[ENVX(server)].env_ipc_recving);
		CHECK_EQ(sys_ipc_call(server, 1, (void *)UTOP, 0, FAR), -E_NO_MEM);
		CHECK(!is_mapped((uintptr_t)FAR));
		// Ours cannot be mapped there: nothing was sent.
		AWAIT(envs[ENVX(server)].env_ipc_recving);
		CHECK_EQ(shared->count[0], 2 * i + 1);
		CHECK_EQ(sys_ipc_call(server, 0, OUT, RW, (void *)UTOP), -E_NO_MEM);
		CHECK(envs[ENVX(server)].env_ipc_recving);
		// Without pages all is well.
		CHECK_EQ(ipc_call(server, 0, (void *)UTOP, 0, FAR, &answer), 0);
		CHECK_EQ(answer, 5);
		CHECK_EQ(shared->count[0], 2 * i + 2);
	}
	for (uint32_t i = 0; i < n; i++)
		CHECK_EQ(sys_page_unmap(0, (void *)(FIRST + i * PGSIZE)), 0);
	AWAIT(envs[ENVX(server)].env_ipc_recving);
	CHECK_EQ(sys_ipc_call(server, 1, OUT, RW, FAR), 0);
	CHECK(is_mapped((uintptr_t)FAR));
	CHECK_EQ(sys_env_destroy(server), 0);
	wait(server);
	PASS("ipc_call_oom");
}
