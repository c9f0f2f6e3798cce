// What a process has used, and has.
#ifndef INC_PSTAT_H
#define INC_PSTAT_H

#include <inc/env.h>
#include <inc/types.h>

// sys_env_stat: of a process with all of its threads, those that have ended and its
// syscall threads included; or of one thread.
struct EnvStat {
	envid_t id, parent, process;
	enum EnvType type;
	enum EnvStatus status; // of a process, RUNNING or RUNNABLE if any of its threads is
	int cpu;               // that it is on, or was on last
	uint32_t flags;        // ENVF_*
	uint32_t threads;      // that have not ended, the first included; of a thread, 1
	uint64_t runs;         // times it was given a CPU
	uint64_t ticks;        // timer ticks that found it running
	uint64_t preempted;    // times it was forced off its CPU

	// Cycles of the time-stamp counter on a CPU. kernel and calls are parts of
	// cycles, and counted with ENVF_TIMED only, but for what a syscall thread does on a
	// CPU of its own.
	uint64_t cycles;
	uint64_t kernel; // in ring 0: system calls by trap, page faults
	uint64_t calls;  // by a syscall thread

	// The same of its children that have ended, with theirs.
	uint64_t child_cycles, child_kernel, child_calls;

	// Pages.
	uint32_t nresident; // mapped
	uint32_t nshared;   // of them, mapped elsewhere too
	uint32_t nswapped;  // marked PTE_SWAPPED
	uint32_t limit;     // 0: none
	char name[20];
};

// sys_mem_run: pages in a row that are alike.
struct MemRun {
	uintptr_t start;
	uint32_t npages;
	uint32_t bits;    // of the page table entries: PTE_P, PTE_W, PTE_U, PTE_AVAIL
	uint32_t nshared; // of them, mapped elsewhere too
};

// gettimes.
struct times {
	uint64_t procticks; // times the process was forced off its CPU
	uint64_t allticks;  // timer ticks since the program started
};

// getpstat: the processes, in OSTEP's manner, small enough for a page of stack. Element
// i of each array is of one process.
#define PSTAT_MAX 64
struct pstat {
	int nprocs;           // how many there are, also if that is more than PSTAT_MAX
	int inuse[PSTAT_MAX]; // 1; 0 from there on there is nothing
	int pid[PSTAT_MAX];
	int ppid[PSTAT_MAX];     // 0: the kernel started it
	int ticks[PSTAT_MAX];    // timer ticks that found it running, INT_MAX at most
	int resident[PSTAT_MAX]; // pages
	short threads[PSTAT_MAX];
	signed char state[PSTAT_MAX]; // enum EnvStatus
	signed char cpu[PSTAT_MAX];   // that it is on, or was on last
	char name[PSTAT_MAX][20];
};
static_assert(sizeof(struct pstat) <= 3 * 1024, "getpstat fits a small stack");

// lib/pstat.c
int getpstat(struct pstat *store);
int gettimes(struct times *store);
int pstat_next(int from, struct EnvStat *store);

#endif
