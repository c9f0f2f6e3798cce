// What programs end with, and how that is said.
#ifndef USER_STATUS_H
#define USER_STATUS_H

#include <inc/lib.h>

#define STATUS_FAILED 1
#define STATUS_USAGE 2

// What $? is after ends that are no exit, as in other shells.
#define STATUS_NOT_EXEC 126
#define STATUS_NOT_FOUND 127
#define STATUS_INTERRUPTED 130 // by ctrl-C
#define STATUS_KILLED 137
#define STATUS_FAULT 139

// $? for what wait_status returned.
static inline int
status_number(int r)
{
	if (r == -E_FAULT)
		return STATUS_FAULT;
	if (r == -E_KILLED)
		return STATUS_KILLED;
	return r < 0 ? STATUS_FAILED : r;
}

// How it ended if not by an exit, else NULL.
static inline const char *
status_words(int r)
{
	if (r == -E_FAULT)
		return "ended by a fault";
	return r == -E_KILLED ? "killed" : NULL;
}

#endif
