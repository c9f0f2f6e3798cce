// A sieve as a chain of programs with pipes between: each prints the first number
// that it gets, which is a prime, and passes on what that does not divide.
//
// primespipe [LAST]: up to that number; without it until there are no envs left.
#include <inc/lib.h>

// Ends the chain from here: the writers before see that nobody reads.
static void
give_up(const char *what, int r)
{
	cprintf("primespipe: %s: %e\n", what, r);
	exit();
}

// The input of a new program of the chain; what the caller goes on to write is read
// from it. The caller gets the writing end, the new program returns 0 and has its input in *input.
static int
next_program(int *input)
{
	int fds[2], r;

	if ((r = pipe(fds)) < 0)
		give_up("pipe", r);
	envid_t child = fork();
	if (child < 0)
		give_up("fork", child);
	if (child == 0) {
		if (*input >= 0)
			close(*input);
		close(fds[1]);
		*input = fds[0];
		return 0;
	}
	close(fds[0]);
	return fds[1];
}

// A program of the chain, and those that it makes.
static void
sieve(int input)
{
	int32_t prime, n;
	int output;

	do {
		if (readn(input, &prime, sizeof(prime)) != sizeof(prime))
			exit();
		cprintf("%d\n", prime);
		output = next_program(&input);
	} while (output == 0);

	while (readn(input, &n, sizeof(n)) == sizeof(n))
		if (n % prime != 0 && write(output, &n, sizeof(n)) != sizeof(n))
			break;
}

void
umain(int argc, char **argv)
{
	int32_t last = argc > 1 ? strtol(argv[1], NULL, 0) : 0x7fffffff;
	int input = -1;
	int output = next_program(&input);

	if (output == 0) {
		sieve(input);
		return;
	}
	for (int32_t n = 2; n <= last && n > 0; n++)
		if (write(output, &n, sizeof(n)) != sizeof(n))
			break;
}
