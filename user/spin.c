// A child that loops without ever calling the kernel. The parent gets the CPU
// back only if the kernel takes it from the child; then it kills the child.
#include <inc/lib.h>

void
umain(int argc, char **argv)
{
	cprintf("I am the parent.  Forking the child...\n");
	envid_t child = fork();
	if (child < 0)
		panic("fork: %e", child);

	if (child == 0) {
		cprintf("I am the child.  Spinning...\n");
		// Tells the parent that there is something to kill: with several
		// CPUs its yields alone could be over before we had started.
		ipc_send(thisenv->env_parent_id, 0, NULL, 0);
		for (;;)
			pause();
	}

	cprintf("I am the parent.  Running the child...\n");
	ipc_recv(NULL, NULL, NULL);
	for (int i = 0; i < 8; i++)
		sys_yield();

	cprintf("I am the parent.  Killing the child...\n");
	sys_env_destroy(child);
}
