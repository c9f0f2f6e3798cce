// Options on a command line, as in JOS. lib/args.c says what each returns.
#ifndef INC_ARGS_H
#define INC_ARGS_H

struct Argstate {
	int *argc;
	const char **argv;
	const char *curarg;
	const char *argvalue;
};

void argstart(int *argc, char **argv, struct Argstate *args);
int argnext(struct Argstate *args);
char *argnextvalue(struct Argstate *args);
char *argvalue(struct Argstate *args);

#endif
