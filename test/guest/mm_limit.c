// Limits of pages, marks, and what the kernel says of a process's memory, compared with
// what its own page tables say.
#include <test/guest/kt_check.h>

#define ABSENT 0x90000000

struct Sum {
	uint32_t resident, common, swapped;
};

static struct Sum
count_tables(void)
{
	struct Sum sum = {0, 0, 0};

	for (uintptr_t va = 0; va < UTOP; va += PGSIZE) {
		if (!(uvpd[PDX(va)] & PTE_P)) {
			va += PTSIZE - PGSIZE;
			continue;
		}
		pte_t pte = uvpt[PGNUM(va)];

		if (pte & PTE_P) {
			sum.resident++;
			sum.common += pages[PGNUM(pte)].pp_ref > 1;
		} else {
			sum.swapped += is_swapped(pte);
		}
	}
	return sum;
}

static void
same_count(void)
{
	struct EnvStat st;
	struct Sum sum;

	stat_of(0); // what it touches is there
	st = stat_of(0);
	sum = count_tables();
	CHECK_EQ(st.nresident, sum.resident);
	CHECK_EQ(st.nshared, sum.common);
	CHECK_EQ(st.nswapped, sum.swapped);
}

static void
counted(int arg)
{
	envid_t child;

	same_count();
	for (int i = 0; i < 10; i++)
		CHECK_EQ(sys_page_alloc(0, (void *)(AREA + i * PGSIZE), RW), 0);
	same_count();
	CHECK_EQ(sys_page_map(0, (void *)AREA, 0, (void *)(AREA + 20 * PGSIZE), RO), 0);
	same_count();
	CHECK_EQ(sys_page_mark(0, (void *)(AREA + 3 * PGSIZE), 4,
			       PTE_PAGED | PTE_SWAPPED | PTE_U | 0x1000),
		 0);
	CHECK_EQ(stat_of(0).nswapped, 4);
	same_count();
	CHECK_EQ(sys_page_mark(0, (void *)(AREA + 3 * PGSIZE), 2, PTE_PAGED | PTE_U), 0);
	CHECK_EQ(stat_of(0).nswapped, 2);
	CHECK_EQ(sys_page_alloc(0, (void *)(AREA + 5 * PGSIZE), RW), 0);
	CHECK_EQ(stat_of(0).nswapped, 1);
	same_count();
	CHECK_EQ(sys_page_unmap(0, (void *)(AREA + 6 * PGSIZE)), 0);
	CHECK_EQ(stat_of(0).nswapped, 0);
	CHECK_EQ(sys_page_mark(0, (void *)AREA, 30, 0), 0);
	same_count();
	child = child_run(waits_for_message, 0);
	AWAIT(envs[ENVX(child)].env_ipc_recving);
	same_count();
	CHECK_EQ(stat_of(child).parent, thisenv->env_id);
	CHECK(stat_of(child).nresident > 5);
	CHECK_EQ(sys_env_destroy(child), 0);
}

// Exactly as many as it says; what is in place of another page is none more.
static void
exact(int arg)
{
	uint32_t now = stat_of(0).nresident, n = 0;
	int r;

	CHECK_EQ(sys_page_alloc(0, (void *)ABSENT, RW), 0); // its page table
	now++;
	CHECK_EQ(sys_env_set_limit(0, now + 50), 0);
	CHECK_EQ(thisenv->env_limit, now + 50);
	CHECK_EQ(stat_of(0).limit, now + 50);
	while ((r = sys_page_alloc(0, (void *)(ABSENT + (1 + n) * PGSIZE), RW)) == 0)
		n++;
	CHECK_EQ(r, -E_NO_MEM);
	CHECK_EQ(n, 50);
	CHECK_EQ(stat_of(0).nresident, now + 50);
	CHECK(!is_mapped(ABSENT + (1 + n) * PGSIZE));
	CHECK_EQ(sys_page_alloc(0, (void *)ABSENT, RW), 0); // in place of
	CHECK_EQ(sys_page_unmap(0, (void *)ABSENT), 0);
	CHECK_EQ(sys_page_alloc(0, (void *)ABSENT, RW), 0);
	CHECK_EQ(sys_page_alloc(0, (void *)(ABSENT + 200 * PGSIZE), RW), -E_NO_MEM);
	CHECK_EQ(sys_env_set_limit(0, 0), 0); // none again
	CHECK_EQ(sys_page_alloc(0, (void *)(ABSENT + 200 * PGSIZE), RW), 0);
	CHECK_EQ(sys_env_set_limit(0, 5), 0); // less than it has: takes nothing away
	CHECK_EQ(stat_of(0).nresident, now + 51);
	CHECK_EQ(sys_page_alloc(0, (void *)(ABSENT + 201 * PGSIZE), RW), -E_NO_MEM);
	CHECK_EQ(sys_env_set_limit(0, 0), 0);
}

static void
has_limit(int pages)
{
	CHECK_EQ(thisenv->env_limit, pages);
}

static void
of_children(int arg)
{
	envid_t child = child_run(waits_for_message, 0);

	CHECK_EQ(envs[ENVX(child)].env_limit, 0);
	CHECK_EQ(sys_env_set_limit(child, 1234), 0);
	CHECK_EQ(envs[ENVX(child)].env_limit, 1234);
	CHECK_EQ(thisenv->env_limit, 0);
	CHECK_EQ(sys_env_destroy(child), 0);
	CHECK_EQ(sys_env_set_limit(0, 3000), 0);
	child_must_live("a child with a limit", has_limit, 3000);
	CHECK_EQ(sys_env_set_limit(NENV | 5, 10), -E_BAD_ENV);
	CHECK_EQ(sys_env_set_limit(thisenv->env_parent_id, 10), -E_BAD_ENV);
}

