// Trap numbers and the frames that a trap leaves.
#ifndef INC_TRAP_H
#define INC_TRAP_H

#define T_DIVIDE 0
#define T_DEBUG 1
#define T_NMI 2
#define T_BRKPT 3
#define T_OFLOW 4
#define T_BOUND 5
#define T_ILLOP 6
#define T_DEVICE 7
#define T_DBLFLT 8
#define T_TSS 10
#define T_SEGNP 11
#define T_STACK 12
#define T_GPFLT 13
#define T_PGFLT 14
#define T_FPERR 16
#define T_ALIGN 17
#define T_MCHK 18
#define T_SIMDERR 19

#define T_SYSCALL 0x30  // int 0x30: a system call
#define T_SYSENTER 0x31 // not a vector: in tf_trapno, a call by sysenter
#define T_FLOOR 0x32    // a gate that only returns: what a trap costs at least

#define IRQ_OFFSET 32
#define IRQ_TIMER 0
#define IRQ_KBD 1
#define IRQ_SERIAL 4
#define IRQ_SPURIOUS 7
#define IRQ_IDE 14
#define IRQ_IDE2 15
#define T_IPI_RESCHED 0x40 // look at the run queue, and whether to die
#define T_IPI_TLB 0x41     // flush the TLB
#define T_IPI_HALT 0x42    // another CPU panicked: stop
#define T_SPURIOUS 0xff

#ifndef __ASSEMBLER__

#include <inc/types.h>

// In the order of pushal.
struct PushRegs {
	uint32_t reg_edi;
	uint32_t reg_esi;
	uint32_t reg_ebp;
	uint32_t reg_oesp; // of no use
	uint32_t reg_ebx;
	uint32_t reg_edx;
	uint32_t reg_ecx;
	uint32_t reg_eax;
};

struct Trapframe {
	struct PushRegs tf_regs;
	uint16_t tf_es;
	uint16_t tf_padding1;
	uint16_t tf_ds;
	uint16_t tf_padding2;
	uint32_t tf_trapno;
	// From here on as the CPU pushes it.
	uint32_t tf_err;
	uintptr_t tf_eip;
	uint16_t tf_cs;
	uint16_t tf_padding3;
	uint32_t tf_eflags;
	// Only when the trap came from ring 3.
	uintptr_t tf_esp;
	uint16_t tf_ss;
	uint16_t tf_padding4;
};
static_assert(sizeof(struct Trapframe) == 68, "kern/trapentry.S counts on it");

// What a program's page-fault upcall finds on its exception stack.
struct UTrapframe {
	uint32_t utf_fault_va;
	uint32_t utf_err;
	struct PushRegs utf_regs;
	uintptr_t utf_eip;
	uint32_t utf_eflags;
	uintptr_t utf_esp;
} __attribute__((packed));
static_assert(sizeof(struct UTrapframe) == 52, "lib/pfentry.S counts on it");

#endif
#endif
