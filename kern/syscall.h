// System calls: the table, and the functions by subject.
#ifndef KERN_SYSCALL_H
#define KERN_SYSCALL_H

#include <inc/env.h>
#include <inc/memlayout.h>
#include <inc/pstat.h>
#include <inc/syscall.h>
#include <inc/trap.h>
#include <kern/call.h>

// A call's function takes the call and up to five arguments. It returns a
// result >= 0, an error, or one of kern/call.h's CALL_*.
typedef int32_t (*syscall_fn)(struct Call *call, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t a4,
			      uint32_t a5);

extern const syscall_fn syscall_table[NSYSCALLS];
extern const syscall_fn syscall_page_table[NSYSCALLS + 1]; // with those that the page
							   // may not carry refused, and
							   // any other number

void syscall_slow(struct Env *e, struct Trapframe *tf);
void syscall_special(int32_t value, struct Trapframe *tf) __attribute__((noreturn));

const char *syscall_name(int num);
void syscall_stats(int num, uint64_t *by_trap, uint64_t *by_page);
void syscall_note_end(struct Env *e);

// What calls on memory check of an address, and of a page's permissions.
static inline bool
bad_va(const void *va)
{
	return (uintptr_t)va >= UTOP || PGOFF(va);
}

static inline bool
bad_perm(int perm)
{
	return (perm & (PTE_U | PTE_P)) != (PTE_U | PTE_P) || (perm & ~PTE_SYSCALL);
}

// kern/sysmem.c
struct AddrSpace;
struct PageInfo *page_to_share(struct AddrSpace *as, void *srcva, int perm);
int32_t page_share_fault(struct Call *call, void *srcva, int perm, int32_t error);

// sys_NAME(call, arguments), for each.
#define SYSCALL0(doors, type, name) int32_t sys_##name(struct Call *call);
#define SYSCALL1(doors, type, name, t1, a1) int32_t sys_##name(struct Call *call, t1 a1);
#define SYSCALL2(doors, type, name, t1, a1, t2, a2) \
	int32_t sys_##name(struct Call *call, t1 a1, t2 a2);
#define SYSCALL3(doors, type, name, t1, a1, t2, a2, t3, a3) \
	int32_t sys_##name(struct Call *call, t1 a1, t2 a2, t3 a3);
#define SYSCALL4(doors, type, name, t1, a1, t2, a2, t3, a3, t4, a4) \
	int32_t sys_##name(struct Call *call, t1 a1, t2 a2, t3 a3, t4 a4);
#define SYSCALL5(doors, type, name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5) \
	int32_t sys_##name(struct Call *call, t1 a1, t2 a2, t3 a3, t4 a4, t5 a5);
#include <inc/syscall.def>
#include <inc/syscall_undef.h>

#endif
