// clone: what the new thread finds, what the caller gets, and every argument that
// is refused with nothing changed.
#include <test/guest/kt_check.h>

#define READ_ONLY (AREA + 0x10000)
#define ABSENT (AREA + 0x20000)

static char stacks[8][PGSIZE] __attribute__((aligned(PGSIZE)));
static volatile uint32_t seen[8];
volatile uint32_t bare_esp, bare_ret; // by bare_entry

// Notes where the stack is before anything is pushed.
void bare_entry(void *, void *);
asm(".text\n"
    "bare_entry:\n"
    "	movl	%esp, bare_esp\n"
    "	movl	(%esp), %eax\n"
    "	movl	%eax, bare_ret\n"
    "	jmp	bare_goes_on\n");

void __attribute__((used)) bare_goes_on(void *arg1, void *arg2)
{
	seen[0] = (uint32_t)arg1;
	seen[1] = (uint32_t)arg2;
	seen[2] = sys_getenvid();
	seen[3] = thisenv->env_id;
	seen[4] = thisenv->env_parent_id;
	seen[5] = thisenv->env_process;
	seen[6] = thisenv->env_type;
	exit();
}

static void
finds_its_arguments(int arg)
{
	char *stack = stacks[0];
	envid_t id = clone(bare_entry, (void *)0xdeadbeef, (void *)0x7fffffff, stack);

	CHECK(id > 0 && id != thisenv->env_id);
	must_join_clone(id, stack);
	CHECK_EQ(seen[0], 0xdeadbeef);
	CHECK_EQ(seen[1], 0x7fffffff);
	CHECK_EQ(seen[2], id);
	CHECK_EQ(seen[3], id);
	CHECK_EQ(seen[4], thisenv->env_id);
	CHECK_EQ(seen[5], thisenv->env_id);
	CHECK_EQ(seen[6], ENV_TYPE_THREAD);
	CHECK_EQ(bare_ret, 0xffffffff);
	CHECK_EQ(bare_esp, (uint32_t)stack + PGSIZE - 12);
	CHECK_EQ(*(uint32_t *)(stack + PGSIZE - 12), 0xffffffff);
	CHECK_EQ(thisenv->env_process, thisenv->env_id);
}

static void
writes_memory(void *at, void *value)
{
	*(volatile uint32_t *)at = (uint32_t)value;
	CHECK_EQ(sys_page_alloc(0, (void *)(AREA + 0x50000), RW), 0);
	*(volatile uint32_t *)(AREA + 0x50000) = 77;
	exit();
}

// Memory is one, also what a thread maps.
static void
shares_memory(int arg)
{
	volatile uint32_t local = 0;
	envid_t id = clone(writes_memory, (void *)&local, (void *)42, stacks[0]);

	CHECK(id > 0);
	must_join_clone(id, stacks[0]);
	CHECK_EQ(local, 42);
	CHECK_EQ(*(volatile uint32_t *)(AREA + 0x50000), 77);
}

static void
returns(void *arg1, void *arg2)
{
}

static void
returns_from_bare_clone(int arg)
{
	CHECK(clone(returns, NULL, NULL, stacks[0]) > 0);
	for (;;)
		sys_yield();
}

static void
runs_nowhere(int fcn)
{
	CHECK(clone((void (*)(void *, void *))fcn, NULL, NULL, stacks[0]) > 0);
	for (;;)
		sys_yield();
}

// Both doors by their numbers; the library's by -1.
static void
refused(const char *what, void *stack, int error)
{
	struct Count before = count_now();
	int r;

	r = sys_clone(bare_entry, NULL, NULL, stack, NULL);
	if (r != error)
		panic("sys_clone, %s: %d, not %d", what, r, error);
	r = flex_clone(bare_entry, NULL, NULL, stack, NULL);
	if (r != error)
		panic("flex_clone, %s: %d, not %d", what, r, error);
	r = clone(bare_entry, NULL, NULL, stack);
	if (r != -1)
		panic("clone, %s: %d, not -1", what, r);
	nothing_lost(what, before, KEPT_PAGES);
	CHECK_EQ(join(&stack), -1);
	CHECK_EQ(sys_join(NULL, NULL), -E_BAD_ENV);
}

