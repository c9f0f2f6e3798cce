// A call meets an address that the program's own pager looks after: the pager runs, and
// the call goes on, by both doors and with a syscall thread on another CPU. What
// nothing maps is an error, and a pager that gives up makes it one.
#include <test/guest/filecheck.h>

#define PAGE(i) ((void *)(AREA + (i)*PGSIZE))
#define MARK (MARK_OWN | PTE_PAGED | PTE_U | PTE_W)
#define COW (PTE_P | PTE_U | PTE_COW)

enum Door { TRAP, PAGED, REMOTE, NDOORS };

static volatile uint32_t faults, last_err;
static volatile uintptr_t last_va;
static volatile bool gives_up;

static void
pager(struct UTrapframe *utf)
{
	void *page = (void *)ROUNDDOWN(utf->utf_fault_va, PGSIZE);

	faults++;
	last_va = utf->utf_fault_va;
	CHECK(utf->utf_err & FEC_CALL);
	last_err = utf->utf_err & ~FEC_CALL;
	if (gives_up)
		CHECK_EQ(sys_page_mark(0, page, 1, 0), 0);
	else if ((uvpd[PDX(page)] & PTE_P) && (uvpt[PGNUM(page)] & PTE_P))
		CHECK_EQ(sys_page_map(0, page, 0, page, RW), 0);
	else
		CHECK_EQ(sys_page_alloc(0, page, RW), 0);
}

static enum Door door;

static int
call(int num, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t a4, uint32_t a5)
{
	int r;

	if (door != TRAP)
		return flex_collect(flex_post(num, a1, a2, a3, a4, a5));
	asm volatile("int %1"
		     : "=a"(r)
		     : "i"(T_SYSCALL), "0"(num), "d"(a1), "c"(a2), "b"(a3), "D"(a4), "S"(a5)
		     : "memory", "cc");
	return r;
}

