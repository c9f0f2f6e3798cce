// Environments, the kernel's side: processes, their threads, and the syscall threads
// that extend both. What programs see of an env is inc/env.h's struct Env.
//
// A process is its first env, the main one, whose id is the env_process of all its
// threads. Each of them holds it: the main env's slot is in use until they are gone.
//
// Status, and who may change it:
//   FREE -> NOT_RUNNABLE        env_alloc
//   NOT_RUNNABLE -> RUNNABLE    whoever holds the env's lock (sched_ready)
//   RUNNABLE -> RUNNING         the CPU that took it from a run queue
//   RUNNING -> anything         only the CPU that runs it, under the lock;
//                               others set k->request and interrupt that CPU
//   any -> DYING -> FREE        env_destroy; the slot is free again when
//                               neither the env nor its syscall thread is left
//   DYING -> ZOMBIE -> FREE     if its parent watches it: env_collect; a thread: sys_join
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
#define REQ_STOP 2  // become NOT_RUNNABLE
#define REQ_TIMED 4 // always set with ENVF_TIMED: come by where time is taken

// What an env has used. Under its lock, until it has ended.
struct Usage {
	uint64_t runs, ticks, preempted;
	uint64_t cycles, kernel, calls;
};

// The first fields are known to kern/trapentry.S.
struct EnvKernel {
	// The registers of ring 3: entry pushes them straight to here.
	struct Trapframe tf;
	uintptr_t kstack;           // of the CPU that runs it
	uint32_t ncalls[NSYSCALLS]; // by trap
	struct Call call;           // its call by trap
	struct IpcSend send;        // of that
	struct Progress progress;   // of that
	volatile uint32_t request;  // REQ_*; set under lock, read without

	struct Spinlock lock;

	// Under lock, as are the fields of struct Env.
	struct CallQueue receivers; // parked receives, served in order
	int nopen;                  // of them, for messages from anybody
	struct CallQueue senders;   // calls of others that wait for such a receive
	uint32_t nreceives;         // so far
	bool called;                // others may wait for its answer
	bool watches;               // a child of its has ENVF_WATCHED
	bool forks;                 // it has called exofork
	uint8_t handoffs;           // kern/sched.c
	struct Fsc *fsc;            // its syscall page; a syscall thread's own
	int holds;                  // 1 while it lives, 1 for its syscall thread, 1 a thread
	bool faulted;               // ended for a fault, or by another
	envid_t freed_by;           // for the log

	// Of a process, under its main env's lock.
	bool cloned;                         // it has had threads
	int nthreads;                        // cloned and not ended
	int njoining;                        // of the ended, in the hands of sys_join
	struct Env *ended_head, *ended_tail; // threads that nobody has joined
	struct Usage gone;                   // used by threads that have ended
	uint32_t ngone;                      // changes when a thread's use goes elsewhere,
	int going;                           // which is being done for so many
	struct Usage children;               // by children that have ended
	uint64_t began;                      // sysinfo_ticks at its start

	// Of a thread.
	uintptr_t stack;        // as given to clone
	struct Env *ended_next; // in the list above, under that lock
	bool is_gone;           // what it has used is counted elsewhere; under the main env's
				// lock, of a syscall thread under its own

	struct Usage used;
	uint64_t on_since; // the time-stamp counter when it got its CPU
	uint64_t entered;  // with REQ_TIMED: when it came into the kernel; 0: not so

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
env_is_syscall_thread(const struct Env *e)
{
	return e->env_type == ENV_TYPE_SYSCALL;
}

// The main env of its process, which it holds.
static inline struct Env *
env_main(const struct Env *e)
{
	return &envs[ENVX(e->env_process)];
}

void env_init(void);
void env_reset_ids(void);
int env_alloc(struct Env **store, struct Env *parent, enum EnvType type);
void env_free_slot(struct Env *e);
bool env_is_own(const struct Env *caller, const struct Env *e);
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

// kern/thread.c
void thread_end_all(struct Env *main);
void thread_settle(struct Env *thread);

// kern/usage.c
void usage_frame(struct Env *e);
void usage_time(struct Env *e);
void usage_on(struct Env *e);
void usage_off(struct Env *e);
void usage_leave(struct Env *e);
void usage_of_thread(struct Env *e);
void usage_to_owner(struct Env *owner, struct Env *thread);
void usage_add(struct Usage *sum, const struct Usage *part);
void usage_to_parent(struct Env *e);

// kern/job.c
int env_collect(struct Env *parent, envid_t id);
void env_end_unborn(struct Env *parent);
bool env_any_of_job(const struct Env *by, envid_t group);
bool env_destroy_job(struct Env *by, envid_t group);

// kern/sysipc.c
void ipc_cancel(struct Call *call);
int ipc_send_from_kernel(envid_t to, uint32_t value);
void ipc_abandon_callers(struct Env *callee);

// kern/load.c
bool program_exists(const char *name);
int load_program(struct Env *e, const char *name, int argc, char **argv);

// kern/fpu.c
void fpu_init(void);
void fpu_trap(struct Env *e);
void fpu_save(struct Env *e);
void fpu_drop(struct Env *e);

#endif
