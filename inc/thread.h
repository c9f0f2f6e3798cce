// Kernel threads. doc/threads.md explains them.
#ifndef INC_THREAD_H
#define INC_THREAD_H

#include <inc/types.h>

// lib/thread.c
int clone(void (*fcn)(void *, void *), void *arg1, void *arg2, void *stack);
int join(void **stack);
int thread_create(void (*start_routine)(void *, void *), void *arg1, void *arg2);
int thread_join(void);

// A ticket lock: whoever asks first has it first.
typedef struct {
	volatile uint32_t next;     // the ticket that is drawn next
	volatile uint32_t serving;  // the ticket whose turn it is
	volatile uint32_t sleepers; // who have yielded in vain for long
} lock_t;

// lib/lock.c
void lock_init(lock_t *lock);
void lock_acquire(lock_t *lock);
void lock_release(lock_t *lock);

#endif
