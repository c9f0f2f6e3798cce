// Lines from the console, until ctrl-D.
#include <inc/lib.h>

void
umain(int argc, char **argv)
{
	const char *line;
	int r;

	close(0);
	if ((r = opencons()) < 0)
		panic("opencons: %e", r);
	if (r != 0)
		panic("the first descriptor is %d", r);
	if ((r = dup(0, 1)) < 0)
		panic("dup: %e", r);

	while ((line = readline("Type a line: ")) != NULL)
		fprintf(1, "%s\n", line);
	fprintf(1, "(end of file received)\n");
}
