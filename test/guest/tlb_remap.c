// A page mapped once more where it is mapped already, and then unmapped: no CPU
// may go on using it, though the second entry was never used by any.
#include <test/guest/check.h>

#define TARGET AREA
#define SAME (AREA + 16 * PGSIZE)

static volatile bool faulted;

// In place of what is gone: a page of zeroes.
static void
note_fault(struct UTrapframe *utf)
{
	faulted = true;
	CHECK_EQ(sys_page_alloc(0, (void *)ROUNDDOWN(utf->utf_fault_va, PGSIZE), RW), 0);
}

// Uses TARGET with perm, maps it onto itself with again, and takes it away.
static void
remap(int perm, int again)
{
	volatile uint32_t *target = (volatile uint32_t *)TARGET;

	CHECK_EQ(sys_page_alloc(0, (void *)TARGET, RW), 0);
	*target = 0xdeadbeef;
	CHECK_EQ(sys_page_map(0, (void *)TARGET, 0, (void *)TARGET, perm), 0);
	CHECK_EQ(*target, 0xdeadbeef);
	CHECK_EQ(sys_page_map(0, (void *)TARGET, 0, (void *)TARGET, again), 0);
	CHECK_EQ(sys_page_unmap(0, (void *)TARGET), 0);
	faulted = false;
	CHECK_EQ(*target, 0);
	CHECK(faulted);
}

// The same with another page in its place, and without a fault to tell.
static void
replace(void)
{
	volatile uint32_t *target = (volatile uint32_t *)TARGET;

	CHECK_EQ(sys_page_alloc(0, (void *)SAME, RW), 0);
	*(volatile uint32_t *)SAME = 0x600d600d;
	CHECK_EQ(sys_page_alloc(0, (void *)TARGET, RW), 0);
	*target = 0xdeadbeef;
	CHECK_EQ(sys_page_map(0, (void *)TARGET, 0, (void *)TARGET, RW), 0);
	CHECK_EQ(sys_page_map(0, (void *)SAME, 0, (void *)TARGET, RO), 0);
	CHECK_EQ(*target, 0x600d600d);
}

// A child on another CPU, if there is one, reads and writes while this one does
// the above to it.
static void
writes_without_end(int arg)
{
	for (;;) {
		((volatile uint32_t *)TARGET)[arg]++;
		count_up(&shared->count[0]);
	}
}

static void
remap_under_writer(void)
{
	envid_t child;
	uint32_t count;

	CHECK_EQ(sys_page_alloc(0, (void *)TARGET, RW | PTE_SHARE), 0);
	child = child_run(writes_without_end, 1);
	for (int i = 0; i < 200; i++) {
		count = shared->count[0];
		AWAIT(shared->count[0] != count);
		// For one of these the child has not used the new entry yet.
		CHECK_EQ(sys_page_map(child, (void *)TARGET, child, (void *)TARGET, RW), 0);
		CHECK_EQ(sys_page_map(0, (void *)SAME, child, (void *)TARGET, RW), 0);
		count = ((volatile uint32_t *)TARGET)[1];
		for (volatile int n = 0; n < 1000; n++)
			pause();
		CHECK_EQ(((volatile uint32_t *)TARGET)[1], count);
		CHECK_EQ(sys_page_map(0, (void *)TARGET, child, (void *)TARGET, RW), 0);
	}
	CHECK_EQ(sys_env_destroy(child), 0);
}

void
umain(int argc, char **argv)
{
	share_results();
	set_pgfault_handler(note_fault);
	remap(RW, RW);
	remap(RO, RO);
	remap(RW, RO);
	remap(RO | PTE_COW, RW);
	remap(RW, RW | PTE_SHARE);
	replace();
	CHECK_EQ(sys_page_alloc(0, (void *)SAME, RW | PTE_SHARE), 0);
	remap_under_writer();
	PASS("tlb_remap");
}
