// A line of the shell's language, taken apart.
//
//     line      list of pipelines, each but the last followed by  ; & && ||
//     pipeline  commands with | between
//     command   words and redirections:  < > >> <& >&  with an optional number
//               of a descriptor in front
//
// A word is kept as it was written; user/sh/expand.h makes arguments of it.
#ifndef USER_SH_PARSE_H
#define USER_SH_PARSE_H

#include <inc/types.h>

#define LINE_ROOM 8192 // of a line, with those that continue it and the 0
#define LINE_WORDS 1024
#define LINE_COMMANDS 512

struct Word {
	const char *at; // in the line's text
	int len;
};

enum RedirKind { REDIR_IN, REDIR_OUT, REDIR_APPEND, REDIR_DUP };

struct Redir {
	enum RedirKind kind;
	int fd; // the one that is redirected, 0 to 9
	struct Word target;
};

// A command: consecutive elements of the line's words and redirs.
struct SimpleCommand {
	int word, nwords;
	int redir, nredirs;
};

enum Connector { THEN_END, THEN_NEXT, THEN_BACKGROUND, THEN_AND, THEN_OR };

struct Pipeline {
	int command, ncommands;
	enum Connector then; // what stands behind it
	struct Word text;    // all of it
};

struct Line {
	int nwords, nredirs, ncommands, npipelines;
	struct Word words[LINE_WORDS];
	struct Redir redirs[LINE_COMMANDS];
	struct SimpleCommand commands[LINE_COMMANDS];
	struct Pipeline pipelines[LINE_COMMANDS];

	int error_at;   // position in the text, from 0
	char error[96]; // what is wrong there
};

enum ParseResult {
	PARSE_OK,
	PARSE_MORE,  // it is right as far as it goes; error says what is missing
	PARSE_ERROR, // error and error_at say what and where
};

enum ParseResult parse_line(struct Line *line, const char *text);

// Where the parameter that a $ at text stands for ends, or NULL if it is none.
const char *parameter_end(const char *dollar);

#endif