static void
marks(int arg)
{
	const uint32_t mark = PTE_PAGED | PTE_U | PTE_W | 0xabcde000;
	char *at = (char *)AREA;

	CHECK_EQ(flexsc_register(), 0);
	CHECK_EQ(sys_page_alloc(0, at, RW), 0);
	for (int flex = 0; flex < 2; flex++) {
#define MARK(id, va, n, m) \
	(flex ? flex_page_mark(id, (void *)(va), n, m) : sys_page_mark(id, (void *)(va), n, m))
		CHECK_EQ(MARK(0, AREA + 1, 1, mark), -E_INVAL);
		CHECK_EQ(MARK(0, AREA, 0, mark), -E_INVAL);
		CHECK_EQ(MARK(0, AREA, 1025, mark), -E_INVAL);
		CHECK_EQ(MARK(0, AREA, 0xffffffff, mark), -E_INVAL);
		CHECK_EQ(MARK(0, AREA, 1, mark | PTE_P), -E_INVAL);
		CHECK_EQ(MARK(0, AREA, 1, PTE_U), -E_INVAL);
		CHECK_EQ(MARK(0, AREA, 1, PTE_P), -E_INVAL);
		CHECK_EQ(MARK(0, UTOP, 1, mark), -E_INVAL);
		CHECK_EQ(MARK(0, UTOP - PGSIZE, 2, mark), -E_INVAL);
		CHECK_EQ(MARK(0, KERNBASE, 1, mark), -E_INVAL);
		CHECK_EQ(MARK(0, 0xfffff000, 2, 0), -E_INVAL);
		CHECK_EQ(MARK(NENV * 5, AREA, 1, mark), -E_BAD_ENV);
		CHECK(is_mapped(AREA));
		CHECK_EQ(MARK(0, AREA, 3, mark), 0);
		for (int i = 0; i < 3; i++)
			CHECK_EQ(uvpt[PGNUM(at) + i], mark);
		CHECK_EQ(uvpt[PGNUM(at) + 3], 0);
		CHECK_EQ(MARK(0, AREA + PGSIZE, 1, 0), 0);
		CHECK_EQ(uvpt[PGNUM(at) + 1], 0);
		CHECK_EQ(sys_page_unmap(0, at), 0);
		CHECK_EQ(uvpt[PGNUM(at)], 0);
		CHECK_EQ(sys_page_map(0, at + 2 * PGSIZE, 0, at, RW), -E_INVAL);
		CHECK_EQ(sys_page_alloc(0, at + 2 * PGSIZE, RW), 0); // in its place
		CHECK_EQ(MARK(0, AREA, 1024, 0), 0);
		CHECK(!is_mapped(AREA + 2 * PGSIZE));
		CHECK_EQ(sys_page_alloc(0, at, RW), 0);
	}
}

// Over the ends of page tables.
static void
long_marks(int arg)
{
	uint32_t before = free_pages();
	const uint32_t mark = PTE_PAGED | PTE_U;

	CHECK_EQ(sys_page_mark(0, (void *)(ABSENT + PTSIZE - 5 * PGSIZE), 1024, mark), 0);
	for (int i = 0; i < 1024; i++)
		CHECK_EQ(uvpt[PGNUM(ABSENT + PTSIZE) - 5 + i], mark);
	CHECK_EQ(uvpt[PGNUM(ABSENT + PTSIZE) - 6], 0);
	CHECK_EQ(uvpt[PGNUM(ABSENT + PTSIZE) - 5 + 1024], 0);
	CHECK(before - free_pages() <= 2); // page tables
	CHECK_EQ(sys_page_mark(0, (void *)(ABSENT + PTSIZE - 5 * PGSIZE), 1024, 0), 0);
	for (int i = 0; i < 1024; i++)
		CHECK_EQ(uvpt[PGNUM(ABSENT + PTSIZE) - 5 + i], 0);
	// A plain unmapping of where nothing is needs no page table.
	before = free_pages();
	CHECK_EQ(sys_page_mark(0, (void *)(ABSENT + 16 * PTSIZE), 1024, 0), 0);
	CHECK_EQ(free_pages(), before);
}

// Pages in whose place marks come are free.
static void
frees_frames(int arg)
{
	uint32_t before;

	for (int round = 0; round < 2; round++) {
		before = free_pages();
		for (int i = 0; i < 200; i++)
			CHECK_EQ(sys_page_alloc(0, (void *)(AREA + i * PGSIZE), RW), 0);
		CHECK_EQ(sys_page_mark(0, (void *)AREA, 100, PTE_PAGED | PTE_U), 0);
		CHECK_EQ(sys_page_mark(0, (void *)AREA, 200, 0), 0);
	}
	CHECK_EQ(free_pages(), before);
}

static void
touches_mark(int arg)
{
	CHECK_EQ(sys_page_mark(0, (void *)AREA, 1, PTE_PAGED | PTE_SWAPPED | PTE_U | 0x1000), 0);
	*(volatile uint32_t *)AREA;
}

void
umain(int argc, char **argv)
{
	share_results();
	child_counted("counts", counted, 0);
	child_counted("exact", exact, 0);
	child_counted("children", of_children, 0);
	child_counted("marks", marks, 0);
	child_counted("long marks", long_marks, 0);
	child_counted("frames", frees_frames, 0);
	death_counted("a mark that nobody knows", touches_mark, 0);
	PASS("mm_limit");
}
