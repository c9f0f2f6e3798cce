// Environments: the kernel's processes, threads and syscall threads.
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
};

enum EnvType {
	ENV_TYPE_USER,
	ENV_TYPE_FS,      // a service: the run can end without it
	ENV_TYPE_SYSCALL, // a syscall thread, in ring 0
};

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

	uintptr_t env_pgfault_upcall; // 0: faults end the env

	// The message received last.
	bool env_ipc_recving;
	uint32_t env_ipc_value;
	envid_t env_ipc_from;
	int env_ipc_perm; // of the page received, 0 if none

	envid_t env_syscall_thread; // 0 if none
	char env_name[20];          // program, cut to fit

	struct EnvKernel *k;
};

static_assert(NENV * sizeof(struct Env) <= PTSIZE, "envs[] fits UENVS");

#endif
