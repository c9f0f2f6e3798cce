// Messages through the syscall page. Parent and child each register a page of
// their own; the child receives, which blocks its entry until there is something
// to receive, and the parent sends.
#include <inc/lib.h>

#define MESSAGE 0x1234
#define NOPAGE ((void *)UTOP) // an address that means: no page goes along

static void
register_page(void)
{
	int r = flexsc_register();
	if (r < 0)
		panic("flexsc_register: %e", r);
}

static void
receive(envid_t parent)
{
	int r = flex_ipc_recv(NOPAGE);
	if (r < 0)
		panic("flex_ipc_recv: %e", r);
	// The sender is the parent itself, not its syscall thread.
	if (thisenv->env_ipc_from != parent)
		panic("a message from %08x, not from the parent", thisenv->env_ipc_from);
	cprintf("Received %08x via IPC!\n", thisenv->env_ipc_value);
}

static void
send(envid_t child)
{
	int r;

	// The child is not listening before it has registered too.
	while ((r = flex_ipc_try_send(child, MESSAGE, NOPAGE, 0)) == -E_IPC_NOT_RECV)
		sys_yield();
	if (r < 0)
		panic("flex_ipc_try_send: %e", r);
}

void
umain(int argc, char **argv)
{
	envid_t parent = sys_getenvid();
	envid_t child = fork();

	if (child < 0)
		panic("fork: %e", child);

	// After the fork, which hands no syscall page down.
	register_page();
	if (child == 0) {
		receive(parent);
		return;
	}
	send(child);
	wait(child); // so that the child's line comes first
	cprintf("IPC completed!\n");
}
