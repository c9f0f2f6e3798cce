// A hundred thousand calls by a syscall thread on another CPU, while the
// program changes the same address space by trap.
//
// Argument: the number of calls by the page (100000).
#include <test/guest/fsccheck.h>

#define BATCH 32
#define MINE (AREA + 0x400000)

// Batches of allocations, or of unmaps, in turn, by the page; between post and
// collection the program does the same nearby by trap, and looks at its own.
static void
one_batch(uint32_t round)
{
	struct FscEntry *e[BATCH];
	volatile uint32_t *mine = (volatile uint32_t *)(MINE + round % 64 * PGSIZE);

	for (int i = 0; i < BATCH; i++)
		e[i] = flex_post(SYS_page_alloc, 0, AREA + i * PGSIZE, RW, 0, 0);
	CHECK_EQ(sys_page_alloc(0, (void *)mine, RW), 0);
	CHECK_EQ(mine[0], 0);
	CHECK_EQ(mine[1023], 0);
	mine[0] = mine[1023] = round;
	for (int i = BATCH - 1; i >= 0; i--)
		CHECK_EQ(flex_collect(e[i]), 0);

	for (int i = 0; i < BATCH; i++) {
		volatile uint32_t *page = (volatile uint32_t *)(AREA + i * PGSIZE);

		CHECK_EQ(page[5], 0);
		page[5] = round + i;
		e[i] = flex_post(SYS_page_map, 0, (uint32_t)page, 0,
				 (uint32_t)page + BATCH * PGSIZE, RO);
	}
	CHECK_EQ(mine[0], round);
	CHECK_EQ(mine[1023], round);
	for (int i = 0; i < BATCH; i++) {
		CHECK_EQ(flex_collect(e[i]), 0);
		CHECK_EQ(((volatile uint32_t *)(AREA + (BATCH + i) * PGSIZE))[5], round + i);
	}

	for (int i = 0; i < BATCH; i++)
		e[i] = flex_post(SYS_page_unmap, 0, AREA + i * PGSIZE, 0, 0, 0);
	CHECK_EQ(sys_page_unmap(0, (void *)mine), 0);
	for (int i = 0; i < BATCH; i++) {
		CHECK_EQ(flex_collect(e[i]), 0);
		CHECK(!is_mapped(AREA + i * PGSIZE));
		CHECK_EQ(sys_page_unmap(0, (void *)(AREA + (BATCH + i) * PGSIZE)), 0);
	}
}

void
umain(int argc, char **argv)
{
	uint32_t calls = arg_number(argc, argv, 1, 100000);

	CHECK_EQ(flexsc_register(), 0);
	CHECK_EQ(flexsc_affinity(1U << last_cpu()), 0);
	for (uint32_t n = 0; n < calls; n += 3 * BATCH)
		one_batch(n);
	CHECK_EQ(flex_getenvid(), sys_getenvid());
	PASS("fsc_remote_stress");
}
