// Waiting at a word that counts changes, among the threads of any processes that have it.
// Who is about to wait announces that, looks at what it waits for, and sleeps there unless
// the word has changed since; who has changed something looks at the word and, if somebody
// is announced, changes it and wakes. Bit 0 is the announcement, the rest counts.
#ifndef LIB_ANNOUNCE_H
#define LIB_ANNOUNCE_H

#include "lib/atomic.h"
#include "lib/libcall.h"

#define ANNOUNCED 1

// Announces a waiter: what the word is then, for the wait. Before the look at what it waits for;
// pairs with full_barrier in notify.
static inline uint32_t
announce(volatile uint32_t *word)
{
	return __atomic_or_fetch(word, ANNOUNCED, __ATOMIC_SEQ_CST);
}

// Wakes those who are announced. flags: FUTEX_SYNC or 0.
static inline void
notify(volatile uint32_t *word, uint32_t flags)
{
	// What they wait for comes before the look whether anybody does: pairs with
	// the locked instruction in announce.
	full_barrier();
	uint32_t seen = *word;
	// If it changes meanwhile, whoever did that wakes them, or has yet to look.
	if ((seen & ANNOUNCED) && swap_if(word, seen, seen + ANNOUNCED))
		lib_futex_wake(word, WAKE_ALL | flags);
}

#endif
