// A lock for the library's own data, among the threads of a process. Who finds it
// taken sleeps. Not for the pager, and not recursive.
#ifndef LIB_MUTEX_H
#define LIB_MUTEX_H

#include <inc/lib.h>
#include "lib/atomic.h"

// All zeros: free.
struct Mutex {
	volatile uint32_t word; // 0: free, 1: held, 2: held, and somebody may sleep
	envid_t owner;          // while it is held
};

// Whether this process has, or had, more than one thread. Without that, fork need not take
// any mutex: only the caller could have it.
extern bool threads_made;

// lib/mutex.c
void mutex_lock_slowly(struct Mutex *m);
void mutex_unlock_slowly(struct Mutex *m, uint32_t was);

// Takes it; panics if the caller has it already.
static inline void
mutex_lock(struct Mutex *m)
{
	if (__builtin_expect(!swap_if(&m->word, 0, 1), 0))
		mutex_lock_slowly(m);
	m->owner = thisenv->env_id;
}

// Takes it if nobody has it: whether it did.
static inline bool
mutex_try_lock(struct Mutex *m)
{
	if (!swap_if(&m->word, 0, 1))
		return false;
	m->owner = thisenv->env_id;
	return true;
}

// Gives it back; panics if nobody has it. A forked child may give back in its copy what
// its parent took before the fork.
static inline void
mutex_unlock(struct Mutex *m)
{
	m->owner = 0;
	uint32_t was = xchg(&m->word, 0);
	if (__builtin_expect(was != 1, 0))
		mutex_unlock_slowly(m, was);
}

#endif
