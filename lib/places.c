// Places that threads take in turns: see lib/places.h.
#include "lib/places.h"
#include "lib/libcall.h"

#define ANNOUNCED 1

// Takes the first free place of the first n: its number, or -1.
int
place_try(struct Places *p, int n)
{
	const uint32_t me = thisenv->env_id;

	for (int i = 0; i < n; i++) {
		uint32_t nobody = 0;

		if (p->owner[i] == 0 &&
		    __atomic_compare_exchange_n(&p->owner[i], &nobody, me, false, __ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return i;
	}
	return -1;
}

// The same, and waits for one.
int
place_take(struct Places *p, int n)
{
	int i;

	while ((i = place_try(p, n)) < 0) {
		// Announced before the second look: pairs with the barrier in place_give.
		uint32_t seen = __atomic_or_fetch(&p->given, ANNOUNCED, __ATOMIC_SEQ_CST);
		if ((i = place_try(p, n)) >= 0)
			break;
		lib_futex_wait(&p->given, seen);
	}
	return i;
}

// Gives a place back.
void
place_give(struct Places *p, int i)
{
	barrier(); // done with it; x86 keeps stores in order
	p->owner[i] = 0;
	// Free before the look whether anybody waits: pairs with place_take.
	full_barrier();
	uint32_t seen = p->given;
	// If it changes meanwhile, whoever did that wakes them, or has yet to look.
	if ((seen & ANNOUNCED) &&
	    __atomic_compare_exchange_n(&p->given, &seen, seen + ANNOUNCED, false, __ATOMIC_SEQ_CST,
					__ATOMIC_SEQ_CST))
		lib_futex_wake(&p->given, ~0u & ~FUTEX_SYNC);
}

// In a forked child, whose copy may say that threads have places that it does not have:
// what the forking one has is the child's.
void
places_forked(struct Places *p, envid_t parent)
{
	for (int i = 0; i < PLACES_MAX; i++)
		p->owner[i] = p->owner[i] == (uint32_t)parent ? thisenv->env_id : 0;
	p->given = 0;
}

// Gives back all that the caller has.
void
places_abandon(struct Places *p)
{
	for (int i = 0; i < PLACES_MAX; i++)
		if (p->owner[i] == (uint32_t)thisenv->env_id)
			place_give(p, i);
}
