// fork and the syscall page: the child has none until it registers, the
// parent's goes on as if nothing had happened.
#include <test/guest/fsccheck.h>

static envid_t parent;
static volatile uint32_t copied[3 * PGSIZE / 4];

static void
has_no_page(void)
{
	CHECK(!is_mapped(USCPAGE));
	CHECK_EQ(thisenv->env_syscall_thread, 0);
	CHECK_EQ(flexsc_wait(), -E_INVAL);
	CHECK_EQ(flexsc_affinity(0), -E_INVAL);
	// Nor does the library take its parent's page for its own.
	CHECK_EQ(flex_getenvid(), -E_INVAL);
	flex_yield();
	flex_flush();
}

static void
registers_itself(int depth)
{
	has_no_page();
	CHECK_EQ(flexsc_register(), 0);
	CHECK_EQ(flexsc_register(), -E_INVAL);
	CHECK(sys_getenvid() != parent);
	for (int i = 0; i < 100; i++)
		CHECK_EQ(flex_getenvid(), sys_getenvid());
	for (int i = 0; i < NSCENTRIES; i++)
		CHECK(fscpage->entries[i].status != FSC_BLOCKED);
	// Copy-on-write by the program and by calls executed for it.
	copied[depth] = sys_getenvid();
	CHECK_EQ(flex_page_alloc(0, (void *)AREA, RW), 0);
	*(volatile uint32_t *)AREA = depth;
	if (depth > 0)
		child_must_live("a grandchild", registers_itself, depth - 1);
	CHECK_EQ(copied[depth], sys_getenvid());
	CHECK_EQ(*(volatile uint32_t *)AREA, depth);
	CHECK_EQ(flex_getenvid(), sys_getenvid());
	shared->survived = 1;
}

static void
never_registers(int arg)
{
	has_no_page();
	copied[0] = 1;
	CHECK_EQ(sys_getenvid(), thisenv->env_id);
}

// Forks with calls in each state: the parent's entries are its own.
static void
parent_keeps_entries(void)
{
	struct FscEntry *recv = entry_park_recv(0, UTOP);
	struct FscEntry *done = entry_put(1, SYS_getenvid, 0, 0, 0, 0, 0), *submitted, *alloc;
	physaddr_t frame = PTE_ADDR(uvpt[PGNUM(USCPAGE)]);

	CHECK_EQ(flexsc_wait(), 1);
	flex_yield(); // left with the library, to be freed some time
	submitted = entry_put(42, SYS_getenvid, 0, 0, 0, 0, 0);
	alloc = entry_fill(43, SYS_getenvid, 0, 0, 0, 0, 0);

	child_must_live("a child without a page", never_registers, 0);
	child_must_live("a child with a page", registers_itself, 3);

	CHECK_EQ(PTE_ADDR(uvpt[PGNUM(USCPAGE)]), frame);
	CHECK_EQ(uvpt[PGNUM(USCPAGE)] & (PTE_COW | PTE_SHARE), 0);
	CHECK_EQ(uvpt[PGNUM(USCPAGE)] & RW, RW);
	CHECK_EQ(recv->status, FSC_BLOCKED);
	CHECK_EQ(alloc->status, FSC_ALLOC);
	CHECK_EQ(entry_take(done), parent);
	CHECK(flexsc_wait() >= 1);
	CHECK_EQ(entry_take(submitted), parent);
	entry_submit(alloc);
	CHECK_EQ(flexsc_wait(), 1);
	CHECK_EQ(entry_take(alloc), parent);
}

static void
sends_to_parent(int arg)
{
	ipc_send(parent, arg, (void *)UTOP, 0);
}

void
umain(int argc, char **argv)
{
	parent = sys_getenvid();
	share_results();
	child_must_live("fork before register", registers_itself, 1);
	CHECK_EQ(flexsc_register(), 0);
	parent_keeps_entries();

	// The receive that was parked all the time.
	child_finish(sends_to_parent, 31);
	AWAIT(fscpage->entries[0].status == FSC_DONE);
	CHECK_EQ(fscpage->entries[0].ipc_value, 31);
	CHECK_EQ(entry_take(&fscpage->entries[0]), 0);
	CHECK_EQ(flex_getenvid(), parent);
	PASS("fsc_fork");
}
