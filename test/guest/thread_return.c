// A function that clone has begun returns: it faults at 0xffffffff, and that is the end of
// the process.
#include <test/guest/check.h>

static char stack[PGSIZE] __attribute__((aligned(PGSIZE)));

static void
returns(void *arg1, void *arg2)
{
	cprintf("the function runs\n");
}

void
umain(int argc, char **argv)
{
	void *got;

	CHECK(clone(returns, NULL, NULL, stack) > 0);
	join(&got);
	cprintf("not reached\n");
}
