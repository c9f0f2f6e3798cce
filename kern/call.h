// A system call on its way, whichever door it came by. A caller has one for
// its traps, and one for each entry of its syscall page; both last as long as
// the caller, so that parking a call takes no memory.
#ifndef KERN_CALL_H
#define KERN_CALL_H

#include <inc/types.h>

struct Env;
struct Fsc;
struct FscEntry;

// Half the size of an entry: kern/flexsc_thread.c counts on it.
struct Call {
	struct Env *env;         // who calls
	struct FscEntry *entry;  // where the result goes; NULL for a trap
	volatile uint32_t flags; // CALL_*; written under env's lock
	uint32_t arg;            // while parked: what its completer needs
	struct Call *next;       // in the queue that it is parked in
	uint32_t done;           // by trap: how far a call got that is made again,
	uint32_t done_of[2];     // with these arguments
};

#define CALL_IS_PARKED 1
#define CALL_AT_WINDOW 2 // fixed: kern/flexsc_thread.c

struct CallQueue {
	struct Call *head, *tail;
};

// Results that are none. Smaller than any error; trapentry.S compares.
#define CALL_PARKED (-0x7fffffff - 1) // it comes later
#define CALL_AGAIN (-0x7fffffff)      // the caller makes it again: call_again
#define CALL_YIELD (-0x7ffffffe)      // 0, after others have had the CPU

bool call_park(struct Call *call, struct CallQueue *queue, uint32_t arg);
void call_complete(struct Call *call, int32_t result);
void call_cancel_all(struct CallQueue *queue);
int32_t call_again(struct Call *call, uint32_t a1, uint32_t a2, uint32_t done);
uint32_t call_done(struct Call *call, uint32_t a1, uint32_t a2);

#endif
