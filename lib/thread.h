// What lib/thread*.c offer to the rest of the library, and where a thread's own pages are.
#ifndef LIB_THREAD_H
#define LIB_THREAD_H

#include <inc/lib.h>

// A slot's pages, from its start.
#define SLOT_XSTACK 1    // exception stack
#define SLOT_TLS 2       // thread-local variables and struct Thread
#define SLOT_TLS_PAGES 1 // of them
#define SLOT_SYSCALL 3   // where flexsc_register puts the syscall page
#define SLOT_STACK 12    // the stack, up to the end; a guard page is below, and above
#define SLOT_PAGES (THREAD_SLOT / PGSIZE)

// What the rest of the library calls of lib/thread*.c, so that only programs with threads
// contain it.
struct ThreadHooks {
	// fork has these, and malloc's lock, taken when it copies memory; both processes
	// give them back.
	void (*lock_all)(void);
	void (*unlock_all)(void);
	void (*forked)(void); // in the child, with nothing locked

	void (*ending)(void);        // the caller, a thread, is about to end
	bool (*free_stack)(void *p); // see lib/thread_join.c
};

// NULL until the process has made its first thread. lib/exit.c
extern const struct ThreadHooks *thread_hooks;

static inline void
thread_lock_all(void)
{
	if (thread_hooks)
		thread_hooks->lock_all();
}

static inline void
thread_unlock_all(void)
{
	if (thread_hooks)
		thread_hooks->unlock_all();
}

static inline void
threads_forked(void)
{
	if (thread_hooks)
		thread_hooks->forked();
}

// Whether the caller is a thread other than its process's first.
static inline bool
is_thread(void)
{
	return thisenv->env_type == ENV_TYPE_THREAD;
}

// The start of the calling thread's slot; 0 if it has none, as a process's first, but that
// of a child that such a thread has forked.
static inline uintptr_t
thread_own_slot(void)
{
	uintptr_t tls;

	asm("mov %%gs:0,%0" : "=r"(tls));
	return tls - THREADS_BASE < THREAD_SLOTS * THREAD_SLOT ? ROUNDDOWN(tls, THREAD_SLOT) : 0;
}

#endif
