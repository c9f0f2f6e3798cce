// Options on a command line: letters behind a '-', alone or several together, with
// values of their own if the program asks for them. They come before all else; "--"
// ends them, and "-" alone is no option.
//
// What has been read is taken out of argv, so that in the end the operands follow the
// program's name.
#include <inc/lib.h>

// Takes argv[1] out.
static void
shift(struct Argstate *args)
{
	for (int i = 1; i < *args->argc; i++)
		args->argv[i] = args->argv[i + 1];
	--*args->argc;
}

// Begins with the options of argv, which ends with a NULL. *argc and argv change as
// options are read.
void
argstart(int *argc, char **argv, struct Argstate *args)
{
	args->argc = argc;
	args->argv = (const char **)argv;
	args->curarg = ""; // NULL: there are no more options
	args->argvalue = NULL;
}

// The next option's letter, or -1 if there are no more.
int
argnext(struct Argstate *args)
{
	args->argvalue = NULL;
	if (!args->curarg)
		return -1;
	if (!*args->curarg) {
		const char *arg = *args->argc > 1 ? args->argv[1] : NULL;
		bool ends = !arg || arg[0] != '-' || !arg[1];
		bool dashes = !ends && strcmp(arg, "--") == 0;

		if (!ends)
			shift(args);
		args->curarg = ends || dashes ? NULL : arg + 1;
		if (!args->curarg)
			return -1;
	}
	return (unsigned char)*args->curarg++;
}

// The value of the option that argnext has returned: the rest of its argument or, if
// there is none, the next argument. NULL if there is neither. Another call takes another
// argument.
char *
argnextvalue(struct Argstate *args)
{
	if (!args->curarg) {
		args->argvalue = NULL;
	} else if (*args->curarg) {
		args->argvalue = args->curarg;
		args->curarg = "";
	} else if (*args->argc > 1) {
		args->argvalue = args->argv[1];
		shift(args);
	} else {
		args->argvalue = NULL;
		args->curarg = NULL;
	}
	return (char *)args->argvalue;
}

// The same, but a second call returns the same value.
char *
argvalue(struct Argstate *args)
{
	return args->argvalue ? (char *)args->argvalue : argnextvalue(args);
}
