// Two programs send to a third for ever, which prints whom it hears: shows how
// evenly the kernel serves senders that compete for one receiver. Endless.
#include <inc/lib.h>

static envid_t
fork_or_panic(void)
{
	envid_t child = fork();

	if (child < 0)
		panic("fork: %e", child);
	return child;
}

static void
receive(void)
{
	envid_t from;

	for (;;) {
		ipc_recv(&from, NULL, NULL);
		cprintf("%x recv from %x\n", thisenv->env_id, from);
	}
}

void
umain(int argc, char **argv)
{
	envid_t receiver = fork_or_panic();

	if (receiver == 0)
		receive();
	fork_or_panic(); // parent and child are the two senders

	cprintf("%x loop sending to %x\n", thisenv->env_id, receiver);
	for (;;)
		ipc_send(receiver, 0, NULL, 0);
}
