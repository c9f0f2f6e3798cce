// Memory to the last page, by both doors: -E_NO_MEM and nothing half done, and
// everything is back afterwards.
#include <test/guest/fsccheck.h>

#define FIRST 0x10000000 // pages are mapped from here up

// CPUs may each hold back a few free pages that another does not get.
#define SLACK 256

// Allocates until there is nothing left. The number of pages, at FIRST and up.
static uint32_t
take_by_trap(void)
{
	uint32_t n = 0;
	int r;

	while ((r = sys_page_alloc(0, (void *)(FIRST + n * PGSIZE), RW)) == 0)
		n++;
	CHECK_EQ(r, -E_NO_MEM);
	CHECK(!is_mapped(FIRST + n * PGSIZE));
	return n;
}

// The same by the page, a batch at a time: one that fails takes no page.
static uint32_t
take_by_page(void)
{
	struct FscEntry *e[NSCENTRIES / 2];
	uint32_t n = 0;
	bool full = false;

	while (!full) {
		uint32_t base = n;

		for (int i = 0; i < NSCENTRIES / 2; i++)
			e[i] = flex_post(SYS_page_alloc, 0, FIRST + (base + i) * PGSIZE, RW, 0, 0);
		for (int i = 0; i < NSCENTRIES / 2; i++) {
			int32_t r = flex_collect(e[i]);

			CHECK(r == 0 || r == -E_NO_MEM);
			CHECK_EQ(is_mapped(FIRST + (base + i) * PGSIZE), r == 0);
			if (r == 0 && !full)
				n++;
			else if (r == 0)
				CHECK_EQ(sys_page_unmap(0, (void *)(FIRST + (base + i) * PGSIZE)),
					 0);
			else
				full = true;
		}
	}
	return n;
}

static void
give_back(uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		CHECK_EQ(sys_page_unmap(0, (void *)(FIRST + i * PGSIZE)), 0);
}

// What else needs memory fails alike, and works again when there is some.
static void
others_without_memory(bool registered)
{
	envid_t child = sys_exofork();

	CHECK(child != 0);
	if (child > 0) // from what the kernel had left over
		CHECK_EQ(sys_env_destroy(child), 0);
	else
		CHECK_EQ(child, -E_NO_MEM);
	CHECK_EQ(sys_page_alloc(0, (void *)0x70000000, RW), -E_NO_MEM);
	CHECK_EQ(sys_page_map(0, (void *)FIRST, 0, (void *)FIRST, RW), 0);
	if (!registered) {
		int r = flexsc_register();

		CHECK(r == -E_NO_MEM);
		CHECK(!is_mapped(USCPAGE));
		CHECK_EQ(flexsc_wait(), -E_INVAL);
	} else {
		CHECK_EQ(flex_getenvid(), sys_getenvid());
		CHECK_EQ(flex_page_alloc(0, (void *)0x70000000, RW), -E_NO_MEM);
	}
	CHECK(!is_mapped(0x70000000));
	*(volatile uint32_t *)FIRST = 1;
}

// A process in need is refused, and its neighbour that dies makes room.
static void
takes_all_and_dies(int arg)
{
	CHECK(take_by_trap() > 1000);
	*(volatile uint32_t *)0 = 0;
}

void
umain(int argc, char **argv)
{
	uint32_t first, n;

	share_results();
	first = take_by_trap();
	CHECK(first > 1000);
	others_without_memory(false);
	give_back(first);

	CHECK_EQ(flexsc_register(), 0);
	for (int round = 0; round < 2; round++) {
		n = take_by_trap();
		CHECK(n + SLACK > first);
		others_without_memory(true);
		give_back(n);
		n = take_by_page();
		CHECK(n + SLACK > first);
		give_back(n);
	}
	child_must_die("taking all memory", takes_all_and_dies, 0);
	n = take_by_trap();
	CHECK(n + SLACK > first);
	give_back(n);
	PASS("mem_oom");
}
