// Three threads that wait, for ps -t and ps -m to be seen.
#include <test/guest/check.h>

static volatile uint32_t stop;

static void
waits(void *arg1, void *arg2)
{
	while (!stop)
		sys_futex_wait(&stop, 0);
}

// Runs ps with an option and our id.
static void
show(const char *option)
{
	char id[12];
	envid_t child;

	snprintf(id, sizeof(id), "%x", thisenv->env_id);
	CHECK((child = spawnl("/ps", "ps", option, id, NULL)) > 0);
	wait(child);
}

void
umain(int argc, char **argv)
{
	for (int i = 0; i < 3; i++)
		CHECK(thread_create(waits, NULL, NULL) > 0);
	show("-t");
	show("-m");
	stop = 1;
	sys_futex_wake(&stop, 3);
	for (int i = 0; i < 3; i++)
		CHECK(thread_join() > 0);
	PASS("acct_threads");
}
