// What the commands share: their options and inputs, how they print and complain, and
// what they end with.
// A usage error ends a command with status 2; any other failure is reported, the
// command does the rest of its work, and ends with status 1.
#ifndef USER_COMMAND_H
#define USER_COMMAND_H

#include <inc/lib.h>
#include <user/status.h>

struct Command {
	int status;        // what it will end with
	const char *args;  // what it takes, for usage
	bool options[128]; // that were given, by letter
	int used;          // of text: printed, but not written yet
	char text[PGSIZE];
};
static struct Command command __attribute__((aligned(PGSIZE)));

// The last part of a path.
static inline const char *
path_base(const char *path)
{
	const char *base = path;

	for (; *path; path++)
		if (path[0] == '/' && path[1] && path[1] != '/')
			base = path + 1;
	return base;
}

// "COMMAND: WHAT: why"; the command has failed.
static inline void
complain_that(const char *what, const char *why)
{
	fprintf(2, "%s: %s: %s\n", path_base(binaryname), what, why);
	command.status = STATUS_FAILED;
}

// The same, of error r.
static inline void
complain_of(const char *what, int r)
{
	complain_that(what, error_words(r) ? error_words(r) : "unknown error");
}

// Writes all n bytes onto descriptor fd. n; an error; or fewer, if nobody reads them any more.
static inline ssize_t
write_all(int fd, const void *buf, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t r = write(fd, (const char *)buf + done, n - done);
		if (r < 0)
			return r;
		if (r == 0)
			break;
		done += r;
	}
	return done;
}

// Writes n bytes to the output, or ends the command: with a complaint, or quietly if nobody
// reads it any more.
static inline void
output(const void *buf, size_t n)
{
	ssize_t r = write_all(1, buf, n);

	if (r < 0)
		complain_of("output", r);
	if (r < (ssize_t)n)
		exit_status(STATUS_FAILED);
}

// Writes what print has gathered.
static inline void
flush(void)
{
	int n = command.used;

	command.used = 0;
	if (n > 0)
		output(command.text, n);
}

static inline void
print_char(int c, void *unused)
{
	command.text[command.used++] = c;
	if (command.used == sizeof(command.text))
		flush();
}

// As printf, but what is printed is written in large pieces.
static inline void
print(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintfmt(print_char, NULL, fmt, ap);
	va_end(ap);
}

// What was printed stands before the complaint.
static inline void
complain(const char *what, int r)
{
	flush();
	complain_of(what, r);
}

static inline void __attribute__((noreturn)) usage(void)
{
	const char *args = command.args;

	fprintf(2, "usage: %s%s%s\n", path_base(binaryname), *args ? " " : "", args);
	exit_status(STATUS_USAGE);
}

// Takes a command's options, each one of letters, out of argv, for has_option; args: what
// the command takes. A "--" is taken out, too: only behind it an operand may begin with a
// '-', unless it is just that. Anything else is a usage error.
static inline void
read_options(int *argc, char **argv, const char *letters, const char *args)
{
	struct Argstate options;
	int option, left = *argc;

	command.args = args;
	argstart(argc, argv, &options);
	while ((option = argnext(&options)) >= 0) {
		if (!strchr(letters, option))
			usage();
		command.options[option] = true;
		left = *argc;
	}
	if (*argc < left) // the options ended with "--"
		return;
	for (int i = 1; i < *argc; i++) {
		if (argv[i][0] != '-' || !argv[i][1])
			continue;
		if (strcmp(argv[i], "--") != 0)
			usage();
		memmove(argv + i, argv + i + 1, (*argc - i) * sizeof(*argv));
		--*argc;
		return;
	}
}

static inline bool
has_option(char letter)
{
	return command.options[(int)letter];
}

// Ends the command.
static inline void __attribute__((noreturn)) finish(void)
{
	flush();
	exit_status(command.status);
}

static inline void
use_input(int fd, const char *name, void (*use)(int fd, const char *name))
{
	struct Stat st;

	if (fstat(fd, &st) >= 0 && st.st_isdir)
		complain(name, -E_IS_DIR);
	else
		use(fd, name);
}

// Calls use(descriptor, name) for each operand of a command, opened for
// reading; - and no operand at all are the input. A directory is none.
static inline void
each_input(int argc, char **argv, void (*use)(int fd, const char *name))
{
	if (argc < 2)
		use_input(0, "input", use);
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-") == 0) {
			use_input(0, "input", use);
			continue;
		}
		int fd = open(argv[i], O_RDONLY);
		if (fd < 0) {
			complain(argv[i], fd);
			continue;
		}
		use_input(fd, argv[i], use);
		close(fd);
	}
}

#endif
