// The shell: reads lines, from somebody at the console or from a script, and
// runs them.
//
//     sh [-ix] [FILE [ARG...]]      runs the script FILE, or what descriptor 0 says
//     sh [-ix] -c TEXT [NAME [ARG...]]
//
// -i: prompts even if descriptor 0 is not the console. -x: prints each line before
// it is run. `help` in the shell lists what it knows. In user/sh/: parse.c takes
// lines apart, expand.c makes arguments, run.c runs pipelines with start.c and redir.c, job.c
// keeps what is in the background, builtin.c has what the shell does itself.
#include <user/sh/sh.h>

struct Shell shell;

static char text[LINE_ROOM];
static struct Line line;
static bool warned; // that jobs are running

// Ends the shell. An interactive one that has jobs says so the first time, and
// returns; it ends them the second time.
void
shell_exit(int status)
{
	if (shell.interactive && job_any()) {
		if (!warned) {
			fprintf(2, "sh: jobs are running; once more ends them\n");
			warned = true;
			return;
		}
	}
	if (shell.interactive)
		kill_all();
	exit_status(status);
}

// Something is wrong with the input; at: at this place in the text, or NULL.
static void
complain_about(const struct Input *in, const char *at, const char *what)
{
	int number = in->line, column = 0;

	// the text is the lines up to in->line
	for (const char *c = at; c && *c; c++)
		number -= *c == '\n';
	for (const char *c = at; c && c >= text && (c == at || *c != '\n'); c--)
		column++;

	fprintf(2, "sh: ");
	if (in->name)
		fprintf(2, "%s: ", in->name);
	if (!shell.interactive && number > 0)
		fprintf(2, "line %d%s", number, at ? ", " : ": ");
	if (at)
		fprintf(2, "column %d: ", column);
	fprintf(2, "%s\n", what);
	shell.params.status = STATUS_USAGE;
}

// Reads a line with those that continue it, and takes it apart. 1; 0 if it was wrong, which
// was reported; or the error of input_line.
static int
read_line(struct Input *in)
{
	int len = 0;

	for (;;) {
		const char *prompt = shell.interactive ? len > 0 ? "> " : "$ " : NULL;
		int r = input_line(in, text + len, LINE_ROOM - len, prompt);
		if (r == -E_INVAL) {
			complain_about(in, NULL, "line too long");
			return 0;
		}
		if (r < 0 && (r != -E_EOF || len == 0))
			return r;
		enum ParseResult result = PARSE_MORE; // and there is no more
		if (r >= 0) {
			len += r;
			result = parse_line(&line, text);
		}
		if (result == PARSE_OK)
			return 1;
		if (r < 0)
			text[--len] = 0; // the new line that was to be followed by more
		if (result == PARSE_ERROR || r < 0) {
			complain_about(in, text + line.error_at, line.error);
			return 0;
		}
		if (len + 2 >= LINE_ROOM) {
			complain_about(in, NULL, "line too long");
			return 0;
		}
		text[len++] = '\n';
		text[len] = 0;
	}
}

// Runs all lines, and ends the shell.
static void __attribute__((noreturn)) run_input(struct Input *in)
{
	for (;;) {
		job_report();
		int r = read_line(in);
		if (r < 0) {
			if (shell.interactive && r == -E_EOF)
				fprintf(2, "\n");
			if (r == -E_NOT_EXEC)
				complain_about(in, NULL, "this is not text");
			else if (r != -E_EOF)
				complain_about(in, NULL, error_words(r));
			shell_exit(r == -E_EOF ? shell.params.status : STATUS_NOT_EXEC);
			continue;
		}
		if (r == 0 && !shell.interactive)
			exit_status(STATUS_USAGE);
		if (r == 0 || line.npipelines == 0)
			continue;
		bool was_warned = warned;
		if (shell.echo)
			printf("# %s\n", text);
		run_line(&line);
		if (was_warned)
			warned = false;
	}
}

static void __attribute__((noreturn)) usage(void)
{
	fprintf(2, "usage: sh [-ix] [FILE [ARG...] | -c TEXT [NAME [ARG...]]]\n");
	exit_status(STATUS_USAGE);
}

void
umain(int argc, char **argv)
{
	static struct Input in;
	struct Argstate options;
	bool prompts = false;
	int option;

	argstart(&argc, argv, &options);
	while (!in.text && (option = argnext(&options)) >= 0) {
		if (option == 'i')
			prompts = true;
		else if (option == 'x')
			shell.echo = true;
		else if (option != 'c' || !(in.text = argnextvalue(&options)))
			usage();
	}

	shell.self = thisenv->env_id;
	shell.params.self = shell.self;
	shell.params.argc = MAX(argc - 2, 0);
	shell.params.argv = (const char **)(argc > 1 ? argv + 1 : argv);
	if (!in.text && argc > 1) {
		in.name = argv[1];
		in.fd = open(in.name, O_RDONLY);
		if (in.fd < 0) {
			fprintf(2, "sh: %s: %e\n", in.name, in.fd);
			exit_status(in.fd == -E_NOT_FOUND ? STATUS_NOT_FOUND : STATUS_NOT_EXEC);
		}
	}
	shell.interactive = prompts || (!in.text && !in.name && iscons(0) == 1);
	// For good, so that no program can take ctrl-C meanwhile: with nothing in front, the
	// key is a character.
	if (shell.interactive)
		sys_cons_interrupt(1);
	run_input(&in);
}
