// A thread's place: what lib/thread*.c share.
#ifndef LIB_THREAD_SLOTS_H
#define LIB_THREAD_SLOTS_H

#include <inc/lib.h>
#include "lib/thread.h"

enum ThreadKind {
	BARE,    // made by clone: its stack is the program's
	CREATED, // made by thread_create: its stack is in its slot
};

// At the end of the page with a thread's variables. Only the thread itself, and whoever
// has taken the slot or joined it, looks there.
struct Thread {
	void *tls; // the base of its variables
	void (*fcn)(void *, void *);
	enum ThreadKind kind;
	bool has_stack;  // its slot has
	bool is_callers; // the stack: join has given it to the program, to be freed

	// In the list of threads that are to be joined.
	struct Thread *next, *prev;
	envid_t maker;
	bool ended; // it has been joined, by a caller who wanted another: with these
	envid_t id;
	void *stack;
};

static inline uintptr_t
slot_start(const void *p)
{
	return ROUNDDOWN((uintptr_t)p, THREAD_SLOT);
}

// The page with the top of a CREATED thread's stack.
static inline void *
thread_stack(struct Thread *t)
{
	return (void *)(slot_start(t) + THREAD_SLOT - PGSIZE);
}

struct Thread *thread_at(const void *p);
struct Thread *thread_self(void);
struct Thread *slot_take(enum ThreadKind kind);
void slot_give(struct Thread *t);

// lib/thread_join.c
void unjoined_add(struct Thread *t);
void unjoined_remove(struct Thread *t);
void unjoined_lock(void);
void unjoined_unlock(void);
void unjoined_forked(void);
bool thread_free_stack(void *p);

// For lib/thread.c's part in fork.
void slots_lock(void);
void slots_unlock(void);
void slots_forked(void);

// lib/thread_entry.S
void thread_entry(void *arg1, void *arg2);
void thread_entry_created(void *arg1, void *arg2);

#endif
