// The ways into the kernel and out of it.
//
// From ring 3 the CPU's stack pointer for ring 0 is the end of the running
// env's k->tf, so that the frame is written where it is kept; then the entry
// moves to the CPU's own stack. From ring 0 (a syscall thread's window, the
// idle loop, a fault in kern/usercopy_asm.S) the frame stays on the stack in use.

#include <inc/memlayout.h>
#include <inc/mmu.h>
#include <inc/trap.h>
#include <kern/trapentry.h>

.set NSYSCALLS, 0
#define SYSCALL0(...) .set NSYSCALLS, NSYSCALLS + 1
#define SYSCALL1(...) .set NSYSCALLS, NSYSCALLS + 1
#define SYSCALL2(...) .set NSYSCALLS, NSYSCALLS + 1
#define SYSCALL3(...) .set NSYSCALLS, NSYSCALLS + 1
#define SYSCALL4(...) .set NSYSCALLS, NSYSCALLS + 1
#define SYSCALL5(...) .set NSYSCALLS, NSYSCALLS + 1
#include <inc/syscall.def>

#define USER_DS (GD_UD | 3)
#define USER_CS (GD_UT | 3)

// ---- Vectors ------------------------------------------------------------------

// vectors[n] is the entry of vector n. Those for which the CPU pushes an error
// code push none of their own.
.text
.pushsection .rodata
.balign 4
	.globl vectors
vectors:
.popsection
.set n, 0
.rept 256
	.pushsection .rodata
	.long 1f
	.popsection
1:
	.if n != 8 && (n < 10 || n > 14) && n != 17
	pushl $0
	.endif
	pushl $n
	jmp alltraps
	.set n, n + 1
.endr

// What most system calls pass through: kern/cpu.h's FASTPATH.
.section .text.fast, "ax"

// A gate that only returns.
	.globl floor_entry
floor_entry:
	iret

// A step out of ring 3 into sysenter's first instruction traps here, on a
// stack of a few words: drop the flag and go on. Anything else is a trap.
	.globl debug_entry
debug_entry:
	cmpl $sysenter_entry, (%esp)
	jne 1f
	andl $~FL_TF, 8(%esp)
	iret
1:	pushl $0
	pushl $T_DEBUG
	jmp alltraps

alltraps:
	pushl %ds
	pushl %es
	pushal
	cld
	// Until fix_user_state, ds is the user's: only the stack is to be trusted.
	testb $3, TF_CS(%esp)
	movl %esp, %eax			// the frame, first argument
	jz 2f
	movl K_KSTACK(%esp), %esp
	call fix_user_state
	call trap_user			// does not return
2:	call trap_kernel
	movl %eax, %esp			// the frame to resume
	jmp restore

// Loads what the kernel wants and the user may have changed. Keeps eax.
fix_user_state:
	movw $USER_DS, %cx
	movw %ds, %dx
	cmpw %cx, %dx
	je 1f
	movw %cx, %ds
1:	movw %es, %dx
	cmpw %cx, %dx
	je 2f
	movw %cx, %es
2:	// AC would open user memory to the kernel, NT would derail iret.
	pushfl
	testl $(FL_AC | FL_NT), (%esp)
	jz 3f
	andl $~(FL_AC | FL_NT), (%esp)
	popfl
	ret
3:	addl $4, %esp
	ret

// ---- System calls -------------------------------------------------------------

// Both entries: eax is the number; edx, ecx, ebx, edi, esi the arguments. The
// functions of the table take (call, a1, a2 | a3, a4, a5): the first three in
// eax, edx, ecx, where the user has put two of them, and the rest on the stack.
// Clobbers esi; ebp is the frame.
.macro DISPATCH
	movl %esp, %ebp
	movl K_KSTACK(%esp), %esp
	pushl %esi
	pushl %edi
	pushl %ebx
	incl K_NCALLS(%ebp,%eax,4)
	movl syscall_table(,%eax,4), %esi
	leal K_CALL(%ebp), %eax
	call *%esi
	cmpl $CALL_YIELD_VALUE, %eax
	jle call_special
.endm

// int 0x30
	.globl syscall_entry
syscall_entry:
	pushl $0
	pushl $T_SYSCALL
	pushl %ds
	pushl %es
	pushal
	cmpw $USER_DS, TF_DS(%esp)
	jne slow
	cmpw $USER_DS, TF_ES(%esp)
	jne slow
	testl $(FL_AC | FL_DF | FL_TF), TF_EFLAGS(%esp)
	jnz slow
	cmpl $NSYSCALLS, %eax
	jae slow
	DISPATCH
	movl %eax, TF_EAX(%ebp)
	movl %ebp, %esp
	popal
	addl $16, %esp
	iret

// What the fast paths leave to C: odd flags and segments, bad numbers.
slow:
	cld
	movl %esp, %eax
	movl K_KSTACK(%esp), %esp
	call fix_user_state
	call trap_user

call_special:
	movl %ebp, %edx
	call syscall_special		// (value, frame); does not return

// sysenter: interrupts are off, esp is &ts_esp0, esi holds the address to return
// to and ebp the stack.
	.globl sysenter_entry
sysenter_entry:
	movl (%esp), %esp
	pushl $USER_DS
	pushl %ebp
	pushfl
	pushl $USER_CS
	pushl %esi
	pushl $0
	pushl $T_SYSENTER
	pushl $USER_DS
	pushl $USER_DS
	pushal
	testl $(FL_AC | FL_DF | FL_TF | FL_NT), TF_EFLAGS(%esp)
	movl $(FL_IF | 2), TF_EFLAGS(%esp)
	jnz slow
	movl %ds, %esi			// both are in the frame
	movl %es, %ebp
	xorl $USER_DS, %esi
	xorl $USER_DS, %ebp
	orl %ebp, %esi
	jnz slow
	cmpl $NSYSCALLS, %eax
	jae slow
	DISPATCH
	movl TF_EIP(%ebp), %edx
	movl TF_ESP(%ebp), %ecx
	movl %edx, %esi
	movl %ecx, %ebp
	sti
	sysexit

// ---- Ways out ---------------------------------------------------------------

// void env_return(struct EnvKernel *k): back to ring 3, by the door by which it
// came.
	.globl env_return
env_return:
	movl %eax, %esp
	cmpl $T_SYSENTER, TF_TRAPNO(%esp)
	jne restore
	movl TF_EBX(%esp), %ebx
	movl TF_EDI(%esp), %edi
	movl TF_EIP(%esp), %edx
	movl TF_ESP(%esp), %ecx
	movl TF_EAX(%esp), %eax
	movl %edx, %esi
	movl %ecx, %ebp
	sti
	sysexit

// Resumes the frame at esp, of ring 3 or ring 0.
restore:
	cmpw $USER_DS, TF_DS(%esp)
	jne 1f
	cmpw $USER_DS, TF_ES(%esp)
	jne 1f
	popal
	addl $16, %esp
	iret
1:	popal
	popl %es
	popl %ds
	addl $8, %esp
	iret

// void resume_frame(struct Trapframe *tf): resumes a frame in ring 0.
	.globl resume_frame
resume_frame:
	movl %eax, %esp
	jmp restore

// void call_on_stack(uintptr_t top, void (*fn)(void *), void *arg): leaves the
// current stack for good.
	.globl call_on_stack
call_on_stack:
	movl %eax, %esp
	xorl %ebp, %ebp
	pushl %ebp
	movl %ecx, %eax
	call *%edx
	ud2
