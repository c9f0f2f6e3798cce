// Which descriptors are open, and who uses them, among the threads of a process.
//
// A number is open if its page is mapped, however that came: devices may be made by
// hand (fd_alloc). Beside that it has a word in fd_state[], all zeros if nothing
// is going on: how many calls use it, and what is being done with it.
//
// A call counts itself in before it looks at the descriptor, and out at its end. Who
// closes a number marks it: it is not open any more, but it is neither unmapped
// nor free before the last call is out, and that one unmaps it. dup marks the number
// that it replaces and waits until nobody uses it; a call that comes meanwhile waits
// until that is done, because to others the number is always open.
//
// A pipe may keep a call for ever. When its number is marked, the call steps
// aside: it makes a duplicate at a place that has no number, and goes on with that.
//
// Marks are set and cleared under a mutex (lib/fdopen.c), so that fork, which holds it,
// gives its child the descriptors that the child's memory knows of. Calls are counted
// without it, and not before there are threads. A thread may have several uses, because
// a page-fault handler may make calls, too; it never waits for a number that it uses
// itself.
#include "lib/atomic.h"
#include "lib/fdstate.h"
#include "lib/libcall.h"
#include "lib/mutex.h"

volatile uint32_t fd_state[MAXFD];
__thread struct FdUse *fd_uses;
struct Places fd_aside;

// ---- States -----------------------------------------------------------------------

bool
fd_swap(int n, uint32_t from, uint32_t to)
{
	return swap_if(&fd_state[n], from, to);
}

bool
fd_is_there(int n)
{
	return n >= 0 && n < MAXFD && vm_present((uintptr_t)INDEX2FD(n)) &&
	       !(fd_state[n] & (FD_OPENING | FD_CLOSING));
}

bool
fd_is_free(int n)
{
	return !vm_present((uintptr_t)INDEX2FD(n)) && !(fd_state[n] & FD_BUSY);
}

bool
fd_is_leaving(int n)
{
	return fd_state[n] & (FD_CLOSING | FD_REPLACING);
}

bool
fd_is_hidden(int n)
{
	return fd_state[n] & FD_HIDDEN;
}

// Whether a call that the caller is in the middle of uses the number.
bool
fd_is_mine(int n)
{
	const struct Fd *fd = INDEX2FD(n);

	for (struct FdUse *use = fd_uses; use; use = use->next)
		if (use->fd == fd)
			return true;
	return false;
}

// Sleeps until the state, which was s, may be another.
void
fd_wait_change(int n, uint32_t s)
{
	if (fd_swap(n, s, s | FD_WAITED))
		lib_futex_wait(&fd_state[n], s | FD_WAITED);
}

// Sleeps until nobody uses the number, which is marked.
void
fd_wait_unused(int n)
{
	uint32_t s;

	while ((s = fd_state[n]) >= FD_USE && !fd_is_mine(n))
		fd_wait_change(n, s);
}

// Clears marks, all uses being over or counted in what is left.
void
fd_clear(int n, uint32_t marks)
{
	if (__atomic_fetch_and(&fd_state[n], ~(marks | FD_WAITED), __ATOMIC_SEQ_CST) & FD_WAITED)
		lib_futex_wake(&fd_state[n], WAKE_ALL);
}

// ---- Uses -------------------------------------------------------------------------

// Counts a use. False: the number is not open, or is being replaced and may_wait
// is false.
bool
fd_count_in(int n, bool may_wait)
{
	for (;;) {
		uint32_t s = fd_state[n];
		if (__builtin_expect((s & FD_BUSY) && !fd_is_mine(n), 0)) {
			if (!(s & FD_REPLACING) || !may_wait)
				return false;
			fd_wait_change(n, s);
		} else if (fd_swap(n, s, s + FD_USE)) {
			return true;
		}
	}
}

