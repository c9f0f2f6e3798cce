// Numbers that commands are given.
#ifndef USER_NUMBER_H
#define USER_NUMBER_H

#include <inc/lib.h>

// All that strtol tells.
#define NUMBER_MAX 0x7fffffffL
#define NUMBER_MIN (-NUMBER_MAX - 1)

// Takes a number from lo to hi. Whether text is one, and nothing else.
static inline bool
read_number(const char *text, int base, long lo, long hi, long *store)
{
	char *end;

	*store = strtol(text, &end, base);
	return end != text && !*end && *store >= lo && *store <= hi;
}

// The id of an env, in hex, as it is printed. 0: text is none.
static inline envid_t
read_id(const char *text)
{
	long id;

	return read_number(text, 16, 1, NUMBER_MAX, &id) ? id : 0;
}

#endif
