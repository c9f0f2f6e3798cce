// A number goes back and forth between parent and child by IPC, one larger each
// time, until it is 10.
#include <inc/lib.h>

void
umain(int argc, char **argv)
{
	envid_t who = fork();
	uint32_t n = 0;

	if (who < 0)
		panic("fork: %e", who);
	if (who != 0) {
		cprintf("send 0 from %x to %x\n", sys_getenvid(), who);
		ipc_send(who, 0, NULL, 0);
	}

	while (n < 10) {
		n = ipc_recv(&who, NULL, NULL);
		cprintf("%x got %d from %x\n", sys_getenvid(), n, who);
		if (n < 10)
			ipc_send(who, ++n, NULL, 0);
	}
}
