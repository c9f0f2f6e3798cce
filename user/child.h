// For commands that run another: time, limit.
#ifndef USER_CHILD_H
#define USER_CHILD_H

#include <user/command.h>
#include <user/program.h>

// Makes a child that will run argv[0] with the arguments argv, found as the shell finds
// it, and that we watch. It does not run yet. Ends the command if there is none: said.
static inline envid_t
child_make(char **argv, uint32_t flags)
{
	static char path[MAXPATHLEN];
	const char *name = argv[0];
	envid_t child = -E_BAD_PATH;

	if (program_path(path, name))
		child = spawn_stopped(path, (const char **)argv);
	if (child < 0) {
		complain_of(name, child);
		exit_status(program_status(child));
	}
	sys_env_set_flags(child, flags | ENVF_WATCHED);
	return child;
}

// Waits for the end of a child that we watch. It stays a zombie.
static inline void
child_await(envid_t child)
{
	const volatile struct Env *e = &envs[ENVX(child)];

	for (;;) {
		uint32_t ends = e->env_ends; // before the look
		if (e->env_id != child || e->env_status == ENV_ZOMBIE)
			break;
		sys_futex_wait(&e->env_ends, ends);
	}
}

// Frees a child that has ended, and ends the command as it did; what it died of is
// said.
static inline void __attribute__((noreturn)) child_finish(envid_t child, const char *name)
{
	int r = wait_status(child);
	const char *words = status_words(r);

	if (words)
		complain_that(name, words);
	exit_status(status_number(r));
}

#endif
