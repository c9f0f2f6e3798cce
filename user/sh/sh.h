// What the parts of the shell share. user/sh.c has the outline.
#ifndef USER_SH_SH_H
#define USER_SH_SH_H

#include <inc/lib.h>
#include <user/sh/expand.h>
#include <user/sh/parse.h>
#include <user/status.h>

struct Shell {
	bool interactive; // prompts, and has jobs that the console can end
	bool echo;        // -x
	bool interrupted; // ctrl-C: the rest of the line is not run
	envid_t self;     // the shell, whose copy this may be
	struct Parameters params;
};

// user/sh.c
extern struct Shell shell;
void shell_exit(int status);

// user/sh/input.c: where lines come from.
struct Input {
	const char *name; // for messages; NULL: none
	const char *text; // what is left of it, or NULL: from fd
	int fd;
	int line; // the number of the line read last
	int at, n;
	char buf[512];
};
int input_line(struct Input *in, char *line, int room, const char *prompt);

// user/sh/redir.c: which of the shell's descriptors a command gets as 0, 1, ...
#define PLAN_FDS 10
struct Plan {
	int fd[PLAN_FDS]; // -1: none
	int opened[PLAN_FDS];
	int nopened;
};
void plan_start(struct Plan *plan);
int plan_redirect(struct Plan *plan, const struct Redir *redir);
int plan_no_input(struct Plan *plan);
void plan_close(struct Plan *plan);
void plan_keep_only(const struct Plan *plan);

// user/sh/start.c: starting children.
envid_t start_program(const struct Args *args, const struct Plan *plan, int *status);
envid_t start_fork(uint32_t flags);

// user/sh/run.c
void run_line(const struct Line *line);

// user/sh/job.c: what runs in the background.
struct Job;
struct Job *job_new(int n, const char *text, int len);
void job_add(struct Job *job, envid_t env, int status);
void job_started(struct Job *job);
void job_report(void);
void job_list(int fd);
int job_wait(const char *which, int err);
bool job_any(void);
void job_forget(void);

// user/sh/kill.c
int kill_one(const char *which, int err);
void kill_all(void);

// user/sh/builtin.c: commands that the shell does itself.
typedef int (*Builtin)(const struct Args *args, const int *fds);
Builtin builtin_find(const char *name);

#endif
