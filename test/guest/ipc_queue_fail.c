// Calls that wait in the queue of an env come to nothing when that ends, in any way, or has no
// memory to map their page; then the next is served.
#include <test/guest/ipccheck.h>

// ---- The callee ends -------------------------------------------------------------------

enum { EXITS, FAULTS, DESTROYS_ITSELF, KILLED, NWAYS };

// Takes one call, and ends without an answer when it is told to.
static void
takes_one_and_ends(int how)
{
	if (how & 1)
		CHECK_EQ(flexsc_register(), 0);
	CHECK_EQ(how & 1 ? flex_ipc_recv(NO_PAGE) : sys_ipc_recv(NO_PAGE), 0);
	shared->ready = 1;
	sleep_at(&shared->stop);
	if (how == FAULTS)
		*(volatile uint32_t *)0 = 0;
	if (how == DESTROYS_ITSELF)
		sys_env_destroy(0);
}

static void
callee_ends(int how)
{
	envid_t callee;

	shared->ready = shared->stop = 0;
	callee = child_run(takes_one_and_ends, how);
	AWAIT(envs[ENVX(callee)].env_ipc_recving);
	for (int n = 0; n < NCALLERS; n++) {
		caller_queue(n, callee, n & 1, n & 2);
		AWAIT(shared->ready);
	}
	if (how == KILLED)
		kill(callee);
	else
		go(&shared->stop);
	for (int n = 0; n < NCALLERS; n++)
		caller_ends(n, -E_BAD_ENV);
	AWAIT(env_gone(callee));
	for (int n = 0; n < NCALLERS; n++)
		MUST_HAVE_REFS(n, 1);
}

// ---- No memory ---------------------------------------------------------------------------

#define HOARD 0x40000000
#define FAR \
	((void *)(0x30000000 + callee_by_page * PTSIZE)) // nothing near it: it needs a page table

static uintptr_t hoard = HOARD;

static void
take_all(void)
{
	int r;

	while ((r = sys_page_alloc(0, (void *)hoard, RW)) == 0)
		hoard += PGSIZE;
	CHECK_EQ(r, -E_NO_MEM);
}

static void
give_back(void)
{
	while (hoard > HOARD)
		CHECK_EQ(sys_page_unmap(0, (void *)(hoard -= PGSIZE)), 0);
}

// Of 0 to 4, those that send a page are refused, and the others served.
static void
no_memory(void)
{
	for (int n = 0; n < 5; n++)
		caller_queue(n, thisenv->env_id, n & 1, n == 0 || n == 1 || n == 3);
	for (int n = 2; n <= 4; n += 2) {
		take_all();
		CHECK_EQ(callee_by_page ? flex_ipc_recv(FAR) : sys_ipc_recv(FAR), 0);
		CHECK_EQ(thisenv->env_ipc_from, callers[n].id);
		CHECK_EQ(thisenv->env_ipc_perm, 0);
		if (n == 2)
			caller_ends(0, -E_NO_MEM); // and its memory comes back
		caller_ends(n - 1, -E_NO_MEM);
	}
	CHECK(!is_mapped((uintptr_t)FAR));
	give_back();
	answer(2);
	answer(4);
	for (int n = 0; n < 5; n++)
		MUST_HAVE_REFS(n, 1);
}

// All are refused, and the receive goes on waiting.
static void
no_memory_for_any(void)
{
	struct FscEntry *open_one;

	for (int n = 0; n < 3; n++)
		caller_queue(n, thisenv->env_id, n & 1, true);
	take_all();
	open_one = flex_post(SYS_ipc_recv, (uint32_t)FAR, 0, 0, 0, 0);
	flex_flush();
	give_back();
	for (int n = 0; n < 3; n++)
		caller_ends(n, -E_NO_MEM);
	CHECK(!flex_done(open_one));
	caller_start(3, thisenv->env_id, false, true);
	go(&callers[3].go);
	CHECK_EQ(flex_collect(open_one), 0);
	CHECK_EQ(thisenv->env_ipc_from, callers[3].id);
	CHECK_EQ(*(volatile uint32_t *)FAR, word_of(3));
	CHECK_EQ(sys_page_unmap(0, FAR), 0);
	PAGE_WORD(3) = answer_to(word_of(3));
	answer(3);
	for (int n = 0; n < 4; n++)
		MUST_HAVE_REFS(n, 1);
}

void
umain(int argc, char **argv)
{
	callers_begin();
	for (int how = 0; how < NWAYS; how++)
		callee_ends(how);
	for (int pass = 0; pass < 2; pass++) {
		callee_by_page = pass;
		no_memory();
		no_memory_for_any();
	}
	PASS("ipc_queue_fail");
}
