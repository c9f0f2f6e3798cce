// xv6's calls, made of the library's: inc/xv6.h gives programs xv6's names for them.
// All return -1 for any error, unless said otherwise. doc/processes.md says what differs
// from xv6.
//
// In parentheses, a name is that of the library's function.
#include "lib/xv6.h"

// ---- Processes --------------------------------------------------------------------

// Ends the calling thread; if it is the main one, the process.
void __attribute__((noreturn)) xv6_exit(int status)
{
	exit_status(status);
}

// As fork. The child is there until wait has found it, also if it ends at once.
int
xv6_fork(void)
{
	return result(fork_flags(ENVF_WATCHED));
}

// Frees a child of the process that has ended. Its id; 0 if none has, -1 if there is
// no child. *status: what it gave to exit, -1 if it didn't come to that.
static int
collect_any(envid_t process, int *status)
{
	int found = -1;

	for (const volatile struct Env *e = envs; e < envs + NENV; e++) {
		envid_t id = e->env_id;
		if (e->env_parent_id != process || e->env_status == ENV_FREE ||
		    e->env_process != id || !(e->env_flags & ENVF_WATCHED))
			continue;
		found = 0;
		if (e->env_status != ENV_ZOMBIE)
			continue;
		int ended = e->env_exit_status;
		if (sys_env_collect(id) < 0) // another thread was first
			continue;
		*status = result(ended);
		return id;
	}
	return found;
}

// Waits until a child that xv6_fork made has ended, whichever, and frees it. Its id; -1
// if there is none. status may be NULL.
int
xv6_wait(int *status)
{
	envid_t process = thisenv->env_process;
	const volatile struct Env *e = &envs[ENVX(process)];
	int r, ended = -1;

	for (;;) {
		uint32_t ends = e->env_child_ends; // before the look
		if ((r = collect_any(process, &ended)) != 0)
			break;
		sys_futex_wait(&e->env_child_ends, ends);
	}
	if (r > 0 && status)
		*status = ended;
	return r;
}

// Runs the program at path in place of the caller's, as far as descriptors, output and
// exit status go: it is a child, and the caller ends as it does. Returns only if it
// can't be run.
int
xv6_exec(const char *path, char **argv)
{
	envid_t child = spawn_stopped(path, (const char **)argv);
	int r;

	if (child < 0)
		return -1;
	if ((r = sys_env_set_flags(child, ENVF_WATCHED)) == 0)
		r = sys_env_set_status(child, ENV_RUNNABLE);
	if (r < 0) {
		sys_env_destroy(child);
		return -1;
	}
	close_all(); // ends of pipes are the child's alone
	r = wait_status(child);
	exit_status(result(r));
}

// Ends a child, or another process of the caller's job. 0 or -1.
int
xv6_kill(int pid)
{
	return pid > 0 ? result(sys_env_destroy(pid)) : -1;
}

// The id of the calling thread, which of a main thread is that of the process.
int
xv6_getpid(void)
{
	return thisenv->env_id;
}

// Returns 0 when that many ticks of the timer have passed.
int
xv6_sleep(int ticks)
{
	uint32_t began = sysinfo.ticks, now;

	while (ticks > 0 && (now = sysinfo.ticks) - began < (uint32_t)ticks)
		sys_futex_wait(&sysinfo.ticks, now);
	return 0;
}

// Ticks since the machine started.
int
xv6_uptime(void)
{
	return sysinfo.ticks & 0x7fffffff;
}

// ---- Text -------------------------------------------------------------------------

void
xv6_printf(int fd, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(fd, fmt, ap);
	va_end(ap);
}

// Onto descriptor 1.
void
xv6_print(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(1, fmt, ap);
	va_end(ap);
}

int
xv6_atoi(const char *s)
{
	return strtol(s, NULL, 10);
}

// Reads a line from descriptor 0, with its end, into buf: at most max - 1 characters, and
// a 0. From the console it is edited; the rest of one too long is dropped. buf, which
// is empty at the end of the input.
char *
xv6_gets(char *buf, int max)
{
	int n = 0;

	if (max > 1 && iscons(0) > 0) {
		const char *line = readline("");
		if (line)
			n = MIN(snprintf(buf, max, "%s\n", line), max - 1);
	} else {
		while (n + 1 < max && (read)(0, &buf[n], 1) == 1)
			if (buf[n++] == '\n')
				break;
	}
	if (max > 0)
		buf[n] = 0;
	return buf;
}
