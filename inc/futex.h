// Waiting for a word to change: sys_futex_wait and sys_futex_wake.
#ifndef INC_FUTEX_H
#define INC_FUTEX_H

// Added to the count of sys_futex_wake: the caller is about to wait itself, so
// who is woken had best follow it on its CPU.
#define FUTEX_SYNC 0x80000000

#endif
