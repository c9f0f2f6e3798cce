// Environments: the kernel's processes, their threads, and syscall threads.
#ifndef INC_ENV_H
#define INC_ENV_H

#include <inc/memlayout.h>
#include <inc/trap.h>
#include <inc/types.h>

typedef int32_t envid_t;

// An id is a generation (bits 12 and up, from 1) and an index into envs[]
// (ENVX). Each new env in a slot has a new generation, so that an old id
// never names it. 0 means the caller; ids are positive.
#define LOG2NENV 11
#define NENV (1 << LOG2NENV)
#define ENVX(envid) ((envid) & (NENV - 1))
#define ENVGENSHIFT 12

enum EnvStatus {
	ENV_FREE,
	ENV_DYING, // ended, but something of it is still in use
	ENV_RUNNABLE,
	ENV_RUNNING, // it, or its syscall thread for it, has CPU env_cpunum
	ENV_NOT_RUNNABLE,
	ENV_ZOMBIE, // ended; its parent is to collect its exit status
};

enum EnvType {
	ENV_TYPE_USER,
	ENV_TYPE_FS,      // a service: the run can end without it
	ENV_TYPE_SYSCALL, // a syscall thread, in ring 0
	ENV_TYPE_THREAD,  // a thread that a process's env, or another thread of it, has cloned
};

// sys_env_set_flags: what a parent wants of a child. The child's own children
// begin with the child's job, group and ENVF_FOREGROUND.
#define ENVF_WATCHED 1    // when it has ended its slot stays, as ENV_ZOMBIE, until collected
#define ENVF_JOB 2        // it belongs to the caller's job, as the first of a group there
#define ENVF_FOREGROUND 4 // with ENVF_JOB: ctrl-C ends it, while the caller owns that key
#define ENVF_TIMED 8      // tell user from kernel time (sys_env_stat), at a cost per call

struct EnvKernel; // the kernel's own half: kern/env.h

// What programs may read of every env, at UENVS. Kept by the kernel; the lock
// that covers a field is named in kern/env.h.
struct Env {
	envid_t env_id;
	envid_t env_parent_id;
	enum EnvType env_type;
	enum EnvStatus env_status;
	uint32_t env_runs; // times it was given a CPU
	int env_cpunum;    // the CPU that it is on, or was on last

	// The env that stands for the process: itself, unless it is a thread or a
	// syscall thread. A thread's env_parent_id is that env, too.
	envid_t env_process;

	uintptr_t env_pgfault_upcall; // 0: faults end the process
	uintptr_t env_xstacktop;      // the end of the page that is its exception stack

	// The message received last.
	volatile uint32_t env_ipc_recving; // whether it waits for one; a word to wait at
	uint32_t env_ipc_value;
	envid_t env_ipc_from;
	int env_ipc_perm; // of the page received, 0 if none

	envid_t env_syscall_thread; // 0 if none
	char env_name[20];          // program, cut to fit

	envid_t env_job;            // who made the job that it belongs to, 0: none
	envid_t env_group;          // the first env of that part of the job: a child of env_job
	uint32_t env_flags;         // ENVF_*
	int env_exit_status;        // of a zombie: what it gave to exit, or -E_FAULT, -E_KILLED
	volatile uint32_t env_ends; // envs that ended in this slot; a word to wait at

	// Of a process: its children and threads that have ended; a word to wait at.
	volatile uint32_t env_child_ends;
	uint32_t env_limit; // pages that it may have, 0: any number

	struct EnvKernel *k;
};

// What sys_clone gives a thread beside function and arguments.
typedef void (*thread_fn)(void *arg1, void *arg2);
struct ThreadInit {
	void *tls;       // base of its thread-local storage
	void *xstacktop; // the end of the page that is its exception stack
};

// The last page is the SystemInfo's: inc/sysinfo.h.
static_assert(NENV * sizeof(struct Env) <= PTSIZE - PGSIZE, "envs[] fits UENVS");

#endif
