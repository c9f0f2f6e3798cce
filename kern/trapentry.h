// Offsets and values that kern/trapentry.S has in common with C.
// kern/trap.c asserts each of them. NSYSCALLS is each language's own count of
// inc/syscall.def's lines.
#ifndef KERN_TRAPENTRY_H
#define KERN_TRAPENTRY_H

#define TF_EDI 0
#define TF_ESI 4
#define TF_EBX 16
#define TF_EAX 28
#define TF_ES 32
#define TF_DS 36
#define TF_TRAPNO 40
#define TF_EIP 48
#define TF_CS 52
#define TF_EFLAGS 56
#define TF_ESP 60

#define K_KSTACK 68
#define K_NCALLS 72
#define K_CALL (K_NCALLS + 4 * NSYSCALLS)

#define CALL_YIELD_VALUE (-0x7ffffffd)

#endif
