// Page faults in threads: each on an exception stack of its own, all at once, nested,
// with registers kept, and what no handler takes ends the process.
//
// Argument: faults of each thread (60).
#include <test/guest/kt_check.h>

#define NTHREADS 6
#define ROOM 0x100000 // of each thread, from AREA

static volatile uint32_t gate, taken[NTHREADS];
static volatile uintptr_t xstack_of[NTHREADS];
static uint32_t rounds;

static uint32_t
owner(uintptr_t va)
{
	CHECK(va >= AREA && va < AREA + NTHREADS * ROOM);
	return (va - AREA) / ROOM;
}

static __thread uint32_t me, depth;

static void
handles(struct UTrapframe *utf)
{
	volatile uint32_t local[32];
	uintptr_t va = utf->utf_fault_va, here = (uintptr_t)local;

	CHECK_EQ(owner(va), me); // variables of a thread are here, too
	CHECK_EQ(thisenv->env_id, sys_getenvid());
	CHECK(here < thisenv->env_xstacktop && here >= thisenv->env_xstacktop - PGSIZE);
	for (int i = 0; i < 32; i++)
		local[i] = me * 1000 + i;
	depth++;
	if (PGOFF(va) == 0) // nested: another page of the same thread
		*(volatile uint32_t *)(va + 1024 * 64 + 4) = 1;
	CHECK_EQ(sys_page_alloc(0, (void *)ROUNDDOWN(va, PGSIZE), RW), 0);
	sys_yield();
	for (int i = 0; i < 32; i++)
		CHECK_EQ(local[i], me * 1000 + i);
	depth--;
	count_up(&taken[me]);
}

static void
faults(void *arg1, void *arg2)
{
	me = (uint32_t)arg1;
	set_pgfault_handler(handles);
	xstack_of[me] = thisenv->env_xstacktop;
	meet(&gate, NTHREADS);
	for (uint32_t i = 0; i < rounds; i++) {
		uintptr_t va = AREA + me * ROOM + i % 16 * PGSIZE;

		*(volatile uint32_t *)va = i;
		CHECK_EQ(*(volatile uint32_t *)va, i);
		CHECK_EQ(depth, 0);
		CHECK_EQ(sys_page_unmap(0, (void *)va), 0);
		CHECK_EQ(sys_page_unmap(0, (void *)(va + 1024 * 64)), 0);
	}
	CHECK_EQ(taken[me], 2 * rounds);
}

static void
all_at_once(int with_main)
{
	gate = 0;
	for (int i = with_main; i < NTHREADS; i++)
		must_create(faults, (void *)i, NULL);
	if (with_main)
		faults((void *)0, NULL);
	must_join(NTHREADS - with_main);
	for (int i = 0; i < NTHREADS; i++)
		for (int j = 0; j < i; j++)
			CHECK(xstack_of[i] != xstack_of[j]);
}

// The handler that main has set is there in a thread that sets none.
static void
faults_once(void *arg1, void *arg2)
{
	me = 0;
	*(volatile uint32_t *)(AREA + 8) = 1;
	CHECK_EQ(taken[0], 1);
}

static void
inherited(int arg)
{
	set_pgfault_handler(handles);
	must_create(faults_once, NULL, NULL);
	must_join(1);
}

static void
handles_for_ever(struct UTrapframe *utf)
{
	count_up(&gate);
	for (;;)
		sys_yield();
}

static void
faults_for_ever(void *arg1, void *arg2)
{
	set_pgfault_handler(handles_for_ever);
	*(volatile uint32_t *)AREA = 1;
}

// A thread is ended while it handles a fault.
static void
ended_in_handler(int arg)
{
	envid_t id[4];

	gate = 0;
	for (int i = 0; i < 4; i++)
		id[i] = must_create(faults_for_ever, NULL, NULL);
	AWAIT(gate == 4);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(sys_env_destroy(id[i]), 0);
	must_join(4);
}

static void
bottomless(struct UTrapframe *utf)
{
	*(volatile uint32_t *)(utf->utf_fault_va + PGSIZE) = 1;
}

static void
overflows(void *arg1, void *arg2)
{
	set_pgfault_handler(bottomless);
	*(volatile uint32_t *)AREA = 1;
}

// An exception stack that overflows ends the process.
static void
exception_stack_overflow(int arg)
{
	must_create(overflows, NULL, NULL);
	for (;;)
		sys_yield();
}

static void
exits_in_handler(struct UTrapframe *utf)
{
	exit();
}

static void
faults_and_exits(void *arg1, void *arg2)
{
	set_pgfault_handler(exits_in_handler);
	*(volatile uint32_t *)AREA = 1;
	panic("it goes on");
}

// exit in a handler, as JOS's faultdie does it: the thread's own end.
static void
exit_in_handler(int arg)
{
	for (int i = 0; i < 20; i++) {
		must_create(faults_and_exits, NULL, NULL);
		must_join(1);
	}
}

void
umain(int argc, char **argv)
{
	rounds = arg_number(argc, argv, 1, 60);
	share_results();
	child_counted("all at once", all_at_once, 0);
	child_counted("all at once, with main", all_at_once, 1);
	child_counted("inherited", inherited, 0);
	child_counted("ended in a handler", ended_in_handler, 0);
	child_counted("exit in a handler", exit_in_handler, 0);
	death_counted("exception stack overflow", exception_stack_overflow, 0);
	PASS("kt_fault");
}
