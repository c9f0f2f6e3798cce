// sbrk: grows and shrinks by any number of bytes, refuses what can't be, and gives zeroes.
#include <test/guest/vmcheck.h>

#define NOT ((void *)-1)

static void
all(void)
{
	char *p = sbrk(0);

	CHECK_EQ(sbrk(0), p);
	CHECK_EQ(sbrk(10), p);
	CHECK_EQ(sbrk(0), p + 10);
	memset(p, 7, 10);
	CHECK_EQ(sbrk(3 * PGSIZE), p + 10);
	for (int i = 10; i < 3 * PGSIZE; i++)
		CHECK_EQ(p[i], 0);
	memset(p, 7, 3 * PGSIZE);

	// Nothing but what was given; and what can't be changes nothing.
	CHECK(!can_write((char *)ROUNDUP((uintptr_t)p + 3 * PGSIZE + 10, PGSIZE)));
	CHECK_EQ(sbrk(0x7fffffff), NOT);
	CHECK_EQ(sbrk(SBRK_TOP - SBRK_BASE), NOT);
	CHECK_EQ(sbrk(-0x7fffffff - 1), NOT);
	CHECK_EQ(sbrk(-4 * PGSIZE - (p - (char *)SBRK_BASE)), NOT);
	CHECK_EQ(sbrk(0), p + 10 + 3 * PGSIZE);
	CHECK_EQ(p[3 * PGSIZE - 1], 7);

	// What has been given back is not there, and is zeroes when it comes again.
	CHECK_EQ(sbrk(-2 * PGSIZE), p + 10 + 3 * PGSIZE);
	CHECK(!can_read(p + 2 * PGSIZE + PGSIZE));
	CHECK_EQ(p[PGSIZE], 7);
	CHECK_EQ(sbrk(2 * PGSIZE), p + 10 + PGSIZE);
	CHECK_EQ(p[2 * PGSIZE + 100], 0);
	CHECK_EQ(sbrk(-3 * PGSIZE - 10), p + 10 + 3 * PGSIZE);
	CHECK_EQ(sbrk(0), p);

	// So is a part of a page; where the page is hidden meanwhile, nothing happens.
	CHECK_EQ(sbrk(200), p);
	memset(p, 7, 200);
	CHECK_EQ(sbrk(-100), p + 200);
	CHECK_EQ(sbrk(100), p + 100);
	CHECK_EQ(p[99], 7);
	for (int i = 100; i < 200; i++)
		CHECK_EQ(p[i], 0);
	CHECK_EQ(vm_protect(p, PGSIZE, PROT_NONE), 0);
	CHECK_EQ(sbrk(-100), p + 200);
	CHECK_EQ(vm_protect(p, PGSIZE, PROT_READ), 0);
	CHECK_EQ(sbrk(-50), p + 100);
	CHECK_EQ(p[99], 7);
	CHECK_EQ(sbrk(-50), p + 50);

	// Much more than the machine has, hardly used.
	char *large = sbrk(200 << 20);
	CHECK(large != NOT);
	for (int i = 0; i < 200; i += 20)
		large[i << 20] = i;
	for (int i = 0; i < 200; i += 20)
		CHECK_EQ(large[i << 20], (char)i);
	envid_t id = fork_watched();
	if (id == 0) {
		CHECK_EQ(sbrk(PGSIZE), large + (200 << 20));
		large[200 << 20] = 1;
		exit();
	}
	CHECK_EQ(wait_status(id), 0);
	CHECK_EQ(sbrk(-(200 << 20)), large + (200 << 20));
}

void
umain(int argc, char **argv)
{
	run_twice(all);
	PASS("vm_sbrk");
}
