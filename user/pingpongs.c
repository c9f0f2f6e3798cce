// pingpong between two programs that share all memory but the stack, so that the
// number itself need not travel. That takes sfork, which JOS leaves as an
// optional exercise and this library refuses (threads are to share memory in
// another way): where it is refused, this says so and ends in an orderly way.
#include <inc/lib.h>

static volatile uint32_t val;

void
umain(int argc, char **argv)
{
	envid_t who = sfork();

	if (who < 0) {
		cprintf("sfork is not supported: %e\n", who);
		return;
	}
	if (who != 0) {
		cprintf("i am %08x; thisenv is %p\n", sys_getenvid(), thisenv);
		cprintf("send 0 from %x to %x\n", sys_getenvid(), who);
		ipc_send(who, 0, NULL, 0);
	}

	// The one whose turn it is owns val: the message hands it over.
	for (;;) {
		ipc_recv(&who, NULL, NULL);
		cprintf("%x got %d from %x (thisenv is %p %x)\n", sys_getenvid(), val, who, thisenv,
			thisenv->env_id);
		if (val == 10)
			return;
		bool last = ++val == 10;
		ipc_send(who, 0, NULL, 0);
		if (last)
			return;
	}
}