static void
refuses(int arg)
{
	CHECK_EQ(flexsc_register(), 0);
	CHECK_EQ(sys_page_alloc(0, (void *)READ_ONLY, RO), 0);
	refused("by a byte", stacks[1] + 1, -E_INVAL);
	refused("by 16 bytes", stacks[1] + 16, -E_INVAL);
	refused("one before a page", stacks[1] + PGSIZE - 1, -E_INVAL);
	refused("null", NULL, -E_FAULT);
	refused("not there", (void *)ABSENT, -E_FAULT);
	refused("read-only", (void *)READ_ONLY, -E_FAULT);
	refused("at UTOP", (void *)UTOP, -E_INVAL);
	refused("envs", (void *)UENVS, -E_INVAL);
	refused("page tables", (void *)UVPT, -E_INVAL);
	refused("at ULIM", (void *)ULIM, -E_INVAL);
	refused("in the kernel", (void *)KERNBASE, -E_INVAL);
	refused("the last page", (void *)0xfffff000, -E_INVAL);
	for (int i = 0; i < PGSIZE / 4; i++)
		CHECK_EQ(((uint32_t *)READ_ONLY)[i], 0);
}

static void
refuses_init(int arg)
{
	const struct ThreadInit *init[] = {(void *)ABSENT, (void *)KERNBASE,
					   (void *)(READ_ONLY + PGSIZE - 4), (void *)0xfffffffc};

	CHECK_EQ(sys_page_alloc(0, (void *)READ_ONLY, RO), 0);
	CHECK_EQ(flexsc_register(), 0);
	for (size_t i = 0; i < ARRAY_SIZE(init); i++) {
		CHECK_EQ(sys_clone(bare_entry, 0, 0, stacks[0], init[i]), -E_FAULT);
		CHECK_EQ(flex_clone(bare_entry, 0, 0, stacks[0], init[i]), -E_FAULT);
	}
	CHECK_EQ(sys_join(NULL, NULL), -E_BAD_ENV);
}

// Without thread-local storage: traps only.
static void
without_library(void *arg1, void *arg2)
{
	seen[7] = (uint32_t)arg1 + (uint32_t)arg2;
	asm volatile("int %0" : : "i"(T_SYSCALL), "a"(SYS_env_exit), "d"(0) : "memory");
}

static void
sys_clone_alone(int arg)
{
	void *stack = NULL, *tls = (void *)1;
	envid_t id;
	int r;

	for (int door = 0; door < 2; door++) {
		seen[7] = 0;
		if (door == 0) {
			id = sys_clone(without_library, (void *)40, (void *)2, stacks[2], NULL);
		} else {
			CHECK_EQ(flexsc_register(), 0);
			id = flex_clone(without_library, (void *)40, (void *)2, stacks[2], NULL);
		}
		CHECK(id > 0);
		AWAIT((r = sys_join(&stack, &tls)) != -E_AGAIN);
		CHECK_EQ(r, id);
		CHECK(stack == stacks[2]);
		CHECK_EQ(seen[7], 42);
	}
}

// A stack that is copy-on-write, or not there before it is touched.
static void
paged_stacks(int arg)
{
	char *lazy = map_anon(1);
	envid_t child, id;

	id = clone(bare_entry, (void *)5, (void *)6, lazy);
	CHECK(id > 0);
	must_join_clone(id, lazy);
	CHECK_EQ(seen[1], 6);

	strcpy(stacks[3], "mine");
	child = child_run(waits_for_message, 0);
	CHECK(uvpt[PGNUM(stacks[3])] & PTE_COW);
	id = clone(bare_entry, (void *)7, (void *)8, stacks[3]);
	CHECK(id > 0);
	must_join_clone(id, stacks[3]);
	CHECK_EQ(seen[1], 8);
	CHECK(strcmp(stacks[3], "mine") == 0);
	CHECK_EQ(sys_env_destroy(child), 0);
	CHECK_EQ(munmap(lazy, PGSIZE), 0);
}

// Each has its own floating-point registers.
static void
computes(void *arg1, void *arg2)
{
	int mine = (int)arg1, got;

	asm volatile("fninit; fildl %0" : : "m"(mine));
	for (int i = 0; i < 300; i++)
		sys_yield();
	asm volatile("fistpl %0" : "=m"(got));
	CHECK_EQ(got, mine);
	exit();
}

static void
own_registers(int arg)
{
	for (int i = 0; i < 6; i++)
		CHECK(clone(computes, (void *)(i * 1000 + 7), NULL, stacks[i]) > 0);
	for (int i = 0; i < 6; i++)
		CHECK(join(&(void *){NULL}) > 0);
}

void
umain(int argc, char **argv)
{
	share_results();
	child_counted("arguments", finds_its_arguments, 0);
	child_counted("memory", shares_memory, 0);
	child_counted("errors", refuses, 0);
	child_counted("errors of init", refuses_init, 0);
	child_counted("sys_clone", sys_clone_alone, 0);
	child_counted("paged stacks", paged_stacks, 0);
	child_counted("registers", own_registers, 0);
	death_counted("return to 0xffffffff", returns_from_bare_clone, 0);
	death_counted("a function in the kernel", runs_nowhere, (int)KERNBASE);
	death_counted("a function nowhere", runs_nowhere, 0);
	PASS("kt_clone");
}
