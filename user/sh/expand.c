// Makes arguments of words: takes quotes and backslashes away, and puts in what
// $ stands for. What comes from a $ outside of quotes is cut at blanks, and is
// no argument at all if it is empty; "$@" is all arguments, each whole.
#include <inc/error.h>
#include <inc/stdio.h>
#include <inc/string.h>
#include <user/sh/expand.h>

struct Expander {
	struct Args *args;
	const struct Parameters *params;
	bool open; // an argument is being made
	bool full; // something did not fit
};

// An argument begins here, if none has begun.
static void
open_arg(struct Expander *x)
{
	if (x->open)
		return;
	if (x->args->argc == ARGS_MAX) {
		x->full = true;
		return;
	}
	x->args->argv[x->args->argc] = x->args->text + x->args->used;
	x->open = true;
}

static void
add_char(struct Expander *x, char c)
{
	if (x->args->used == ARGS_ROOM) {
		x->full = true;
		return;
	}
	x->args->text[x->args->used++] = c;
}

static void
close_arg(struct Expander *x)
{
	if (!x->open)
		return;
	add_char(x, 0);
	x->args->argc++;
	x->open = false;
}

// Puts a value in. Outside of quotes its blanks end arguments.
static void
add_value(struct Expander *x, const char *value, bool quoted)
{
	for (; *value; value++) {
		if (!quoted && (*value == ' ' || *value == '\t' || *value == '\n')) {
			close_arg(x);
		} else {
			open_arg(x);
			add_char(x, *value);
		}
	}
}

static void
add_all_args(struct Expander *x, char which, bool quoted)
{
	for (int i = 1; i <= x->params->argc; i++) {
		if (i > 1 && quoted && which == '*')
			add_char(x, ' ');
		else if (i > 1)
			close_arg(x);
		if (quoted)
			open_arg(x);
		add_value(x, x->params->argv[i], quoted);
	}
}

// What the letter behind a $ stands for.
static void
add_parameter(struct Expander *x, char which, bool quoted)
{
	char number[16];

	switch (which) {
	case '*':
	case '@': add_all_args(x, which, quoted); return;
	case '?': snprintf(number, sizeof(number), "%d", x->params->status); break;
	case '#': snprintf(number, sizeof(number), "%d", x->params->argc); break;
	case '$': snprintf(number, sizeof(number), "%08x", x->params->self); break;
	default:
		if (which - '0' <= x->params->argc)
			add_value(x, x->params->argv[which - '0'], quoted);
		return;
	}
	add_value(x, number, quoted);
}

// A $ at at. Returns what is behind it.
static const char *
expand_dollar(struct Expander *x, const char *at, bool quoted)
{
	if (!parameter_end(at)) {
		open_arg(x);
		add_char(x, '$');
		return at + 1;
	}
	add_parameter(x, at[1], quoted);
	return parameter_end(at);
}

// The text in "" that begins at at. Returns what is behind the second ".
static const char *
expand_double(struct Expander *x, const char *at)
{
	while (*at != '"') {
		if (*at == '$') {
			at = expand_dollar(x, at, true);
			continue;
		}
		if (at[0] == '\\' && at[1] == '\n') {
			at += 2;
			continue;
		}
		if (*at == '\\' && strchr("\\\"$`", at[1]))
			at++;
		add_char(x, *at++);
	}
	return at + 1;
}

static void
expand_word(struct Expander *x, const struct Word *word)
{
	const char *at = word->at, *end = at + word->len;

	while (at < end) {
		if (*at == '$') {
			at = expand_dollar(x, at, false);
			continue;
		}
		if (at[0] == '\\' && at[1] == '\n') {
			at += 2;
			continue;
		}
		// "$@" with no arguments is none; other quotes make one, if empty
		if (strncmp(at, "\"$@\"", 4) != 0)
			open_arg(x);
		if (*at == '"') {
			at = expand_double(x, at + 1);
		} else if (*at == '\'') {
			while (*++at != '\'')
				add_char(x, *at);
			at++;
		} else {
			if (*at == '\\')
				at++;
			add_char(x, *at++);
		}
	}
	close_arg(x);
}

// Makes arguments of n words that parse_line has made. How many, or -E_INVAL:
// more than ARGS_MAX, or more text than ARGS_ROOM.
int
expand_words(struct Args *args, const struct Word *words, int n, const struct Parameters *params)
{
	struct Expander x = {.args = args, .params = params};

	args->argc = args->used = 0;
	for (int i = 0; i < n && !x.full; i++)
		expand_word(&x, &words[i]);
	if (x.full)
		return -E_INVAL;
	args->argv[args->argc] = NULL;
	return args->argc;
}
