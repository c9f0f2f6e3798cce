// While a descriptor of a pipe is duplicated and closed again and again, the other
// end must never look closed. The two children are on other CPUs, if there are any.
#include <inc/lib.h>

#define ROUNDS 200

void
umain(int argc, char **argv)
{
	int fds[2], r;

	cprintf("testing for dup race...\n");
	if ((r = pipe(fds)) < 0)
		panic("pipe: %e", r);
	envid_t child = fork();
	if (child < 0)
		panic("fork: %e", child);
	if (child == 0) {
		close(fds[1]);
		// The parent keeps the other end open all the time.
		for (int i = 0; i < ROUNDS; i++) {
			if (pipeisclosed(fds[0])) {
				cprintf("RACE: pipe appears closed\n");
				exit_status(1);
			}
			sys_yield();
		}
		ipc_recv(NULL, NULL, NULL);
		exit();
	}

	cprintf("pid is %08x\n", child);
	// What the parent duplicates is the end that the child looks at, and the one
	// that it looks for.
	for (int i = 0; i < 4 * ROUNDS && envs[ENVX(child)].env_id == child; i++) {
		dup(fds[i & 1], 10);
		if (i % 16 == 0)
			sys_yield();
	}
	cprintf("child done with loop\n");
	if (envs[ENVX(child)].env_id != child || envs[ENVX(child)].env_status == ENV_FREE)
		panic("the child has seen the race");
	ipc_send(child, 0, NULL, 0);
	wait(child);

	// Now there are only ends of this program's own.
	close(10);
	close(fds[1]);
	if (!pipeisclosed(fds[0]))
		panic("a pipe that nobody writes is not closed");
	cprintf("race didn't happen\n");
}
