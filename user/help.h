// The commands there are, a line each, for the shell and for /help.
#ifndef USER_HELP_H
#define USER_HELP_H

#include <inc/elf.h>
#include <inc/lib.h>
#include <user/dir.h>

struct Help {
	const char *name;
	const char *args;
	const char *what;
};

static const struct Help help_shell[] = {
	{"cd", "", "nothing: all paths begin at the root"},
	{"exit", "[STATUS]", "ends the shell, as ctrl-D does"},
	{"help", "[COMMAND...]", "this"},
	{"jobs", "", "what runs in the background"},
	{"kill", "ID|-ID|%JOB...", "ends a process of the shell's jobs; - or %: a job"},
	{"wait", "[ID|%JOB...]", "waits for what runs in the background"},
};

static const struct Help help_commands[] = {
	{"cat", "[FILE...]", "prints files, or its input"},
	{"clear", "", "clears the screen"},
	{"cp", "[-r] FROM... TO", "copies files; -r: directories, with all in them"},
	{"echo", "[-n] [WORD...]", "prints its arguments; -n: with no new line"},
	{"false", "", "does nothing, and fails"},
	{"limit", "PAGES COMMAND...", "runs a command with so many pages of memory"},
	{"ls", "[-dFl] [FILE...]", "lists directories; -l: with types and sizes"},
	{"lsfd", "[-1]", "lists its open descriptors; -1: on its output"},
	{"mkdir", "DIR...", "makes directories"},
	{"mv", "FROM... TO", "gives files other names or directories"},
	{"num", "[FILE...]", "numbers the lines of files, or of its input"},
	{"ps", "[-t] [ID...]|-m ID...", "shows processes; -t: threads, -m: memory"},
	{"rm", "[-fr] FILE...", "removes files; -r: directories, with all in them"},
	{"sh", "[-ix] [FILE|-c TEXT]", "another shell, for a script"},
	{"sync", "", "when it ends, all written is on the disk"},
	{"time", "COMMAND...", "runs a command and says what time it took"},
	{"top", "[-n TIMES] [-d SECS]", "shows who uses the CPUs, until q is typed"},
	{"true", "", "does nothing"},
	{"wc", "[-lwc] [FILE...]", "counts lines, words and bytes"},
};

static inline void
help_line(int fd, const struct Help *help)
{
	char left[48];

	snprintf(left, sizeof(left), "%s %s", help->name, help->args);
	fprintf(fd, "  %-26s %s\n", left, help->what);
}

static inline const struct Help *
help_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(help_shell); i++)
		if (strcmp(help_shell[i].name, name) == 0)
			return &help_shell[i];
	for (size_t i = 0; i < ARRAY_SIZE(help_commands); i++)
		if (strcmp(help_commands[i].name, name) == 0)
			return &help_commands[i];
	return NULL;
}

static inline bool
help_is_program(const char *path)
{
	uint32_t magic = 0;
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return false;
	int n = readn(fd, &magic, sizeof(magic));
	close(fd);
	return n == sizeof(magic) && magic == ELF_MAGIC;
}

// The programs of the root directory that have no line above.
static inline void
help_others(int fd)
{
	struct Dir dir;
	char path[MAXNAMELEN + 1] = "/";
	int column = 0;

	if (dir_read(&dir, "/") < 0)
		return;
	fprintf(fd, "other programs:");
	for (int i = 0; i < dir.n; i++) {
		const char *name = dir.entries[i].name;
		strlcpy(path + 1, name, sizeof(path) - 1);
		if (dir.entries[i].isdir || help_find(name) || !help_is_program(path))
			continue;
		fprintf(fd, "%s%s", column == 0 ? "\n  " : " ", name);
		column += strlen(name) + 1;
		if (column > 76)
			column = 0;
	}
	fprintf(fd, "\n");
	dir_free(&dir);
}

// The lines for argv[1], ..., or all, onto descriptor fd. A status.
static inline int
help_print(int fd, int fd_errors, int argc, const char *const *argv)
{
	int status = 0;

	for (int i = 1; i < argc; i++) {
		const struct Help *help = help_find(argv[i]);
		if (help) {
			help_line(fd, help);
		} else {
			fprintf(fd_errors, "help: %s: not known\n", argv[i]);
			status = 1;
		}
	}
	if (argc > 1)
		return status;

	fprintf(fd, "in the shell:\n");
	for (size_t i = 0; i < ARRAY_SIZE(help_shell); i++)
		help_line(fd, &help_shell[i]);
	fprintf(fd, "  A | B   A < FILE   A > FILE   A >> FILE   A 2> FILE   A 2>&1\n"
		    "  A; B    A && B     A || B     A &         'TEXT'  \"TEXT\"  # COMMENT\n"
		    "  $? $$ $# $* $@ $0 $1 ...      ctrl-C ends what runs, ctrl-D the shell\n"
		    "programs:\n");
	for (size_t i = 0; i < ARRAY_SIZE(help_commands); i++)
		help_line(fd, &help_commands[i]);
	help_others(fd);
	return 0;
}

#endif
