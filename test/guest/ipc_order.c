// Messages of several senders: none lost, none twice, each sender's in order,
// with the right sender's id, and with the right page.
//
// Argument: messages of each sender (300).
#include <test/guest/check.h>

#define NSENDERS 4

static envid_t parent;
static uint32_t nmessages;

static void
sends(int n)
{
	CHECK_EQ(sys_page_alloc(0, (void *)AREA, RW), 0);
	for (uint32_t i = 0; i < nmessages; i++) {
		*(volatile uint32_t *)AREA = n << 16 | i;
		// Every third message without a page.
		ipc_send(parent, n << 16 | i, i % 3 ? (void *)AREA : NULL, i % 3 ? RO : 0);
		if (i % 3) {
			// The receiver may keep the page it got: take a new one.
			CHECK_EQ(sys_page_alloc(0, (void *)AREA, RW), 0);
		}
	}
}

void
umain(int argc, char **argv)
{
	envid_t id[NSENDERS], from;
	uint32_t next[NSENDERS] = {0}, value;
	int perm;

	nmessages = arg_number(argc, argv, 1, 300);
	parent = sys_getenvid();
	for (int n = 0; n < NSENDERS; n++)
		id[n] = child_run(sends, n);
	for (uint32_t i = 0; i < NSENDERS * nmessages; i++) {
		uint32_t n;

		value = ipc_recv(&from, (void *)(AREA + PGSIZE), &perm);
		n = value >> 16;
		CHECK(n < NSENDERS);
		CHECK_EQ(from, id[n]);
		CHECK_EQ(thisenv->env_ipc_from, id[n]);
		CHECK_EQ(value & 0xffff, next[n]);
		CHECK_EQ(perm, next[n] % 3 ? RO : 0);
		if (perm) {
			CHECK_EQ(*(volatile uint32_t *)(AREA + PGSIZE), value);
			CHECK_EQ(sys_page_unmap(0, (void *)(AREA + PGSIZE)), 0);
		}
		next[n]++;
	}
	for (int n = 0; n < NSENDERS; n++) {
		CHECK_EQ(next[n], nmessages);
		AWAIT(env_gone(id[n]));
	}
	PASS("ipc_order");
}
