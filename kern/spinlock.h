// Spin locks, taken with interrupts off, in the order of their ranks.
#ifndef KERN_SPINLOCK_H
#define KERN_SPINLOCK_H

#include <inc/types.h>

// The order in which a CPU may take locks: each rank after the smaller ones,
// and two of one rank only as doc/locking.md says.
enum LockRank {
	RANK_FUTEX = 1, // waiters for words
	RANK_ENV,       // struct EnvKernel of a process
	RANK_THREAD,    // struct EnvKernel of a syscall thread
	RANK_ASPACE,    // struct AddrSpace; two by address
	RANK_RUNQUEUE,  // struct RunQueue
	RANK_ENVTABLE,  // free envs
	RANK_POOL,      // address spaces, kernel stacks
	RANK_CPUPAGES,  // a CPU's free pages
	RANK_FREEPAGES, // all CPUs' free pages
	RANK_CONSOLE,
};

struct Spinlock {
	volatile uint32_t locked;
	enum LockRank rank;
	const char *name;
	int cpu;      // of the holder, -1 if none
	uintptr_t pc; // where it was taken
};

#define SPINLOCK(lockname, lockrank)                              \
	{                                                         \
		.name = (lockname), .rank = (lockrank), .cpu = -1 \
	}

void spin_init(struct Spinlock *lock, const char *name, enum LockRank rank);
void spin_lock(struct Spinlock *lock);
void spin_unlock(struct Spinlock *lock);
bool spin_holding(struct Spinlock *lock);

#endif
