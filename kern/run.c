// A run. The boot names commands, a line each: PROGRAM ARGS... They run one after
// the other, each from an empty env table but for the file server. A command is over
// when nothing but services can ever run again; these are told, and finish. Then
// everything must have come back: frames, envs, stacks. After the last one the
// machine is left.

#include <inc/error.h>
#include <inc/fs.h>
#include <inc/stdio.h>
#include <inc/string.h>
#include <inc/x86.h>
#include <kern/cpu.h>
#include <kern/env.h>
#include <kern/fwcfg.h>
#include <kern/kstack.h>
#include <kern/mem.h>
#include <kern/monitor.h>
#include <kern/run.h>
#include <kern/sched.h>

#define DEBUG_EXIT_PORT 0x501 // QEMU's isa-debug-exit
#define MAXCOMMANDS 8192      // bytes of all commands
#define MAXARGS 32

int run_log_mask;

static char commands[MAXCOMMANDS]; // what is left of them
static char *next_command;
static bool many, monitor_wanted;
static int code = RUN_OK;

// The command that runs now.
static char command_name[32];
static envid_t first_env;
static envid_t server; // the file server; 0 if there is none
static bool server_told;
static bool first_ended_well;
static size_t free_before;
static int stacks_before;

static bool
has_word(const char *list, const char *word)
{
	const char *p = strstr(list, word);
	int n = strlen(word);
	return p && (p == list || p[-1] == ',') && (p[n] == ',' || p[n] == 0);
}

// Reads the boot's options.
void
run_init(void)
{
	char text[64];

	if (fwcfg_read("opt/flexsc/log", text, sizeof(text)) > 0)
		run_log_mask = (has_word(text, "env") ? LOG_ENV : 0) |
			       (has_word(text, "run") ? LOG_RUN : 0);
	if (fwcfg_read("opt/flexsc/monitor", text, sizeof(text)) > 0)
		monitor_wanted = text[0] == '1';
	int len = fwcfg_read("opt/flexsc/run", commands, sizeof(commands));
	if (len < 0)
		commands[0] = 0;
	if (len == -E_NO_MEM) {
		cprintf("run: the commands take more than %u bytes\n",
			(unsigned int)sizeof(commands) - 1);
		run_leave(RUN_FAILED);
	}
	next_command = commands;
	char *newline = strchr(commands, '\n');
	many = newline && newline[1];
}

bool
run_monitor(void)
{
	return monitor_wanted;
}

// How the run has gone so far; to leave in the middle of a command is a failure.
int
run_result(void)
{
	return env_nlive ? RUN_FAILED : code;
}

// Leaves QEMU; on other machines, stops this CPU.
void
run_leave(int status)
{
	outb(DEBUG_EXIT_PORT, status);
	for (;;)
		asm volatile("cli; hlt");
}

// Cuts a line into words; "..." groups. Returns how many, or -E_INVAL.
static int
split(char *line, char **argv)
{
	int argc = 0;

	for (char *p = line;;) {
		while (*p == ' ' || *p == '\t' || *p == '\r')
			*p++ = 0;
		if (!*p)
			return argc;
		if (argc == MAXARGS)
			return -E_INVAL;
		char stop = ' ';
		if (*p == '"') {
			stop = '"';
			p++;
		}
		argv[argc++] = p;
		while (*p && *p != stop && !(stop == ' ' && *p == '\t'))
			p++;
		if (*p)
			*p++ = 0;
		else if (stop == '"')
			return -E_INVAL;
	}
}

// A new env that runs a program. Its id, or an error with nothing left.
static int
start(enum EnvType type, const char *name, int argc, char **argv)
{
	struct Env *e;
	int id = env_alloc(&e, NULL, type), r;

	if (id < 0)
		return id;
	r = load_program(e, name, argc, argv);
	spin_lock(&e->k->lock);
	if (r < 0) {
		env_destroy(NULL, e);
		return r;
	}
	sched_ready(e);
	spin_unlock(&e->k->lock);
	return id;
}

