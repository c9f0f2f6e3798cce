// flexsc_register: what it refuses, what it leaves alone, where the page may
// lie; wait and affinity without a page.
#include <test/guest/fsccheck.h>

#define ELSEWHERE 0xA0100000

// The process has no page yet, and no refusal gives it one.
static void
refusals(void)
{
	CHECK_EQ(flexsc_wait(), -E_INVAL);
	CHECK_EQ(flexsc_affinity(0), -E_INVAL);
	CHECK_EQ(flexsc_affinity(1), -E_INVAL);
	CHECK_EQ(flexsc_register_at((void *)(ELSEWHERE + 64)), -E_INVAL);
	CHECK_EQ(flexsc_register_at((void *)UTOP), -E_INVAL);
	CHECK_EQ(flexsc_register_at((void *)KERNBASE), -E_INVAL);
	CHECK_EQ(flexsc_register_at((void *)0xfffff000), -E_INVAL);
	CHECK_EQ(flexsc_wait(), -E_INVAL);
	CHECK_EQ(thisenv->env_syscall_thread, 0);
	CHECK(!is_mapped(USCPAGE) && !is_mapped(ELSEWHERE));
}

// The page and its thread are there, and as documented.
static void
registered_at(uintptr_t va)
{
	const struct FscPage *page = (const struct FscPage *)va;
	envid_t thread = thisenv->env_syscall_thread;

	CHECK(is_mapped(va));
	CHECK_EQ(uvpt[PGNUM(va)] & RW, RW);
	for (int i = 0; i < NSCENTRIES; i++) {
		CHECK_EQ(page->entries[i].status, FSC_FREE);
		CHECK_EQ(page->entries[i].ret, 0);
	}
	CHECK(thread != 0 && thread != thisenv->env_id);
	CHECK_EQ(envs[ENVX(thread)].env_id, thread);
	CHECK_EQ(envs[ENVX(thread)].env_type, ENV_TYPE_SYSCALL);
}

// A second page is refused, wherever, and the first with what is in it stays.
static void
second_time(uintptr_t va)
{
	struct FscPage *page = (struct FscPage *)va;
	physaddr_t frame = PTE_ADDR(uvpt[PGNUM(va)]);
	envid_t thread = thisenv->env_syscall_thread;
	struct FscEntry *e = &page->entries[40];

	e->syscall = SYS_getenvid;
	e->status = FSC_ALLOC;
	CHECK_EQ(flexsc_register(), -E_INVAL);
	CHECK_EQ(flexsc_register_at((void *)0xA0200000), -E_INVAL);
	CHECK_EQ(flexsc_register_at((void *)KERNBASE), -E_INVAL);
	CHECK(!is_mapped(0xA0200000));
	CHECK_EQ(PTE_ADDR(uvpt[PGNUM(va)]), frame);
	CHECK_EQ(thisenv->env_syscall_thread, thread);
	CHECK_EQ(e->syscall, SYS_getenvid);
	CHECK_EQ(e->status, FSC_ALLOC);

	e->status = FSC_SUBMIT;
	CHECK_EQ(flexsc_wait(), 1);
	CHECK_EQ(e->status, FSC_DONE);
	CHECK_EQ(e->ret, sys_getenvid());
	e->status = FSC_FREE;
	CHECK_EQ(flex_getenvid(), sys_getenvid());
}

static void
affinity_refused(void)
{
	CHECK_EQ(flexsc_affinity(1U << 31), -E_INVAL);
	CHECK_EQ(flexsc_affinity(1U << 30), -E_INVAL);
	CHECK_EQ(flex_getenvid(), sys_getenvid());
}

static void
elsewhere(int arg)
{
	CHECK_EQ(flexsc_register_at((void *)ELSEWHERE), 0);
	registered_at(ELSEWHERE);
	CHECK(!is_mapped(USCPAGE));
	second_time(ELSEWHERE);
}

void
umain(int argc, char **argv)
{
	share_results();
	refusals();
	child_must_live("a page elsewhere", elsewhere, 0);
	CHECK_EQ(flexsc_register(), 0);
	registered_at(USCPAGE);
	second_time(USCPAGE);
	affinity_refused();
	PASS("fsc_register");
}
