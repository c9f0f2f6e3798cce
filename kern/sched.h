// Giving envs the CPUs.
#ifndef KERN_SCHED_H
#define KERN_SCHED_H

#include <inc/types.h>

#define SCHED_HZ 100 // time slices a second

struct Env;

void sched(void) __attribute__((noreturn));
void sched_preempt(struct Env *e);
bool sched_others_wait(void);
void sched_balance(void);

// Under the env's lock:
void sched_ready(struct Env *e);
void sched_ready_here(struct Env *e);
void sched_block(struct Env *e);
void sched_remove(struct Env *e);
void sched_set_active(bool active);

void sched_serve_request(struct Env *e) __attribute__((noreturn));

#endif
