// A program that faults while it is registered: it alone ends, its syscall
// thread and page with it, whatever its calls were at.
#include <test/guest/fsccheck.h>

enum { IDLE, POSTED, PARKED, REMOTE, REMOTE_BUSY, NKINDS };

static void
faults(int kind)
{
	CHECK_EQ(flexsc_register(), 0);
	if (kind == REMOTE || kind == REMOTE_BUSY)
		CHECK_EQ(flexsc_affinity(1U << last_cpu()), 0);
	if (kind == PARKED || kind == REMOTE_BUSY)
		for (int i = 0; i < 8; i++)
			entry_park_recv(i, AREA);
	if (kind == POSTED || kind == REMOTE_BUSY)
		for (int i = 20; i < 60; i++)
			entry_put(i, SYS_page_alloc, 0, AREA + i * PGSIZE, RW, 0, 0);
	*(volatile uint32_t *)0 = 0;
}

static void
divides(int kind)
{
	volatile int zero = 0;

	CHECK_EQ(flexsc_register(), 0);
	asm volatile("idivl %0" : : "m"(zero), "a"(1), "d"(0) : "cc");
}

void
umain(int argc, char **argv)
{
	share_results();
	CHECK_EQ(flexsc_register(), 0);
	entry_park_recv(0, UTOP);
	for (int round = 0; round < 5; round++)
		for (int kind = 0; kind < NKINDS; kind++) {
			child_must_die("a fault while registered", faults, kind);
			CHECK_EQ(flex_getenvid(), sys_getenvid());
			CHECK_EQ(fscpage->entries[0].status, FSC_BLOCKED);
		}
	child_must_die("a division by zero while registered", divides, 0);
	CHECK_EQ(flex_getenvid(), sys_getenvid());
	PASS("fsc_fault");
}
