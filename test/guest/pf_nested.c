// User-level page faults: faults inside handlers, registers and flags kept,
// and an exception stack that overflows or is absent, which ends its program
// and no other.
#include <test/guest/check.h>

#define DEPTH 8
#define LEVEL(n) (AREA + (n)*PGSIZE)

static int deepest, depth;

// Maps the page that is missing, but touches the next level's page before.
static void
nesting_handler(struct UTrapframe *utf)
{
	uintptr_t page = ROUNDDOWN(utf->utf_fault_va, PGSIZE);
	int level = (page - AREA) / PGSIZE;

	depth++;
	deepest = MAX(deepest, depth);
	CHECK(level >= 0 && level < DEPTH);
	CHECK_EQ(utf->utf_err & (FEC_U | FEC_PR), FEC_U);
	CHECK_EQ(utf->utf_err & FEC_WR, level % 2 ? 0 : FEC_WR);
	if (level + 1 < DEPTH) {
		volatile uint32_t *next = (volatile uint32_t *)LEVEL(level + 1);

		if ((level + 1) % 2)
			CHECK_EQ(*next, level + 1);
		else
			*next = level + 1;
	}
	CHECK_EQ(sys_page_alloc(0, (void *)page, RW), 0);
	*(volatile uint32_t *)page = level;
	depth--;
}

static void
nested(void)
{
	volatile uint32_t *first = (volatile uint32_t *)AREA;

	set_pgfault_handler(nesting_handler);
	for (int round = 0; round < 20; round++) {
		deepest = depth = 0;
		*first = 77;
		CHECK_EQ(*first, 77);
		CHECK_EQ(deepest, DEPTH);
		CHECK_EQ(depth, 0);
		for (int i = 1; i < DEPTH; i++)
			CHECK_EQ(*(volatile uint32_t *)LEVEL(i), i);
		for (int i = 0; i < DEPTH; i++)
			CHECK_EQ(sys_page_unmap(0, (void *)LEVEL(i)), 0);
	}
}

// The same page again and again, by reading.
static void
many(void)
{
	uint32_t sum = 0;

	set_pgfault_handler(nesting_handler);
	for (int round = 0; round < 200; round++) {
		sum += *(volatile uint32_t *)LEVEL(DEPTH - 1);
		CHECK_EQ(sys_page_unmap(0, (void *)LEVEL(DEPTH - 1)), 0);
	}
	CHECK_EQ(sum, 200 * (DEPTH - 1));
}

// Each fault causes another until the exception stack is full.
static void
bottomless_handler(struct UTrapframe *utf)
{
	*(volatile uint32_t *)(utf->utf_fault_va + PGSIZE) = 1;
}

static void
overflows_exception_stack(int arg)
{
	set_pgfault_handler(bottomless_handler);
	*(volatile uint32_t *)(AREA + 0x100000) = 1;
}

static void
loses_exception_stack(int arg)
{
	set_pgfault_handler(nesting_handler);
	CHECK_EQ(sys_page_unmap(0, (void *)(UXSTACKTOP - PGSIZE)), 0);
	*(volatile uint32_t *)AREA = 1;
}

static void
has_read_only_exception_stack(int arg)
{
	set_pgfault_handler(nesting_handler);
	CHECK_EQ(sys_page_alloc(0, (void *)(UXSTACKTOP - PGSIZE), RO), 0);
	*(volatile uint32_t *)AREA = 1;
}

static void
has_upcall_nowhere(int upcall)
{
	CHECK_EQ(sys_page_alloc(0, (void *)(UXSTACKTOP - PGSIZE), RW), 0);
	CHECK_EQ(sys_env_set_pgfault_upcall(0, (void *)upcall), 0);
	*(volatile uint32_t *)AREA = 1;
}

// Esp at the bottom of the exception stack when the fault comes: there is no
// room for another frame.
static void
faults_in_guard(int esp)
{
	set_pgfault_handler(nesting_handler);
	asm volatile("movl %0,%%esp\n\t"
		     "movl $1,(%1)"
		     :
		     : "r"(esp), "r"(AREA)
		     : "memory");
}

void
umain(int argc, char **argv)
{
	static const int upcalls[] = {AREA + 0x400000, (int)KERNBASE, (int)0xffffffff,
				      (int)USTACKTOP};
	static const int stacks[] = {(int)(UXSTACKTOP - PGSIZE), (int)(UXSTACKTOP - PGSIZE + 8)};

	share_results();
	nested();
	many();
	child_must_die("exception stack overflow", overflows_exception_stack, 0);
	child_must_die("exception stack absent", loses_exception_stack, 0);
	child_must_die("exception stack read-only", has_read_only_exception_stack, 0);
	for (size_t i = 0; i < ARRAY_SIZE(upcalls); i++)
		child_must_die("an upcall that is not there", has_upcall_nowhere, upcalls[i]);
	for (size_t i = 0; i < ARRAY_SIZE(stacks); i++)
		child_must_die("a stack pointer at the guard", faults_in_guard, stacks[i]);
	nested();
	PASS("pf_nested");
}
