// Prints trap frames the way JOS does, on which tests and readers rely.
#include <inc/mmu.h>
#include <inc/stdio.h>
#include <inc/x86.h>
#include <kern/console.h>
#include <kern/cpu.h>
#include <kern/trapframe.h>

const char *
trap_name(int trapno)
{
	static const char *const exceptions[] = {
		[T_DIVIDE] = "Divide error",
		[T_DEBUG] = "Debug",
		[T_NMI] = "Non-Maskable Interrupt",
		[T_BRKPT] = "Breakpoint",
		[T_OFLOW] = "Overflow",
		[T_BOUND] = "BOUND Range Exceeded",
		[T_ILLOP] = "Invalid Opcode",
		[T_DEVICE] = "Device Not Available",
		[T_DBLFLT] = "Double Fault",
		[T_TSS] = "Invalid TSS",
		[T_SEGNP] = "Segment Not Present",
		[T_STACK] = "Stack Fault",
		[T_GPFLT] = "General Protection",
		[T_PGFLT] = "Page Fault",
		[T_FPERR] = "x87 FPU Floating-Point Error",
		[T_ALIGN] = "Alignment Check",
		[T_MCHK] = "Machine-Check",
		[T_SIMDERR] = "SIMD Floating-Point Exception",
	};

	if (trapno >= 0 && trapno < (int)ARRAY_SIZE(exceptions) && exceptions[trapno])
		return exceptions[trapno];
	switch (trapno) {
	case T_SYSCALL: return "System call";
	case T_SYSENTER: return "System call by sysenter";
	case T_IPI_RESCHED:
	case T_IPI_TLB:
	case T_IPI_HALT: return "Interrupt from another CPU";
	case T_SPURIOUS: return "Spurious Interrupt";
	}
	if (trapno >= IRQ_OFFSET && trapno < IRQ_OFFSET + 16)
		return "Hardware Interrupt";
	return "(unknown trap)";
}

static void
print_regs(const struct PushRegs *regs)
{
	cprintf("  edi  0x%08x\n", regs->reg_edi);
	cprintf("  esi  0x%08x\n", regs->reg_esi);
	cprintf("  ebp  0x%08x\n", regs->reg_ebp);
	cprintf("  oesp 0x%08x\n", regs->reg_oesp);
	cprintf("  ebx  0x%08x\n", regs->reg_ebx);
	cprintf("  edx  0x%08x\n", regs->reg_edx);
	cprintf("  ecx  0x%08x\n", regs->reg_ecx);
	cprintf("  eax  0x%08x\n", regs->reg_eax);
}

void
print_trapframe(const struct Trapframe *tf)
{
	uint32_t err = tf->tf_err;

	cons_begin();
	cprintf("TRAP frame at %p from CPU %d\n", tf, cpunum());
	print_regs(&tf->tf_regs);
	cprintf("  es   0x----%04x\n", tf->tf_es);
	cprintf("  ds   0x----%04x\n", tf->tf_ds);
	cprintf("  trap 0x%08x %s\n", tf->tf_trapno, trap_name(tf->tf_trapno));
	if (tf->tf_trapno == T_PGFLT) {
		cprintf("  cr2  0x%08x\n", rcr2());
		cprintf("  err  0x%08x [%s, %s, %s]\n", err, err & FEC_U ? "user" : "kernel",
			err & FEC_WR ? "write" : "read",
			err & FEC_PR ? "protection" : "not-present");
	} else {
		cprintf("  err  0x%08x\n", err);
	}
	cprintf("  eip  0x%08x\n", tf->tf_eip);
	cprintf("  cs   0x----%04x\n", tf->tf_cs);
	cprintf("  flag 0x%08x\n", tf->tf_eflags);
	// A trap within the kernel leaves no stack pointer.
	if (tf->tf_cs & 3) {
		cprintf("  esp  0x%08x\n", tf->tf_esp);
		cprintf("  ss   0x----%04x\n", tf->tf_ss);
	}
	cons_end();
}
