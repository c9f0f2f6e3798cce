// While a child duplicates and closes its reading end, a look at whether the pipe is
// closed must not be mistaken.
#include <inc/lib.h>

#define ROUNDS 200

void
umain(int argc, char **argv)
{
	int fds[2], r, looks = 0;

	cprintf("testing for pipeisclosed race...\n");
	if ((r = pipe(fds)) < 0)
		panic("pipe: %e", r);
	envid_t child = fork();
	if (child < 0)
		panic("fork: %e", child);
	if (child == 0) {
		for (int i = 0; i < ROUNDS; i++) {
			if (i % 10 == 0)
				cprintf("%d.", i);
			// the parent's CPU may look between any two steps of these
			dup(fds[0], 10);
			sys_yield();
			close(10);
			sys_yield();
		}
		exit();
	}

	const volatile struct Env *kid = &envs[ENVX(child)];
	while (kid->env_id == child && kid->env_status != ENV_FREE) {
		looks++;
		if (pipeisclosed(fds[0])) {
			cprintf("\nRACE: pipe appears closed\n");
			sys_env_destroy(child);
			exit_status(1);
		}
	}
	cprintf("\nchild done with loop, %d looks\n", looks);
	close(fds[1]);
	if (!pipeisclosed(fds[0]))
		panic("a pipe that nobody writes is not closed");
	cprintf("race didn't happen\n");
}
