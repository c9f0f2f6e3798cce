// A shell on the console, for init and initsh.
#ifndef USER_KEEPSHELL_H
#define USER_KEEPSHELL_H

#include <inc/lib.h>
#include <user/status.h>

// Shells in a row that may end at once before this gives up, and how soon that is.
#define SHELL_TRIES 5
#define SHELL_SOON_MS 500

// Makes the console descriptors 0, 1 and 2.
static inline int
console_first(void)
{
	int r;

	close(0);
	if ((r = opencons()) < 0)
		return r;
	if (r != 0)
		return -E_MAX_OPEN;
	if ((r = dup(0, 1)) < 0 || (r = dup(0, 2)) < 0)
		return r;
	return 0;
}

// Runs shells until one ends by its own exit, and returns its status. One that was
// ended is replaced. An error if none can be started.
static inline int
keep_shell(const char *who)
{
	for (int tries = 0; tries < SHELL_TRIES; tries++) {
		cprintf("%s: starting sh\n", who);
		uint32_t start = sys_time_msec();
		const char *argv[] = {"sh", NULL};
		envid_t shell = spawn_stopped("/sh", argv);
		if (shell < 0) {
			cprintf("%s: /sh: %e\n", who, shell);
			return shell;
		}
		sys_env_set_flags(shell, ENVF_WATCHED);
		sys_env_set_status(shell, ENV_RUNNABLE);
		int status = wait_status(shell);
		if (status >= 0)
			return status;
		const char *words = status_words(status);
		cprintf("%s: sh: %s\n", who, words ? words : error_words(status));
		if (msec_since(start) >= SHELL_SOON_MS)
			tries = -1;
	}
	cprintf("%s: sh ends again and again\n", who);
	return -E_UNSPECIFIED;
}

#endif
