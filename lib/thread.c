// Making threads: clone, and what is easier to use, thread_create; and what the rest of the
// library needs to know of threads. doc/threads.md explains them.
#include "lib/fdtable.h"
#include "lib/malloc.h"
#include "lib/mutex.h"
#include "lib/thread.h"
#include "lib/thread_slots.h"
#include "lib/vm.h"

static const struct ThreadHooks hooks;

// For lib/thread_entry.S, on the thread's own stack: what it is to call.
thread_fn thread_begin(void);

thread_fn
thread_begin(void)
{
	thisenv = &envs[ENVX(sys_getenvid())];
	return thread_self()->fcn;
}

// ---- Making threads -------------------------------------------------------------------

// A slot for a thread, or NULL.
static struct Thread *
prepare(enum ThreadKind kind)
{
	if (!threads_made) {
		fd_count_uses();
		threads_made = true;
		thread_hooks = &hooks;
	}
	// A thread begins with its maker's upcall, and must have one when fork makes
	// memory copy-on-write.
	return pager_setup() < 0 ? NULL : slot_take(kind);
}

// Starts a thread in its slot t. Its id or -1.
static int
start(struct Thread *t, void (*fcn)(void *, void *), void *arg1, void *arg2, void *stack)
{
	const struct ThreadInit init = {
		.tls = t->tls,
		.xstacktop = (void *)(slot_start(t) + (SLOT_XSTACK + 1) * PGSIZE),
	};

	t->fcn = fcn;
	unjoined_add(t);
	int id = sys_clone(t->kind == BARE ? thread_entry : thread_entry_created, arg1, arg2, stack,
			   &init);
	if (id >= 0)
		return id;
	unjoined_remove(t);
	slot_give(t);
	return -1;
}

// Makes a thread that shares all memory and calls fcn(arg1, arg2) on the page at stack,
// which is page-aligned, and the caller's to free when join has given it back. fcn ends
// the thread with exit; if it returns, it faults at 0xffffffff, which ends the process.
// The thread's id; or -1: stack is not such a page, too many threads, no memory.
int
clone(void (*fcn)(void *, void *), void *arg1, void *arg2, void *stack)
{
	struct Thread *t = prepare(BARE);

	return t ? start(t, fcn, arg1, arg2, stack) : -1;
}

// Makes a thread that calls start_routine(arg1, arg2), on a stack of its own of 16 KiB,
// and ends when that returns. Its id; or -1: too many threads, no memory.
int
thread_create(void (*start_routine)(void *, void *), void *arg1, void *arg2)
{
	struct Thread *t = prepare(CREATED);

	return t ? start(t, start_routine, arg1, arg2, thread_stack(t)) : -1;
}

// ---- For the rest of the library ------------------------------------------------------

static void
lock_all(void)
{
	unjoined_lock();
	slots_lock();
	malloc_lock();
}

static void
unlock_all(void)
{
	malloc_unlock();
	slots_unlock();
	unjoined_unlock();
}

// The caller's is the only thread of this child. What the others had is freed.
static void
forked(void)
{
	unjoined_forked();
	slots_forked();
	malloc_forked();
}

static void
ending(void)
{
	fd_thread_end();
	malloc_end_thread();
}

static const struct ThreadHooks hooks = {
	.lock_all = lock_all,
	.unlock_all = unlock_all,
	.forked = forked,
	.ending = ending,
	.free_stack = thread_free_stack,
};
