// Several receives of one process at once, by the page and one by trap: served
// in the order in which they were parked, each with its own value and page.
#include <test/guest/fsccheck.h>

#define NPARKED 6

static envid_t parent;

// Sends first, first + 1, ... to the parent, n messages without pages.
static void
send_values(uint32_t first, int n)
{
	for (int i = 0; i < n; i++)
		ipc_send(parent, first + i, (void *)UTOP, 0);
}

static void
sends_parked_and_one(int arg)
{
	AWAIT(shared->ready);
	send_values(arg, NPARKED + 1);
}

// NPARKED by the page, then one by trap; the messages come in that order.
static void
values_in_order(void)
{
	struct FscEntry *recv[NPARKED];
	envid_t sender = child_run(sends_parked_and_one, 500);

	for (int i = 0; i < NPARKED; i++)
		recv[i] = entry_park_recv((i * 11 + 7) % 60, UTOP);
	shared->ready = 1;
	CHECK_EQ(sys_ipc_recv((void *)UTOP), 0);
	CHECK_EQ(thisenv->env_ipc_value, 500 + NPARKED);
	CHECK_EQ(thisenv->env_ipc_from, sender);
	for (int i = 0; i < NPARKED; i++) {
		CHECK_EQ(recv[i]->status, FSC_DONE);
		CHECK_EQ(recv[i]->ipc_value, 500 + i);
		CHECK_EQ(recv[i]->ipc_from, sender);
		CHECK_EQ(recv[i]->ipc_perm, 0);
		CHECK_EQ(entry_take(recv[i]), 0);
	}
	AWAIT(env_gone(sender));
	shared->ready = 0;
}

static void
sends_pages(int arg)
{
	for (int i = 0; i < NPARKED; i++) {
		CHECK_EQ(sys_page_alloc(0, (void *)AREA, RW), 0);
		*(volatile uint32_t *)AREA = 0xabc00 + i;
		ipc_send(parent, 700 + i, (void *)AREA, i % 2 ? RO : RW);
	}
}

// Each receive names its own place for the page.
static void
pages_in_order(void)
{
	struct FscEntry *recv[NPARKED];
	envid_t sender;

	for (int i = 0; i < NPARKED; i++)
		recv[i] = entry_park_recv(i, AREA + 16 * i * PGSIZE);
	sender = child_run(sends_pages, 0);
	for (int i = 0; i < NPARKED; i++) {
		uintptr_t va = AREA + 16 * i * PGSIZE;

		while (recv[i]->status != FSC_DONE)
			CHECK(flexsc_wait() > 0);
		CHECK_EQ(recv[i]->ipc_value, 700 + i);
		CHECK_EQ(recv[i]->ipc_from, sender);
		CHECK_EQ(recv[i]->ipc_perm, i % 2 ? RO : RW);
		CHECK_EQ(entry_take(recv[i]), 0);
		CHECK_EQ(uvpt[PGNUM(va)] & RW, i % 2 ? RO : RW);
		CHECK_EQ(*(volatile uint32_t *)va, 0xabc00 + i);
		CHECK_EQ(sys_page_unmap(0, (void *)va), 0);
	}
	AWAIT(env_gone(sender));
}

// Messages without a page to a receive that would take one, and the reverse.
static void
page_only_if_both_want(void)
{
	struct FscEntry *recv = entry_park_recv(0, AREA);
	envid_t sender = child_run(sends_parked_and_one, 800);

	shared->ready = 1;
	for (int i = 0; i < NPARKED + 1; i++) {
		if (i > 0)
			recv = entry_put(0, SYS_ipc_recv, AREA, 0, 0, 0, 0);
		while (recv->status != FSC_DONE)
			CHECK(flexsc_wait() > 0);
		CHECK_EQ(recv->ipc_value, 800 + i);
		CHECK_EQ(recv->ipc_perm, 0);
		CHECK_EQ(entry_take(recv), 0);
		CHECK(!is_mapped(AREA));
	}
	AWAIT(env_gone(sender));
	shared->ready = 0;

	recv = entry_park_recv(0, UTOP);
	for (int i = 1; i < NPARKED; i++)
		entry_park_recv(i, UTOP);
	sender = child_run(sends_pages, 0);
	for (int i = 0; i < NPARKED; i++) {
		recv = &fscpage->entries[i];
		while (recv->status != FSC_DONE)
			CHECK(flexsc_wait() > 0);
		CHECK_EQ(recv->ipc_value, 700 + i);
		CHECK_EQ(recv->ipc_perm, 0);
		CHECK_EQ(entry_take(recv), 0);
	}
	AWAIT(env_gone(sender));
}

