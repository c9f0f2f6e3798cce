// The commands that the shell does itself, because they are about the shell.
// Each gets its arguments and descriptors 0, 1, ... as they are to be for it,
// and returns its status.
#include <user/help.h>
#include <user/number.h>
#include <user/sh/sh.h>

static int
do_exit(const struct Args *args, const int *fds)
{
	long status = shell.params.status;

	if (args->argc > 2 ||
	    (args->argc > 1 && !read_number(args->argv[1], 10, NUMBER_MIN, NUMBER_MAX, &status))) {
		fprintf(fds[2], "usage: exit [STATUS]\n");
		return STATUS_USAGE;
	}
	shell_exit(status);
	return 1;
}

static int
do_help(const struct Args *args, const int *fds)
{
	return help_print(fds[1], fds[2], args->argc, args->argv);
}

static int
do_jobs(const struct Args *args, const int *fds)
{
	if (args->argc > 1) {
		fprintf(fds[2], "usage: jobs\n");
		return STATUS_USAGE;
	}
	job_list(fds[1]);
	return 0;
}

static int
do_kill(const struct Args *args, const int *fds)
{
	int status = 0;

	if (args->argc < 2) {
		fprintf(fds[2], "usage: kill ID | -ID | %%JOB...\n");
		return STATUS_USAGE;
	}
	for (int i = 1; i < args->argc; i++)
		status = MAX(status, kill_one(args->argv[i], fds[2]));
	return status;
}

static int
do_wait(const struct Args *args, const int *fds)
{
	int status = 0;

	if (args->argc == 1)
		return job_wait(NULL, fds[2]);
	for (int i = 1; i < args->argc && !shell.interrupted; i++)
		status = job_wait(args->argv[i], fds[2]);
	return status;
}

static int
do_cd(const struct Args *args, const int *fds)
{
	fprintf(fds[2], "sh: cd: there is no current directory: all paths begin at the root\n");
	return 1;
}

// The builtin of that name, or NULL.
Builtin
builtin_find(const char *name)
{
	static const struct {
		const char *name;
		Builtin run;
	} builtins[] = {
		{"cd", do_cd},     {"exit", do_exit}, {"help", do_help},
		{"jobs", do_jobs}, {"kill", do_kill}, {"wait", do_wait},
	};

	for (size_t i = 0; i < ARRAY_SIZE(builtins); i++)
		if (strcmp(name, builtins[i].name) == 0)
			return builtins[i].run;
	return NULL;
}
