// Environments, the kernel's side: processes, and the syscall threads that
// extend them. What programs see of an env is inc/env.h's struct Env.
//
// Status, and who may change it:
//   FREE -> NOT_RUNNABLE        env_alloc
//   NOT_RUNNABLE -> RUNNABLE    whoever holds the env's lock (sched_ready)
//   RUNNABLE -> RUNNING         the CPU that took it from a run queue
//   RUNNING -> anything         only the CPU that runs it, under the lock;
//                               others set k->request and interrupt that CPU
//   any -> DYING -> FREE        env_destroy; the slot is free again when
//                               neither the env nor its syscall thread is left
//   DYING -> ZOMBIE -> FREE     if its parent watches it: env_collect
#ifndef KERN_ENV_H
#define KERN_ENV_H

#include <inc/env.h>
#include <inc/syscall.h>
#include <kern/call.h>
#include <kern/cpu.h>
#include <kern/spinlock.h>

struct AddrSpace;
struct Fsc;

// What others ask of a running env.
#define REQ_DIE 1
#define REQ_STOP 2 // become NOT_RUNNABLE

// The first fields are known to kern/trapentry.S.
struct EnvKernel {
	// The registers of ring 3: entry pushes them straight to here.
	struct Trapframe tf;
	uintptr_t kstack;           // of the CPU that runs it
	uint32_t ncalls[NSYSCALLS]; // by trap
	struct Call call;           // its call by trap
	volatile uint32_t request;  // REQ_*; set under lock, read without

	struct Spinlock lock;

	// Under lock, as are the fields of struct Env.
	struct CallQueue receivers; // parked receives, served in order
	int nopen;                  // of them, for messages from anybody
	uint32_t nreceives;         // so far
	bool called;                // others may wait for its answer
	bool watches;               // a child of its has ENVF_WATCHED
	bool forks;                 // it has called exofork
	uint8_t handoffs;           // kern/sched.c
	struct Fsc *fsc;            // a process's syscall page, a thread's own
	int holds;                  // 1 while it lives, 1 for its syscall thread
	bool faulted;               // ended for a fault, or by another
	envid_t freed_by;           // for the log

	struct AddrSpace *as; // set while it has the slot; holds a reference

	// Under the run queue's lock.
	struct Env *rq_next, *rq_prev;
	struct RunQueue *rq; // the queue it is in, or NULL

	// The running CPU's own.
	struct Trapframe *kframe; // a thread that was preempted: its frame
	uintptr_t kthread_stack;  // a thread's own stack, its top
	uint32_t cpumask;         // CPUs it may run on
	uintptr_t tls;            // base of GD_TLS
	uint16_t fs, gs;
	bool fpu_live; // registers are in the CPU: save before another takes it
	bool fpu_used;
	uint64_t ticks; // timer ticks that found it running

	// Under the table's lock.
	struct Env *free_next, *free_prev;

	uint8_t fpu[512] __attribute__((aligned(16)));
};

extern struct Env envs[NENV];
extern uint32_t env_nlive;            // envs that are not FREE
extern volatile uint32_t env_nactive; // envs that run, will run, wait for a device, or end

// Whether e is, or was a moment ago, the live env of that id.
static inline bool
env_lives(const struct Env *e, envid_t id)
{
	return e->env_id == id && e->env_status != ENV_FREE && e->env_status != ENV_DYING &&
	       e->env_status != ENV_ZOMBIE;
}

static inline bool
env_is_thread(const struct Env *e)
{
	return e->env_type == ENV_TYPE_SYSCALL;
}

void env_init(void);
void env_reset_ids(void);
int env_alloc(struct Env **store, struct Env *parent, enum EnvType type);
void env_free_slot(struct Env *e);
int env_lookup(struct Env *caller, envid_t id, bool checkperm, struct Env **store);
int env_lookup_as(struct Env *caller, envid_t id, struct AddrSpace **store);

void env_destroy(struct Env *by, struct Env *e);
void env_fault(struct Env *e);
void env_reap(struct Env *e);
void env_drop(struct Env *e);

bool env_waits(const struct Env *e);
const char *env_waits_for(const struct Env *e);

void env_save_regs(struct Env *e);
void env_run(struct Env *e) __attribute__((noreturn));
void env_return(struct EnvKernel *k) __attribute__((noreturn)); // trapentry.S

// kern/job.c
int env_collect(struct Env *parent, envid_t id);
void env_end_unborn(struct Env *parent);
bool env_any_of_job(const struct Env *by, envid_t group);
bool env_destroy_job(struct Env *by, envid_t group);

// kern/sysipc.c
int ipc_send_from_kernel(envid_t to, uint32_t value);
void ipc_abandon_callers(envid_t ended);

// kern/load.c
bool program_exists(const char *name);
int load_program(struct Env *e, const char *name, int argc, char **argv);

// kern/fpu.c
void fpu_init(void);
void fpu_trap(struct Env *e);
void fpu_save(struct Env *e);
void fpu_drop(struct Env *e);

#endif
