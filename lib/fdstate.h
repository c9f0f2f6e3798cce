// What lib/fdtable.c and lib/fdopen.c share: the states of numbers.
#ifndef LIB_FDSTATE_H
#define LIB_FDSTATE_H

#include "lib/fdtable.h"

enum {
	FD_OPENING = 1 << 0,   // taken, but not open yet
	FD_CLOSING = 1 << 1,   // closed, but in use
	FD_REPLACING = 1 << 2, // dup waits until it is not in use
	FD_WAITED = 1 << 3,    // somebody sleeps until it changes
	FD_HIDDEN = 1 << 4,    // open, but no child gets it
	FD_USE = 1 << 5,       // from here on: how many uses
	FD_BUSY = FD_OPENING | FD_CLOSING | FD_REPLACING,
};

extern volatile uint32_t fd_state[MAXFD];
extern __thread struct FdUse *fd_uses; // of this thread, the last first
extern struct Places fd_aside;

bool fd_swap(int n, uint32_t from, uint32_t to);
void fd_clear(int n, uint32_t marks);
bool fd_is_mine(int n);
void fd_wait_change(int n, uint32_t s);
void fd_wait_unused(int n);
bool fd_count_in(int n, bool may_wait);
void fd_begin(struct FdUse *use, struct Fd *fd);

#endif
