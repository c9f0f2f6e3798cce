// echo [-n] [WORD...]: prints its arguments; -n: no new line behind them.
#include <user/command.h>

void
umain(int argc, char **argv)
{
	bool newline = argc < 2 || strcmp(argv[1], "-n") != 0;

	for (int first = newline ? 1 : 2, i = first; i < argc; i++)
		print("%s%s", i > first ? " " : "", argv[i]);
	if (newline)
		print("\n");
	finish();
}
