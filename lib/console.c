// The console, a character at a time.
#include <inc/lib.h>

// Prints one character.
void
cputchar(int c)
{
	char text = c;

	sys_cputs(&text, 1);
}

// Waits for a key and returns its character.
int
getchar(void)
{
	int c;

	// The kernel answers 0 when there is none.
	while ((c = sys_cgetc()) == 0)
		sys_yield();
	return c;
}

// Whether file descriptor fd is the console. Before there are files, the
// standard ones are.
int
iscons(int fd)
{
	return fd >= 0 && fd <= 2;
}
