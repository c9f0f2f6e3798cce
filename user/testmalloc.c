// malloc and free by command: "malloc SIZE" prints an address, "free ADDRESS"
// gives it back. Commands are the program's arguments, one each; without
// arguments they are lines from the console, until its end.
#include <inc/lib.h>

static void
command(const char *line)
{
	if (strncmp(line, "malloc ", 7) == 0)
		cprintf("\t0x%x\n", (uintptr_t)malloc(strtol(line + 7, NULL, 0)));
	else if (strncmp(line, "free ", 5) == 0)
		free((void *)strtol(line + 5, NULL, 0));
	else
		cprintf("?unknown command\n");
}

void
umain(int argc, char **argv)
{
	const char *line;

	for (int i = 1; i < argc; i++) {
		cprintf("> %s\n", argv[i]);
		command(argv[i]);
	}
	if (argc > 1)
		return;

	while ((line = readline("> ")) != NULL)
		command(line);
}
