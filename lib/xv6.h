// What lib/xv6*.c share.
#ifndef LIB_XV6_H
#define LIB_XV6_H

#include <inc/lib.h>
#include <inc/xv6.h>

// A result in xv6's manner, from one in ours: -1 for any error.
static inline int
result(int r)
{
	return r < 0 ? -1 : r;
}

#endif
