// Words as they were written become the arguments of a command.
#ifndef USER_SH_EXPAND_H
#define USER_SH_EXPAND_H

#include <inc/types.h>
#include <user/sh/parse.h>

#define ARGS_ROOM 8192
#define ARGS_MAX 512

// What $ stands for.
struct Parameters {
	int status;        // $?
	uint32_t self;     // $$, in hex
	int argc;          // $#, without $0
	const char **argv; // $0, $1, ...
};

// A command's arguments, with NULL behind the last.
struct Args {
	int argc;
	const char *argv[ARGS_MAX + 1];
	int used; // bytes of text
	char text[ARGS_ROOM];
};

int expand_words(struct Args *args, const struct Word *words, int n,
		 const struct Parameters *params);

#endif
