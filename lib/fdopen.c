// Opening, closing and replacing descriptors of a process with threads, and fork in one.
// lib/fdtable.c says what the marks mean that are set here.
#include "lib/fdstate.h"
#include "lib/mutex.h"

static struct Mutex table; // held where marks are set, and where a number comes to be open
static envid_t locker;     // who forks

// lib/spawn.c's. Here, so that not every program has all of spawn.
struct Places spawn_places;

// ---- Opening and closing ------------------------------------------------------------

// Takes the lowest free number, which nobody else gets before fd_publish or fd_give_up.
// 0; or -E_MAX_OPEN and *fd_store is NULL.
int
fd_reserve(struct Fd **fd_store)
{
	int n = 0;

	mutex_lock(&table);
	while (n < MAXFD && !fd_is_free(n))
		n++;
	if (n < MAXFD)
		__atomic_or_fetch(&fd_state[n], FD_OPENING, __ATOMIC_SEQ_CST);
	mutex_unlock(&table);
	*fd_store = n < MAXFD ? INDEX2FD(n) : NULL;
	if (n == MAXFD)
		return -E_MAX_OPEN;
	// Some may just be about to see that it is not open, and must not see our pages.
	fd_wait_unused(n);
	return 0;
}

// Opens reserved numbers whose pages are mapped, n of them at once. Hidden: no child
// gets them.
void
fd_publish(struct Fd *const *fd, int n, bool hidden)
{
	mutex_lock(&table);
	for (int i = 0; i < n; i++) {
		int fdnum = fd2num(fd[i]);
		if (hidden)
			__atomic_or_fetch(&fd_state[fdnum], FD_HIDDEN, __ATOMIC_SEQ_CST);
		fd_clear(fdnum, FD_OPENING);
	}
	mutex_unlock(&table);
}

// Gives a reserved number back, with what is mapped there.
void
fd_give_up(struct Fd *fd)
{
	if (vm_present((uintptr_t)fd))
		fd_unmap(fd);
	fd_clear(fd2num(fd), FD_OPENING);
}

// Closes a descriptor, but that the caller and others may use it until they are done.
// 0; -E_INVAL: it is not open.
int
fd_leave(struct Fd *fd, struct FdUse *use)
{
	int n = fd2num(fd);
	uint32_t s;

	fd_count_uses(); // a handler may close what the call that it interrupted uses
	for (;;) {
		mutex_lock(&table);
		do {
			s = fd_state[n];
			if (!(s & FD_REPLACING) && !fd_is_there(n)) {
				mutex_unlock(&table);
				return -E_INVAL;
			}
		} while (!(s & FD_REPLACING) && !fd_swap(n, s, (s | FD_CLOSING) + FD_USE));
		mutex_unlock(&table);
		if (!(s & FD_REPLACING))
			break;
		if (fd_is_mine(n)) // dup waits for the call that a handler, we, interrupted
			return -E_INVAL;
		fd_wait_change(n, s);
	}
	use->counted = true;
	fd_begin(use, fd);
	if (s >= FD_USE)
		pipe_shared(fd); // who sleeps there steps aside
	return 0;
}

// For fd_replace, under the mutex. 0: done. 1: number *n must change before, from *s.
// Or -E_INVAL.
static int
try_replace(int old, int new, int *n, uint32_t *s)
{
	for (;;) {
		*s = fd_state[*n = old];
		if ((*s & FD_REPLACING) && !fd_is_mine(old))
			return 1;
		if (!fd_is_there(old))
			return -E_INVAL;
		*s = fd_state[*n = new];
		if (*s & FD_BUSY)
			return 1;
		if (!fd_swap(new, *s, *s | FD_REPLACING))
			continue;
		fd_count_in(old, false); // it can't fail: who marks a number has the mutex
		return 0;
	}
}

// Begins to use oldfdnum, and takes newfdnum, open or not, which the caller then makes
// another of it: returns when nobody uses it, to be ended by fd_replaced. 0; -E_INVAL:
// oldfdnum is not open, or newfdnum is used by what a page-fault handler, the caller,
// interrupted.
int
fd_replace(int oldfdnum, int newfdnum, struct FdUse *use)
{
	uint32_t s;
	int n, r;

	for (;;) {
		if (fd_is_mine(newfdnum))
			return -E_INVAL;
		mutex_lock(&table);
		r = try_replace(oldfdnum, newfdnum, &n, &s);
		mutex_unlock(&table);
		if (r <= 0)
			break;
		fd_wait_change(n, s);
	}
	if (r < 0)
		return r;
	use->counted = true;
	fd_begin(use, INDEX2FD(oldfdnum));
	// Who uses it now does not wait for us, other than by way of an older replacement.
	if (fd_state[newfdnum] >= FD_USE && vm_present((uintptr_t)INDEX2FD(newfdnum)))
		pipe_shared(INDEX2FD(newfdnum));
	fd_wait_unused(newfdnum);
	return 0;
}

// The number is another descriptor now, or not open any more.
void
fd_replaced(int fdnum)
{
	mutex_lock(&table);
	fd_clear(fdnum, FD_REPLACING | FD_HIDDEN);
	mutex_unlock(&table);
}

// ---- Fork, and the end of a thread ----------------------------------------------------

// The first number that another thread's dup replaces, or MAXFD.
static int
find_replacing(void)
{
	int n = 0;

	while (n < MAXFD && (!(fd_state[n] & FD_REPLACING) || fd_is_mine(n)))
		n++;
	return n;
}

// Keeps other threads from opening and closing. Before other locks are taken: this
// waits for calls of theirs that dup waits for.
void
fd_lock_all(void)
{
	if (!threads_made)
		return;
	for (;;) {
		mutex_lock(&table);
		int n = find_replacing();
		if (n == MAXFD)
			break;
		uint32_t s = fd_state[n];
		mutex_unlock(&table);
		if (s & FD_REPLACING)
			fd_wait_change(n, s);
	}
	locker = thisenv->env_id;
}

// The child has but one thread, and its uses only.
static void
forget_others(void)
{
	for (int n = 0; n < MAXFD; n++)
		fd_state[n] = fd_is_mine(n) ? fd_state[n] & FD_CLOSING : 0;
	for (struct FdUse *use = fd_uses; use; use = use->next)
		if (use->counted && fd2num(use->fd) < MAXFD)
			fd_state[fd2num(use->fd)] += FD_USE;
	places_forked(&fd_aside, locker);
	places_forked(&fsreq_places, locker);
	places_forked(&spawn_places, locker);
}

// After fd_lock_all, in the parent and, when thisenv is its own, in the child.
void
fd_unlock_all(void)
{
	if (!threads_made)
		return;
	if (thisenv->env_id != locker)
		forget_others();
	mutex_unlock(&table);
}

// Ends what the calling thread is in the middle of: a page-fault handler may end it
// there.
void
fd_thread_end(void)
{
	while (fd_uses)
		fd_put(fd_uses);
	places_abandon(&fsreq_places);
	places_abandon(&spawn_places);
}
