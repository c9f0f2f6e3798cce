// A system call on its way, whichever door it came by. A caller has one for
// its traps, and one for each entry of its syscall page; both last as long as
// the caller, so that parking a call takes no memory.
#ifndef KERN_CALL_H
#define KERN_CALL_H

#include <inc/env.h>

struct Fsc;
struct FscEntry;

// How far a call got that is made again, with these first arguments.
struct Progress {
	uint32_t done, a1, a2;
};

// Half the size of an entry: kern/flexsc.h counts on it.
struct Call {
	struct Env *env;         // who calls
	struct FscEntry *entry;  // where the result goes; NULL for a trap
	volatile uint32_t flags; // CALL_*; written under env's lock (futex_cancel: the bucket's)
	uint32_t arg;            // while parked: what its completer needs
	union {
		struct Call *next;  // in the queue that it is parked in
		uint32_t pager_esp; // with CALL_PAGER_RAN: where that is to return to
	};
	union {
		struct Progress progress; // by page; by trap it is the env's, see call_keep
		struct {                  // while parked in a receive
			envid_t from;     // from whom; 0: anybody
			uint32_t number;  // of its env's receives
		};
	};
};

// What an ipc_call sends, while it waits for its callee to receive: under the callee's lock.
struct IpcSend {
	struct Call *next; // in the callee's queue
	envid_t to;        // 0: it is in none
	uint32_t value;
	uint32_t page; // held: its address, with the permissions; 0: none
};

#define CALL_IS_PARKED 1
#define CALL_AT_WINDOW 2   // fixed: kern/flexsc_thread.c
#define CALL_IN_FUTEX 4    // parked in one of kern/futex.c's queues
#define CALL_IS_EXTERNAL 8 // and for a device: the run can't end meanwhile
#define CALL_FOR_PAGER 16  // of the page: parked until the owner's pager has run,
#define CALL_PAGER_RAN 32  // and it has been told to

struct CallQueue {
	struct Call *head, *tail;
};

// Results that are none. Smaller than any error; trapentry.S compares.
#define CALL_PARKED (-0x7fffffff - 1) // it comes later
#define CALL_AGAIN (-0x7fffffff)      // the caller makes it again: call_again
#define CALL_PAGER (-0x7ffffffe)      // again, after the pager has run: kern/pager.c
#define CALL_YIELD (-0x7ffffffd)      // 0, after others have had the CPU

// Where a completed call's env is to run.
enum CallWake {
	WAKE_ANYWHERE,
	WAKE_HERE, // on this CPU and next, because the current env is about to leave it
};

bool call_park(struct Call *call, struct CallQueue *queue, uint32_t arg);
bool call_complete(struct Call *call, int32_t result, enum CallWake wake);
void call_cancel_all(struct CallQueue *queue);
int32_t call_restart(struct Call *call);
int32_t call_again(struct Call *call, uint32_t a1, uint32_t a2, uint32_t done);
void call_keep(struct Call *call, uint32_t a1, uint32_t a2, uint32_t done);
uint32_t call_done(struct Call *call, uint32_t a1, uint32_t a2);

// kern/pager.c
int32_t call_fault(struct Call *call, uintptr_t va, size_t n, bool write, int32_t error);
int32_t call_copy_in(struct Call *call, void *dst, uintptr_t src, size_t n);
int32_t call_copy_out(struct Call *call, uintptr_t dst, const void *src, size_t n);
bool call_run_pager(struct Call *call);

#endif
