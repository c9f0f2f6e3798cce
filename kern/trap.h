// Traps: faults, interrupts, and the slow paths of system calls.
#ifndef KERN_TRAP_H
#define KERN_TRAP_H

#include <inc/trap.h>

struct Env;

void trap_init(void);
void trap_init_percpu(void);
void trap_user(struct Trapframe *tf) __attribute__((noreturn));
struct Trapframe *trap_kernel(struct Trapframe *tf);
void trap_double_fault(void) __attribute__((noreturn));

// kern/pgfault.c
void page_fault_user(struct Trapframe *tf, uintptr_t va);
bool page_fault_upcall(struct Trapframe *tf, uintptr_t va, uint32_t err);
bool page_fault_spurious(uintptr_t va, uint32_t err);
bool trap_on_exception_stack(const struct Env *e);

// kern/trapentry.S
void sysenter_entry(void);
void syscall_entry(void);
void floor_entry(void);
void debug_entry(void);
void resume_frame(struct Trapframe *tf) __attribute__((noreturn));
void call_on_stack(uintptr_t top, void (*fn)(void *), void *arg) __attribute__((noreturn));
extern const uintptr_t vectors[256];

#endif