#define CALL(name, ...) CALL5(name, __VA_ARGS__, 0, 0, 0, 0, 0)
#define CALL5(name, a, b, c, d, e, ...) \
	call(SYS_##name, (uint32_t)(a), (uint32_t)(b), (uint32_t)(c), (uint32_t)(d), (uint32_t)(e))

// One fault, for what is wanted there.
static void
faulted(void *va, uint32_t err)
{
	CHECK_EQ(faults, 1);
	CHECK_EQ(last_va, va);
	CHECK_EQ(last_err, err);
	faults = 0;
}

static void
mark(void *va)
{
	CHECK_EQ(sys_page_mark(0, va, 1, MARK), 0);
	faults = 0;
}

static void
calls(void)
{
	struct EnvStat *stat = PAGE(1);
	uint32_t *word = PAGE(2);

	mark(PAGE(0)); // read: an empty name
	CHECK_EQ(CALL(env_set_name, 0, PAGE(0)), 0);
	faulted(PAGE(0), FEC_U);
	CHECK_EQ(thisenv->env_name[0], 0);

	mark(stat); // written
	CHECK_EQ(CALL(env_stat, 0, stat), 0);
	faulted(stat, FEC_U | FEC_WR);
	CHECK_EQ(stat->id, thisenv->env_id);
	CHECK_EQ(sys_page_map(0, stat, 0, stat, COW), 0); // copy on write: the library's
	stat = (struct EnvStat *)((char *)stat + 8);
	CHECK_EQ(CALL(env_stat, 0, stat), 0);
	CHECK_EQ(stat->id, thisenv->env_id);

	// Over the border between a page that is there and one that is not yet.
	mark(PAGE(2));
	stat = (struct EnvStat *)((char *)PAGE(2) - 8);
	CHECK_EQ(CALL(env_stat, 0, stat), 0);
	faulted(PAGE(2), FEC_U | FEC_WR);
	CHECK_EQ(stat->id, thisenv->env_id);

	mark(word); // a word to wait at
	CHECK_EQ(CALL(futex_wait, word, 1), -E_AGAIN);
	faulted(word, FEC_U);
	mark(word);
	CHECK_EQ(CALL(futex_wake, word, 1), 0);
	faulted(word, FEC_U);
	mark(PAGE(3));
	CHECK_EQ(CALL(futex_wait2, word, 0, PAGE(3), 1), -E_AGAIN);
	faulted(PAGE(3), FEC_U);

	mark(PAGE(4)); // a page to map elsewhere
	CHECK_EQ(CALL(page_map, 0, PAGE(4), 0, PAGE(5), RO), 0);
	faulted(PAGE(4), FEC_U);
	CHECK_EQ(sys_page_map(0, PAGE(5), 0, PAGE(5), COW), 0);
	CHECK_EQ(sys_page_unmap(0, PAGE(4)), 0);
	CHECK_EQ(CALL(page_map, 0, PAGE(5), 0, PAGE(4), RW), 0);
	mark(PAGE(4)); // or to send
	CHECK_EQ(CALL(ipc_try_send, 0, 1, PAGE(4), RW), -E_IPC_NOT_RECV);
	faulted(PAGE(4), FEC_U | FEC_WR);

	// What nothing maps, and what is read-only for good.
	CHECK_EQ(CALL(env_stat, 0, PAGE(9)), -E_FAULT);
	CHECK_EQ(CALL(page_map, 0, PAGE(9), 0, PAGE(4), RO), -E_INVAL);
	CHECK_EQ(CALL(futex_wake, PAGE(9), 1), -E_FAULT);
	CHECK_EQ(sys_page_map(0, PAGE(4), 0, PAGE(4), RO), 0);
	CHECK_EQ(CALL(env_stat, 0, PAGE(4)), -E_FAULT);
	CHECK_EQ(CALL(env_stat, 0, UTOP), -E_FAULT);
	CHECK_EQ(CALL(env_stat, 0, 0), -E_FAULT);
	mark(PAGE(9)); // the first page is the pager's, the second nobody's
	CHECK_EQ(CALL(env_stat, 0, (char *)PAGE(10) - 8), -E_FAULT);
	CHECK_EQ(faults, 1);

	// What no pager can help: a syscall page is not for sharing.
	if (flex_thread.page) {
		CHECK_EQ(CALL(page_map, 0, USCPAGE, 0, PAGE(5), RO), -E_INVAL);
		CHECK_EQ(CALL(ipc_try_send, 0, 1, USCPAGE, RW), -E_INVAL);
	}

	gives_up = true;
	mark(PAGE(4));
	CHECK_EQ(CALL(env_stat, 0, PAGE(4)), -E_FAULT);
	faulted(PAGE(4), FEC_U | FEC_WR);
	gives_up = false;
	for (int i = 0; i < 12; i++)
		CHECK_EQ(sys_page_unmap(0, PAGE(i)), 0);
}

// Many at once, each with a page of its own, among calls that need none.
static void
batches(void)
{
	struct FscEntry *e[60];

	for (int i = 0; i < 60; i++) {
		CHECK_EQ(sys_page_mark(0, PAGE(i), 1, MARK), 0);
		e[i] = i % 3 ? flex_post(SYS_env_stat, 0, (uint32_t)PAGE(i), 0, 0, 0)
			     : flex_post(SYS_getenvid, 0, 0, 0, 0, 0);
	}
	faults = 0;
	for (int i = 0; i < 60; i++)
		CHECK_EQ(flex_collect(e[i]), i % 3 ? 0 : thisenv->env_id);
	CHECK_EQ(faults, 40);
	for (int i = 0; i < 60; i++)
		if (i % 3)
			CHECK_EQ(((struct EnvStat *)PAGE(i))->id, thisenv->env_id);

	// A program that does not wait, but looks.
	CHECK_EQ(sys_page_mark(0, PAGE(0), 1, MARK), 0);
	e[0] = flex_post(SYS_env_stat, 0, (uint32_t)PAGE(0), 0, 0, 0);
	if (door == PAGED)
		flex_flush();
	AWAIT(flex_done(e[0]));
	CHECK_EQ(flex_collect(e[0]), 0);
	// And one that ends at once: what is posted is issued.
	for (int i = 0; i < 60; i++)
		CHECK_EQ(sys_page_unmap(0, PAGE(i)), 0);
}

static void
ends_meanwhile(int arg)
{
	door = (enum Door)arg;
	CHECK_EQ(flexsc_register(), 0);
	if (door == REMOTE)
		CHECK_EQ(flexsc_affinity(2), 0);
	CHECK_EQ(sys_page_mark(0, PAGE(0), 1, MARK), 0);
	flex_post(SYS_futex_wake, (uint32_t)PAGE(0), 1, 0, 0, 0);
	// exit issues it, and finds a page that this env's handler brings.
}

static void
by(enum Door d)
{
	door = d;
	if (d == PAGED)
		CHECK_EQ(flexsc_register(), 0);
	if (d == REMOTE)
		CHECK_EQ(flexsc_affinity(2), 0);
	calls();
	if (d != TRAP)
		batches();
}

static void
all_doors(int ndoors)
{
	set_pgfault_handler(pager);
	for (int d = 0; d < ndoors; d++)
		by((enum Door)d);
}

// Without a pager, marks are nothing but errors.
static void
no_pager(int by_page)
{
	door = by_page ? PAGED : TRAP;
	if (by_page)
		CHECK_EQ(flexsc_register(), 0);
	CHECK_EQ(sys_env_set_pgfault_upcall(0, NULL), 0);
	mark(PAGE(0));
	CHECK_EQ(CALL(env_stat, 0, PAGE(0)), -E_FAULT);
	CHECK_EQ(CALL(page_map, 0, PAGE(0), 0, PAGE(5), RO), -E_INVAL);
}

void
umain(int argc, char **argv)
{
	int ndoors = sysinfo.ncpu > 1 ? NDOORS : REMOTE;

	share_results();
	child_must_live("without a pager, by trap", no_pager, 0);
	child_must_live("without a pager, by page", no_pager, 1);
	child_must_live("with one", all_doors, ndoors);
	set_pgfault_handler(pager);
	for (int d = PAGED; d < ndoors; d++)
		child_must_live("ends with a call that waits for it", ends_meanwhile, d);
	all_doors(ndoors);
	PASS("call_pager");
}