static void
fd_count_out(int n)
{
	uint32_t s = __atomic_sub_fetch(&fd_state[n], FD_USE, __ATOMIC_SEQ_CST);

	if (__builtin_expect(!(s & (FD_BUSY | FD_WAITED)), 1))
		return;
	if ((s & FD_CLOSING) && s < FD_USE) {
		// Nobody counts itself in any more: this happens once.
		fd_unmap(INDEX2FD(n));
		fd_clear(n, FD_CLOSING | FD_HIDDEN);
	} else if (s & FD_WAITED) {
		fd_clear(n, 0);
	}
}

void
fd_begin(struct FdUse *use, struct Fd *fd)
{
	use->fd = fd;
	use->next = fd_uses;
	fd_uses = use;
}

static bool
get(int n, struct FdUse *use, bool may_wait)
{
	if (n < 0 || n >= MAXFD)
		return false;
	use->counted = threads_made;
	if (use->counted ? !fd_count_in(n, may_wait) : (fd_state[n] & FD_BUSY) && !fd_is_mine(n))
		return false;
	// Not before: dup unmaps what it replaces.
	if (!vm_present((uintptr_t)INDEX2FD(n))) {
		if (use->counted)
			fd_count_out(n);
		return false;
	}
	fd_begin(use, INDEX2FD(n));
	return true;
}

// Counts what the caller uses and what has not been counted, because it was alone.
void
fd_count_uses(void)
{
	for (struct FdUse *use = fd_uses; use; use = use->next) {
		if (!use->counted)
			__atomic_add_fetch(&fd_state[fd2num(use->fd)], FD_USE, __ATOMIC_SEQ_CST);
		use->counted = true;
	}
}

// Begins to use a descriptor. 0; or -E_INVAL: it is not open.
int
fd_get(int fdnum, struct FdUse *use)
{
	return get(fdnum, use, true) ? 0 : -E_INVAL;
}

// The same, whether it is open, without ever waiting: false, too, while it is replaced.
bool
fd_get_now(int fdnum, struct FdUse *use)
{
	return get(fdnum, use, false);
}

// Ends a use, of those of the thread that which it began last.
void
fd_put(struct FdUse *use)
{
	int n = fd2num(use->fd);

	fd_uses = use->next;
	if (n >= MAXFD) {
		fd_unmap(use->fd);
		place_give(&fd_aside, n - ASIDE);
	} else if (use->counted) {
		fd_count_out(n);
	}
}

// ---- Mapping ----------------------------------------------------------------------

// Maps what `from` is at `to`, too. 0 or the kernel's error.
int
fd_map(struct Fd *from, struct Fd *to)
{
	pte_t pte = vm_present((uintptr_t)fd2data(from));
	int r;

	if (pte && (r = lib_page_map(0, fd2data(from), 0, fd2data(to), pte & PTE_SYSCALL)) < 0)
		return r;
	pipe_sharing(from);
	r = lib_page_map(0, from, 0, to, uvpt[PGNUM(from)] & PTE_SYSCALL);
	if (r < 0 && pte)
		lib_page_unmap(0, fd2data(to));
	pipe_shared(from);
	return r;
}

// Unmaps a descriptor, its page first.
void
fd_unmap(struct Fd *fd)
{
	lib_page_unmap(0, fd);
	if (vm_present((uintptr_t)fd2data(fd)))
		lib_page_unmap(0, fd2data(fd));
}

// For a call that uses fd and is about to sleep: if the descriptor is to go, makes a
// duplicate aside and uses that from now on. What the call uses: fd itself if there is
// no need, or no room.
struct Fd *
fd_step_aside(struct Fd *fd)
{
	struct FdUse *use = fd_uses;
	int n = fd2num(fd), i;

	if (n >= MAXFD || !fd_is_leaving(n) || !use || use->fd != fd)
		return fd;
	if ((i = place_try(&fd_aside, NASIDE)) < 0)
		return fd;
	struct Fd *to = INDEX2FD(ASIDE + i);
	if (fd_map(fd, to) < 0) {
		place_give(&fd_aside, i);
		return fd;
	}
	use->fd = to;
	fd_count_out(n);
	return to;
}
