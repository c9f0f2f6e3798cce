// Spin locks. A CPU in the kernel has interrupts off, so a holder is never
// interrupted, and a spinner must answer TLB flushes by hand. Ranks are checked
// at every take: a wrong order is found the first time, not when it deadlocks.

#include <inc/assert.h>
#include <inc/x86.h>
#include <kern/clock.h>
#include <kern/cpu.h>
#include <kern/spinlock.h>
#include <kern/tlb.h>

// A holder may sit on a virtual CPU that its host has descheduled; only
// seconds mean that it will never let go.
#define SPIN_LIMIT_MS 20000

void
spin_init(struct Spinlock *lock, const char *name, enum LockRank rank)
{
	*lock = (struct Spinlock)SPINLOCK(name, rank);
}

// Whether this CPU holds the lock.
SWITCHPATH bool
spin_holding(struct Spinlock *lock)
{
	return lock->locked && lock->cpu == cpunum();
}

static __attribute__((noinline)) void
spin_wait(struct Spinlock *lock, uintptr_t pc)
{
	uint64_t start = read_tsc();
	do {
		while (lock->locked) {
			pause();
			tlb_service();
			if (tsc_khz && read_tsc() - start > (uint64_t)SPIN_LIMIT_MS * tsc_khz)
				panic("lock %s: CPU %d waits at %08x, CPU %d took it at %08x",
				      lock->name, cpunum(), pc, lock->cpu, lock->pc);
		}
	} while (xchg(&lock->locked, 1) != 0);
}

SWITCHPATH void
spin_lock(struct Spinlock *lock)
{
	uintptr_t pc = (uintptr_t)__builtin_return_address(0);
	struct Cpu *cpu = thiscpu;

	if (cpu->nheld) {
		struct Spinlock *last = cpu->held[cpu->nheld - 1];
		if (lock->rank < last->rank || (lock->rank == last->rank && lock <= last))
			panic("lock order: %s at %08x after %s", lock->name, pc, last->name);
	}
	if (xchg(&lock->locked, 1) != 0)
		spin_wait(lock, pc);
	lock->cpu = cpu->id;
	lock->pc = pc;
	assert(cpu->nheld < MAXHELD);
	cpu->held[cpu->nheld++] = lock;
}

SWITCHPATH void
spin_unlock(struct Spinlock *lock)
{
	struct Cpu *cpu = thiscpu;
	int i = cpu->nheld - 1;

	while (i >= 0 && cpu->held[i] != lock)
		i--;
	if (i < 0)
		panic("lock %s: not held", lock->name);
	for (cpu->nheld--; i < cpu->nheld; i++)
		cpu->held[i] = cpu->held[i + 1];
	lock->cpu = -1;
	// x86 makes earlier stores visible before this one.
	barrier();
	lock->locked = 0;
}
