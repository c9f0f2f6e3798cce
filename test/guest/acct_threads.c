// Three threads that wait, for ps -t and ps -m to be seen.
#include <test/guest/acct_check.h>
#include <test/guest/kt_check.h>

static volatile uint32_t stop;

static void
waits(void *arg1, void *arg2)
{
	gate_wait(&stop);
}

void
umain(int argc, char **argv)
{
	for (int i = 0; i < 3; i++)
		must_create(waits, NULL, NULL);
	show_by_ps("-t");
	show_by_ps("-m");
	gate_open(&stop);
	must_join(3);
	PASS("acct_threads");
}
