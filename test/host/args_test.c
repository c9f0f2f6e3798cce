// lib/args.c: options and their values, and what is left of argv.
// flags: -ffreestanding -nostdinc
#include "test/host/host.h"

#include <inc/args.h>
#include <inc/lib.h>

#include "lib/string.c"
#include "lib/args.c"

#define MAXARGS 12

static char *argv[MAXARGS + 1];
static int argc;
static struct Argstate args;

// Begins with a command line: the arguments, separated by blanks.
static void
begin(const char *line)
{
	static char text[256];
	char *p = text;

	strlcpy(text, line, sizeof(text));
	for (argc = 0; *p; argc++) {
		argv[argc] = p;
		p = strfind(p, ' ');
		if (*p)
			*p++ = 0;
	}
	argv[argc] = NULL;
	argstart(&argc, argv, &args);
}

// What is left, as one text.
static const char *
left(void)
{
	static char text[256];

	text[0] = 0;
	for (int i = 0; i < argc; i++) {
		if (i > 0)
			strcat(text, " ");
		strcat(text, argv[i]);
	}
	return argv[argc] == NULL ? text : "no NULL at the end";
}

static void
no_options(void)
{
	begin("prog");
	CHECK_EQ(argnext(&args), -1);
	CHECK_STR(left(), "prog");
	begin("prog a b");
	CHECK_EQ(argnext(&args), -1);
	CHECK_EQ(argnext(&args), -1);
	CHECK_STR(left(), "prog a b");
	begin("prog - -x");
	CHECK_EQ(argnext(&args), -1);
	CHECK_STR(left(), "prog - -x");
	begin("");
	CHECK_EQ(argnext(&args), -1);
}

static void
letters(void)
{
	begin("prog -ab -c file -d");
	CHECK_EQ(argnext(&args), 'a');
	CHECK_EQ(argnext(&args), 'b');
	CHECK_EQ(argnext(&args), 'c');
	CHECK_EQ(argnext(&args), -1);
	CHECK_EQ(argnext(&args), -1);
	CHECK_STR(left(), "prog file -d");
}

static void
dashes_end(void)
{
	begin("prog -a -- -b c");
	CHECK_EQ(argnext(&args), 'a');
	CHECK_EQ(argnext(&args), -1);
	CHECK_EQ(argnext(&args), -1);
	CHECK_STR(left(), "prog -b c");
	// Only if they stand alone.
	begin("prog --a");
	CHECK_EQ(argnext(&args), '-');
	CHECK_EQ(argnext(&args), 'a');
	CHECK_EQ(argnext(&args), -1);
	CHECK_STR(left(), "prog");
}

static void
values(void)
{
	begin("prog -n12 -m 34 -x rest");
	CHECK_EQ(argnext(&args), 'n');
	CHECK_STR(argvalue(&args), "12");
	CHECK_STR(argvalue(&args), "12"); // the same again
	CHECK_EQ(argnext(&args), 'm');
	CHECK_STR(argvalue(&args), "34");
	CHECK_EQ(argnext(&args), 'x');
	CHECK_EQ(argnext(&args), -1);
	CHECK_STR(left(), "prog rest");
}

static void
next_values(void)
{
	begin("prog -p one two -q");
	CHECK_EQ(argnext(&args), 'p');
	CHECK_STR(argnextvalue(&args), "one");
	CHECK_STR(argnextvalue(&args), "two");
	CHECK_EQ(argnext(&args), 'q');
	CHECK(argnextvalue(&args) == NULL);
	CHECK(argvalue(&args) == NULL);
	CHECK_EQ(argnext(&args), -1);
	CHECK_STR(left(), "prog");
}

static void
letters_before_a_value(void)
{
	begin("prog -vofile -v -o - x");
	CHECK_EQ(argnext(&args), 'v');
	CHECK_EQ(argnext(&args), 'o');
	CHECK_STR(argvalue(&args), "file");
	CHECK_EQ(argnext(&args), 'v');
	CHECK_EQ(argnext(&args), 'o');
	CHECK_STR(argvalue(&args), "-");
	CHECK_EQ(argnext(&args), -1);
	CHECK_STR(left(), "prog x");
}

static void
letters_above_127(void)
{
	begin("prog -\xe9");
	CHECK_EQ(argnext(&args), 0xe9); // not taken for the end
	CHECK_EQ(argnext(&args), -1);
}

int
main(void)
{
	RUN(no_options);
	RUN(letters);
	RUN(dashes_end);
	RUN(values);
	RUN(next_values);
	RUN(letters_before_a_value);
	RUN(letters_above_127);
	return report("args_test");
}
