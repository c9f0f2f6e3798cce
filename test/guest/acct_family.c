// A process, its child, and its grandchild, which wait for ever: for kill.
#include <test/guest/check.h>

void
umain(int argc, char **argv)
{
	share_results();
	for (int i = 0; i < 2; i++)
		if (fork() != 0)
			break;
	if (__atomic_add_fetch(&shared->ready, 1, __ATOMIC_SEQ_CST) == 3)
		cprintf("family: ready\n");
	for (;;)
		sys_ipc_recv(NO_PAGE);
}
