// Starting children: programs, and copies of the shell itself.
#include <inc/elf.h>
#include <user/program.h>
#include <user/sh/job.h>
#include <user/sh/sh.h>

// Whether a file that is no program looks like text, and so like a script.
static bool
is_script(const char *path)
{
	char head[128];
	uint32_t magic;
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return false;
	int n = read(fd, head, sizeof(head));
	close(fd);
	if (n < 0)
		return false;
	memcpy(&magic, head, sizeof(magic));
	if (n >= (int)sizeof(magic) && magic == ELF_MAGIC)
		return false;
	for (int i = 0; i < n; i++)
		if (!head[i])
			return false;
	return true;
}

// Has another shell read the script at path.
static envid_t
start_script(const char *path, const struct Args *args, const struct Plan *plan)
{
	static const char *argv[ARGS_MAX + 2];

	argv[0] = "sh";
	argv[1] = path;
	for (int i = 1; i <= args->argc; i++)
		argv[i + 1] = args->argv[i];
	return spawn_fds("/sh", argv, plan->fd, PLAN_FDS);
}

// Makes a child of a program or a script, which does not run yet. Its id; or an error,
// which was reported and put into *status.
envid_t
start_program(const struct Args *args, const struct Plan *plan, int *status)
{
	static char path[MAXPATHLEN];
	const char *name = args->argv[0];
	struct Stat st;

	if (!*name) {
		fprintf(plan->fd[2], "sh: '': not found\n");
		*status = STATUS_NOT_FOUND;
		return -E_NOT_FOUND;
	}
	envid_t env = -E_BAD_PATH;
	if (program_path(path, name))
		env = spawn_fds(path, (const char **)args->argv, plan->fd, PLAN_FDS);
	if (env == -E_NOT_EXEC && is_script(path))
		env = start_script(path, args, plan);
	if (env > 0)
		return env;
	if (env == -E_NOT_EXEC && stat(path, &st) == 0 && st.st_isdir)
		env = -E_IS_DIR;

	*status = program_status(env);
	if (env == -E_NOT_FOUND)
		fprintf(plan->fd[2], "sh: %s: not found\n", name);
	else if (env == -E_INVAL)
		fprintf(plan->fd[2], "sh: %s: its arguments are too long\n", name);
	else
		fprintf(plan->fd[2], "sh: %s: %e\n", name, env);
	return env;
}

// Makes a child that is a copy of this shell, but not interactive. As fork; the flags
// (ENVF_*) hold before the child goes on.
envid_t
start_fork(uint32_t flags)
{
	envid_t parent = thisenv->env_id;
	envid_t child = fork();

	if (child > 0) {
		sys_env_set_flags(child, flags);
	} else if (child == 0) {
		while (!(thisenv->env_flags & ENVF_WATCHED)) {
			if (!env_is_alive(parent))
				exit();
			sys_yield();
		}
		shell.interactive = false;
	}
	return child;
}