// A receiver that only waits, for a parent that sends it nonsense.
static void
receives_after_nonsense(int arg)
{
	CHECK_EQ(sys_ipc_recv((void *)AREA), 0);
	CHECK_EQ(thisenv->env_ipc_value, 42);
	CHECK_EQ(thisenv->env_ipc_perm, RO);
	shared->result = 42;
}

// What the sender asks for wrongly leaves the receiver waiting.
static void
bad_sends(void)
{
	envid_t child;
	void *page = (void *)AREA, *none = (void *)(AREA + PGSIZE);

	shared->result = 0;
	CHECK_EQ(sys_page_alloc(0, page, RO), 0);
	child = child_run(receives_after_nonsense, 0);
	AWAIT(envs[ENVX(child)].env_ipc_recving);
	for (int by_page = 0; by_page < 2; by_page++) {
#define SEND(va, perm) \
	(by_page ? flex_ipc_try_send(child, 1, va, perm) : sys_ipc_try_send(child, 1, va, perm))
		CHECK_EQ(SEND(page + 1, RO), -E_INVAL);
		CHECK_EQ(SEND(none, RO), -E_INVAL);
		CHECK_EQ(SEND(page, RW), -E_INVAL);
		CHECK_EQ(SEND(page, PTE_P), -E_INVAL);
		CHECK_EQ(SEND(page, RO | PTE_PCD), -E_INVAL);
#undef SEND
		CHECK(envs[ENVX(child)].env_ipc_recving);
	}
	CHECK_EQ(sys_ipc_try_send(child, 42, page, RO), 0);
	AWAIT(env_gone(child));
	CHECK_EQ(shared->result, 42);
	CHECK_EQ(sys_page_unmap(0, page), 0);
}

static void
parks_and_stays(int arg)
{
	CHECK_EQ(flexsc_register(), 0);
	for (int i = 0; i < 20; i++)
		entry_park_recv(i, AREA + i * PGSIZE);
	count_up(&shared->count[0]);
	sys_ipc_recv((void *)UTOP); // until killed
}

static void
keeps_sending(int to)
{
	int r;

	while ((r = sys_ipc_try_send(to, 1, (void *)SHARED, RW)) != -E_BAD_ENV) {
		CHECK(r == 0 || r == -E_IPC_NOT_RECV);
		sys_yield();
	}
	count_up(&shared->count[1]);
}

// An env dies with receives parked, while others send to it.
static void
death_of_receiver(void)
{
	for (int i = 0; i < 10; i++) {
		envid_t victim, sender[2];

		shared->count[0] = shared->count[1] = 0;
		victim = child_run(parks_and_stays, 0);
		AWAIT(shared->count[0] == 1);
		sender[0] = child_run(keeps_sending, victim);
		sender[1] = child_run(keeps_sending, victim);
		for (int j = 0; j < i; j++)
			sys_yield();
		if (!env_gone(victim))
			sys_env_destroy(victim); // it may just have ended by itself
		AWAIT(env_gone(victim) && env_gone(sender[0]) && env_gone(sender[1]));
		CHECK_EQ(shared->count[1], 2);
	}
}

void
umain(int argc, char **argv)
{
	parent = sys_getenvid();
	share_results();
	CHECK_EQ(flexsc_register(), 0);
	values_in_order();
	pages_in_order();
	page_only_if_both_want();
	bad_sends();
	death_of_receiver();
	CHECK_EQ(flexsc_wait(), 0);
	PASS("fsc_ipc");
}
