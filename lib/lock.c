// The ticket lock of inc/thread.h.
//
// Who wants the lock draws a ticket, and has it when that ticket is served. A waiter
// looks for a while, because the holder may be running on another CPU and soon be done,
// and then gives its own CPU to whoever else wants to run: with more threads than CPUs
// that is where the next ticket may be. If its turn still doesn't come, it sleeps: where
// CPUs are emulated, one that is kept busy in vain may be what the holder waits for.
#include "lib/libcall.h"

// How often a waiter looks before it yields, when the next turn is its own; with others
// before it, so many times less often.
#define SPINS 400

#define YIELDS 32 // before it sleeps

// Makes the lock free. For one thread only, before the others use it.
void
lock_init(lock_t *lock)
{
	lock->next = 0;
	lock->serving = 0;
	lock->sleepers = 0;
}

// Whether the ticket's turn has come, now or within a moment.
static bool
served_soon(const lock_t *lock, uint32_t ticket)
{
	uint32_t before = ticket - lock->serving;

	if (before == 0)
		return true;
	if (before >= sysinfo.ncpu) // some of those before us do not even run
		return false;
	for (uint32_t spins = SPINS / before; spins > 0; spins--)
		if (lock->serving == ticket)
			return true;
	return false;
}

// Sleeps until another ticket is served, unless it is this one's turn.
static void
sleep_for(lock_t *lock, uint32_t ticket)
{
	// Counted, then looked at, by the kernel at last; pairs with lock_release.
	__atomic_fetch_add(&lock->sleepers, 1, __ATOMIC_SEQ_CST);
	uint32_t seen = lock->serving;
	if (seen != ticket)
		sys_futex_wait(&lock->serving, seen);
	__atomic_fetch_sub(&lock->sleepers, 1, __ATOMIC_SEQ_CST);
}

// Returns when the lock is the caller's, who must not have it already. Whoever asked
// before has had it before.
void
lock_acquire(lock_t *lock)
{
	uint32_t ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_SEQ_CST);

	for (int yields = 0; !served_soon(lock, ticket); yields++) {
		if (yields < YIELDS)
			sys_yield();
		else
			sleep_for(lock, ticket);
	}
	barrier(); // with lock_release: what was stored under the lock is seen here
}

// Gives the lock to whoever has asked for it next. The caller must have it.
void
lock_release(lock_t *lock)
{
	// One instruction, and a full barrier, though nobody else writes it now.
	__atomic_fetch_add(&lock->serving, 1, __ATOMIC_SEQ_CST);
	if (lock->sleepers)
		sys_futex_wake(&lock->serving, WAKE_ALL);
}
