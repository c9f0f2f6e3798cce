// A lock of an open file, so that a read or write is one also where it takes several
// requests. It lies in the descriptor's page, and so is one for all threads and
// processes that have the file open by way of each other.
//
// It has the id of its holder, and is taken over from one that has ended. Page faults
// happen under it, because buffers are looked at piece by piece. A handler that makes
// calls of its own must not wait for what the program holds while it waits for the
// handler: on an exception stack the lock is passed by.
#include "lib/atomic.h"
#include "lib/fdtable.h"
#include "lib/libcall.h"

#define WAITED 0x80000000 // somebody waits; ids are positive

static bool
is_in_handler(void)
{
	char here;

	return thisenv->env_xstacktop - (uintptr_t)&here <= PGSIZE;
}

// Sleeps until held may not be the lock any more, or takes it over. Whether we have it.
static bool
wait_or_take(struct Fd *fd, uint32_t held)
{
	envid_t id = held & ~WAITED;
	const volatile struct Env *holder = &envs[ENVX(id)];
	uint32_t ends = holder->env_ends; // before the look: it changes when it ends
	barrier();

	// One that is being ended may still run.
	if (!env_is_alive(id) && (holder->env_id != id || holder->env_status != ENV_DYING))
		return swap_if(&fd->fd_lock, held, thisenv->env_id | WAITED);
	if (!(held & WAITED) && !swap_if(&fd->fd_lock, held, held | WAITED))
		return false;
	lib_futex_wait2(&fd->fd_lock, held | WAITED, &holder->env_ends, ends);
	return false;
}

// Takes the lock of the open file. Whether it did, for fd_unlock.
bool
fd_lock(struct Fd *fd)
{
	if (is_in_handler())
		return false;
	while (!swap_if(&fd->fd_lock, 0, thisenv->env_id)) {
		uint32_t held = fd->fd_lock;
		if (held != 0 && wait_or_take(fd, held))
			break;
	}
	return true;
}

void
fd_unlock(struct Fd *fd, bool locked)
{
	if (locked && (xchg(&fd->fd_lock, 0) & WAITED))
		lib_futex_wake(&fd->fd_lock, WAKE_ALL);
}