static int
start_command(char *line)
{
	char *argv[MAXARGS + 1], *fs_argv[] = {"fs", NULL};
	int argc, r;

	first_ended_well = false;
	env_reset_ids();
	free_before = page_count_free() + kstack_count_pages();
	stacks_before = kstack_count_used();
	server = 0;
	server_told = false;
	strlcpy(command_name, line, sizeof(command_name));
	if ((argc = split(line, argv)) <= 0)
		return -E_INVAL;
	strlcpy(command_name, argv[0], sizeof(command_name));
	if (!program_exists(argv[0]))
		return -E_NOT_FOUND;
	if (program_exists("fs")) {
		if ((r = start(ENV_TYPE_FS, "fs", 1, fs_argv)) < 0)
			return r;
		server = r;
	}
	// If it can't be loaded, its end is the command's.
	first_env = 1 << ENVGENSHIFT;
	r = start(ENV_TYPE_USER, argv[0], argc, argv);
	if (r < 0)
		cprintf("run: %s: %e\n", command_name, r);
	return 0;
}

// Says how the command ended, and what did not come back.
static void
report(const char *how)
{
	int pages_lost = free_before - page_count_free() - kstack_count_pages();
	int stacks_lost = kstack_count_used() - stacks_before;
	int envs_lost = env_nlive;
	if (many || run_log(LOG_RUN))
		cprintf("=== %s: %s; lost %d pages, %d envs, %d stacks\n", command_name, how,
			pages_lost, envs_lost, stacks_lost);
	if (pages_lost || envs_lost || stacks_lost) {
		cprintf("lost: %d pages, %d envs, %d stacks\n", pages_lost, envs_lost, stacks_lost);
		code = RUN_FAILED;
	}
}

// Starts the next command that can be started, or ends it all.
static void
run_next(void)
{
	for (;;) {
		char *line = next_command;
		if (!*line)
			break;
		char *end = strfind(line, '\n');
		next_command = *end ? end + 1 : end;
		*end = 0;
		if (!*line)
			continue;
		if (many || run_log(LOG_RUN))
			cprintf("=== %s\n", line);
		int r = start_command(line);
		if (r == 0)
			return;
		cprintf("run: %s: %e\n", command_name, r);
		code = RUN_FAILED;
		report("destroyed");
	}
	if (monitor_wanted)
		for (;;)
			monitor(NULL);
	run_leave(code);
}

// On the first CPU, before the others schedule.
void
run_start(void)
{
	if (!*next_command && !monitor_wanted && program_exists("init"))
		strlcpy(commands, "init", sizeof(commands));
	if (!*next_command) {
		monitor_wanted = true;
		for (;;)
			monitor(NULL);
	}
	run_next();
}

// An env has been freed.
void
run_note_end(struct Env *e)
{
	if (e->env_id == first_env && !e->k->faulted)
		first_ended_well = true;
	if (e->env_id == server) {
		if (e->k->faulted) {
			cprintf("run: the file server has ended\n");
			code = RUN_FAILED;
		}
		server = 0;
	}
}

// Names those of a type that wait for what can no longer come. Whether there are any.
static bool
name_waiting(enum EnvType type)
{
	bool any = false;

	for (const struct Env *e = envs; e < envs + NENV; e++) {
		if (e->env_status != ENV_NOT_RUNNABLE || e->env_type != type)
			continue;
		cprintf("[%08x] %s waits for what can no longer come: %s\n", e->env_id, e->env_name,
			env_waits_for(e));
		any = true;
	}
	return any;
}

// Ends processes that wait, with their threads.
static void
end_waiting(enum EnvType type)
{
	for (struct Env *e = envs; e < envs + NENV; e++) {
		if (e->env_status != ENV_NOT_RUNNABLE || e->env_type != type)
			continue;
		spin_lock(&e->k->lock);
		env_destroy(NULL, e);
	}
}

// Nothing can run any more: the command is over. On an idle CPU, the others
// being idle too; no env is loaded anywhere. Returns if the file server, which is
// told now, has something left to do; then this is called again.
void
run_quiescent(void)
{
	static bool forever;

	forever |= name_waiting(ENV_TYPE_USER);
	forever |= name_waiting(ENV_TYPE_THREAD);
	end_waiting(ENV_TYPE_USER);
	if (env_nactive > 0) // somebody waited for one that was ended
		return;
	if (server && !server_told) {
		server_told = true;
		if (ipc_send_from_kernel(server, FSREQ_SHUTDOWN) == 0)
			return;
	}
	bool stuck = name_waiting(ENV_TYPE_FS);
	end_waiting(ENV_TYPE_FS);
	if (stuck || forever || !first_ended_well)
		code = RUN_FAILED;
	report(forever ? "waits forever" : first_ended_well ? "exited" : "destroyed");
	forever = false;
	if (!*next_command)
		cprintf("No runnable environments in the system!\n");
	run_next();
}
