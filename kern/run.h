// A run: the boot's commands, one after the other, and the end of it all.
#ifndef KERN_RUN_H
#define KERN_RUN_H

#include <inc/types.h>

struct Env;

enum RunLog {
	LOG_ENV = 1, // the envs' life
	LOG_RUN = 2, // each command and how it ended
};

// How QEMU is left.
enum RunCode { RUN_OK, RUN_FAILED, RUN_PANIC };

extern int run_log_mask;

static inline bool
run_log(enum RunLog what)
{
	return run_log_mask & what;
}

void run_init(void);
void run_start(void);
bool run_monitor(void);
void run_note_end(struct Env *e);
void run_quiescent(void);
int run_result(void);
void run_leave(int code) __attribute__((noreturn));

#endif
