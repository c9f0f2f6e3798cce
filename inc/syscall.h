// System call numbers, from inc/syscall.def.
#ifndef INC_SYSCALL_H
#define INC_SYSCALL_H

enum {
#define SYSCALL0(doors, type, name) SYS_##name,
#define SYSCALL1(doors, type, name, ...) SYS_##name,
#define SYSCALL2(doors, type, name, ...) SYS_##name,
#define SYSCALL3(doors, type, name, ...) SYS_##name,
#define SYSCALL4(doors, type, name, ...) SYS_##name,
#define SYSCALL5(doors, type, name, ...) SYS_##name,
#include <inc/syscall.def>
#include <inc/syscall_undef.h>
	NSYSCALLS
};

// A call by sysenter keeps its fifth argument on the stack and says so here,
// because esi holds the address to return to. See lib/syscall.c.
#define SYSENTER_ARG5 0x40000000

#endif
