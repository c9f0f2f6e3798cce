// A page unmapped, or made read-only, while a child on another CPU writes to
// it: once the call has returned, no write reaches its frame.
//
// Argument: rounds of each (2000).
#include <test/guest/check.h>

#define TARGET (AREA + PGSIZE)     // the child writes here
#define PROBE (AREA + 64 * PGSIZE) // the parent's look at the frame
#define PROBES 4

// In the child: the target is gone or read-only; wait until it is back.
static void
wait_for_target(struct UTrapframe *utf)
{
	if (ROUNDDOWN(utf->utf_fault_va, PGSIZE) != TARGET)
		panic("fault at %08x, eip %08x", utf->utf_fault_va, utf->utf_eip);
	while (!is_mapped(TARGET) || !(uvpt[PGNUM(TARGET)] & PTE_W)) {
		if (shared->stop)
			exit();
		sys_yield();
	}
}

static void
writes_without_end(int arg)
{
	volatile uint32_t *target = (volatile uint32_t *)TARGET;

	set_pgfault_handler(wait_for_target);
	shared->ready = 1;
	for (uint32_t n = 1; !shared->stop; n++) {
		for (int i = 0; i < 64; i++)
			target[16 * i] = n | 1;
		count_up(&shared->count[0]);
		if (n % 64 == 0) // with one CPU the parent waits for it
			sys_yield();
	}
}

// Waits until the child writes to its target, a while at least.
static void
child_writes(void)
{
	uint32_t count = shared->count[0];

	AWAIT(shared->count[0] != count);
}

// The frame, given back, becomes someone else's: it stays as they have it.
static void
unmap_under_writer(envid_t child)
{
	volatile uint32_t *probe = (volatile uint32_t *)PROBE;

	CHECK_EQ(sys_page_alloc(child, (void *)TARGET, RW), 0);
	child_writes();
	CHECK_EQ(sys_page_unmap(child, (void *)TARGET), 0);
	for (int i = 0; i < PROBES; i++)
		CHECK_EQ(sys_page_alloc(0, (void *)(PROBE + i * PGSIZE), RW), 0);
	for (int look = 0; look < 20; look++)
		for (int i = 0; i < PROBES * PGSIZE / 4; i += 16)
			CHECK_EQ(probe[i], 0);
	for (int i = 0; i < PROBES; i++)
		CHECK_EQ(sys_page_unmap(0, (void *)(PROBE + i * PGSIZE)), 0);
}

// A page in common; without the right to write, the child leaves it alone.
static void
protect_under_writer(envid_t child)
{
	volatile uint32_t *probe = (volatile uint32_t *)PROBE;
	uint32_t seen;

	CHECK_EQ(sys_page_alloc(0, (void *)PROBE, RW), 0);
	CHECK_EQ(sys_page_map(0, (void *)PROBE, child, (void *)TARGET, RW), 0);
	child_writes();
	CHECK_EQ(sys_page_map(0, (void *)PROBE, child, (void *)TARGET, RO), 0);
	seen = probe[0];
	probe[16] = 0;
	for (int look = 0; look < 300; look++) {
		CHECK_EQ(probe[0], seen);
		CHECK_EQ(probe[16], 0);
	}
	CHECK_EQ(sys_page_unmap(child, (void *)TARGET), 0);
	CHECK_EQ(sys_page_unmap(0, (void *)PROBE), 0);
}

// The target replaced by another page at once.
static void
replace_under_writer(envid_t child)
{
	volatile uint32_t *probe = (volatile uint32_t *)PROBE;

	CHECK_EQ(sys_page_alloc(0, (void *)PROBE, RW), 0);
	CHECK_EQ(sys_page_map(0, (void *)PROBE, child, (void *)TARGET, RW), 0);
	child_writes();
	CHECK_EQ(sys_page_alloc(child, (void *)TARGET, RW), 0);
	for (int i = 0; i < PGSIZE / 4; i += 16)
		probe[i] = 0;
	for (int look = 0; look < 20; look++)
		for (int i = 0; i < PGSIZE / 4; i += 16)
			CHECK_EQ(probe[i], 0);
	CHECK_EQ(sys_page_unmap(child, (void *)TARGET), 0);
	CHECK_EQ(sys_page_unmap(0, (void *)PROBE), 0);
}

void
umain(int argc, char **argv)
{
	uint32_t rounds = arg_number(argc, argv, 1, 2000);
	envid_t child;

	share_results();
	child = child_run(writes_without_end, 0);
	AWAIT(shared->ready);
	for (uint32_t i = 0; i < rounds; i++)
		unmap_under_writer(child);
	for (uint32_t i = 0; i < rounds; i++)
		protect_under_writer(child);
	for (uint32_t i = 0; i < rounds; i++)
		replace_under_writer(child);
	shared->stop = 1;
	AWAIT(env_gone(child));
	PASS("tlb_shootdown");
}
