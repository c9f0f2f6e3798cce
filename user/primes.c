// A sieve as a chain of programs. Each prints the first number that it gets,
// which is a prime, and passes on to the next only what that does not divide.
// Runs until there are no envs left, and so tries fork, IPC and scheduling hard.
#include <inc/lib.h>

// A link of the chain; the right neighbour is forked when it is needed.
static void
sieve(void)
{
	for (;;) {
		uint32_t prime = ipc_recv(NULL, NULL, NULL);
		cprintf("CPU %d: %d ", thisenv->env_cpunum, prime);

		envid_t right = fork();
		if (right < 0)
			panic("fork: %e", right);
		if (right == 0)
			continue;

		for (;;) {
			uint32_t n = ipc_recv(NULL, NULL, NULL);
			if (n % prime != 0)
				ipc_send(right, n, NULL, 0);
		}
	}
}

void
umain(int argc, char **argv)
{
	envid_t first = fork();

	if (first < 0)
		panic("fork: %e", first);
	if (first == 0)
		sieve();

	for (uint32_t n = 2;; n++)
		ipc_send(first, n, NULL, 0);
}
