// Places that threads take in turns: see lib/places.h.
#include "lib/places.h"
#include "lib/announce.h"

// Takes the first free place of the first n: its number, or -1.
int
place_try(struct Places *p, int n)
{
	const uint32_t me = thisenv->env_id;

	for (int i = 0; i < n; i++)
		if (p->owner[i] == 0 && swap_if(&p->owner[i], 0, me))
			return i;
	return -1;
}

// The same, and waits for one.
int
place_take(struct Places *p, int n)
{
	int i;

	while ((i = place_try(p, n)) < 0) {
		uint32_t seen = announce(&p->given); // before the second look
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
	notify(&p->given, 0);
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
