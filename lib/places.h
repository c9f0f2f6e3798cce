// A few places that the threads of a process take in turns: whoever needs one takes the
// first that is free, and sleeps if none is.
#ifndef LIB_PLACES_H
#define LIB_PLACES_H

#include <inc/lib.h>

#define PLACES_MAX 32

struct Places {
	volatile uint32_t owner[PLACES_MAX]; // the thread that has it, or 0
	volatile uint32_t given;             // where those wait who found none: lib/announce.h
};

int place_try(struct Places *p, int n);
int place_take(struct Places *p, int n);
void place_give(struct Places *p, int i);
void places_forked(struct Places *p, envid_t parent);
void places_abandon(struct Places *p);

#endif
