// Traps in C: what programs do wrong, interrupts, and the system calls that the
// fast paths of kern/trapentry.S leave over.

#include <inc/error.h>
#include <kern/backtrace.h>
#include <kern/console.h>
#include <kern/cpu.h>
#include <kern/env.h>
#include <kern/flexsc.h>
#include <kern/lapic.h>
#include <kern/mem.h>
#include <kern/monitor.h>
#include <kern/run.h>
#include <kern/sched.h>
#include <kern/syscall.h>
#include <kern/sysinfo.h>
#include <kern/tlb.h>
#include <kern/trap.h>
#include <kern/trapentry.h>
#include <kern/trapframe.h>
#include <kern/usercopy.h>

static_assert(offsetof(struct Trapframe, tf_regs.reg_edi) == TF_EDI, "");
static_assert(offsetof(struct Trapframe, tf_regs.reg_esi) == TF_ESI, "");
static_assert(offsetof(struct Trapframe, tf_regs.reg_ebx) == TF_EBX, "");
static_assert(offsetof(struct Trapframe, tf_regs.reg_eax) == TF_EAX, "");
static_assert(offsetof(struct Trapframe, tf_es) == TF_ES, "");
static_assert(offsetof(struct Trapframe, tf_ds) == TF_DS, "");
static_assert(offsetof(struct Trapframe, tf_trapno) == TF_TRAPNO, "");
static_assert(offsetof(struct Trapframe, tf_eip) == TF_EIP, "");
static_assert(offsetof(struct Trapframe, tf_cs) == TF_CS, "");
static_assert(offsetof(struct Trapframe, tf_eflags) == TF_EFLAGS, "");
static_assert(offsetof(struct Trapframe, tf_esp) == TF_ESP, "");
static_assert(offsetof(struct EnvKernel, tf) == 0, "");
static_assert(offsetof(struct EnvKernel, kstack) == K_KSTACK, "");
static_assert(offsetof(struct EnvKernel, ncalls) == K_NCALLS, "");
static_assert(offsetof(struct EnvKernel, call) == K_CALL, "");
static_assert(CALL_YIELD == CALL_YIELD_VALUE && CALL_PARKED < CALL_YIELD &&
		      CALL_AGAIN < CALL_YIELD && CALL_PAGER < CALL_YIELD,
	      "");

static struct Gatedesc idt[256];

static void
set_gate(int vector, uintptr_t entry, int dpl)
{
	idt[vector] = (struct Gatedesc){
		.gd_off_15_0 = entry & 0xffff,
		.gd_sel = GD_KT,
		.gd_type = STS_IG32,
		.gd_dpl = dpl,
		.gd_p = 1,
		.gd_off_31_16 = entry >> 16,
	};
}

void
trap_init(void)
{
	for (int i = 0; i < 256; i++)
		set_gate(i, vectors[i], 0);
	set_gate(T_BRKPT, vectors[T_BRKPT], 3);
	set_gate(T_OFLOW, vectors[T_OFLOW], 3);
	set_gate(T_DEBUG, (uintptr_t)debug_entry, 0);
	set_gate(T_SYSCALL, (uintptr_t)syscall_entry, 3);
	set_gate(T_FLOOR, (uintptr_t)floor_entry, 3);
	idt[T_DBLFLT] = (struct Gatedesc){.gd_sel = GD_DF, .gd_type = STS_TG, .gd_p = 1};
	trap_init_percpu();
}

void
trap_init_percpu(void)
{
	struct Pseudodesc desc = {sizeof(idt) - 1, (uintptr_t)idt};
	lidt(&desc);
}

// An interrupt, in whatever mode it came. Whether it was one.
static bool
interrupt(int trapno)
{
	switch (trapno) {
	case IRQ_OFFSET + IRQ_TIMER:
		lapic_eoi();
		thiscpu->ticks++;
		if (!curenv)
			thiscpu->idle_ticks++;
		if (thiscpu->id == 0)
			sysinfo_tick();
		break;
	case IRQ_OFFSET + IRQ_KBD:
		cons_kbd_intr();
		lapic_eoi();
		cons_events();
		break;
	case IRQ_OFFSET + IRQ_SERIAL:
		cons_serial_intr();
		lapic_eoi();
		cons_events();
		break;
	case IRQ_OFFSET + IRQ_IDE:
	case IRQ_OFFSET + IRQ_IDE2:
		lapic_eoi();
		sysinfo_irq(trapno - IRQ_OFFSET);
		break;
	case T_IPI_TLB:
		tlb_service();
		lapic_eoi();
		break;
	case T_IPI_RESCHED: lapic_eoi(); break;
	case T_IPI_HALT:
		for (;;)
			asm volatile("hlt");
	case T_SPURIOUS:
	case IRQ_OFFSET + IRQ_SPURIOUS: break;
	default: return false;
	}
	return true;
}

// An int3 or single step: to the monitor if there is one to talk to.
static void
debug_trap(struct Trapframe *tf)
{
	if (run_monitor()) {
		monitor(tf);
		return;
	}
	print_trapframe(tf);
	env_fault(curenv);
}

// A trap from ring 3, on the CPU's own stack; tf is the current env's.
void
trap_user(struct Trapframe *tf)
{
	struct Env *e = curenv;
	struct EnvKernel *k = e->k;

	if (k->request & REQ_TIMED) {
		k->entered = read_tsc();
		tf->tf_ds = tf->tf_es = GD_TIMED | 3; // whatever it has loaded meanwhile
	}
	if (interrupt(tf->tf_trapno)) {
		bool tick = tf->tf_trapno == IRQ_OFFSET + IRQ_TIMER;
		bool disk = tf->tf_trapno == IRQ_OFFSET + IRQ_IDE ||
			    tf->tf_trapno == IRQ_OFFSET + IRQ_IDE2;
		if (tick)
			sched_balance();
		// What a disk wakes does not wait for the end of a time slice.
		bool leaves = (tick || (disk && e->env_type != ENV_TYPE_FS)) && sched_others_wait();
		if (tick || leaves) {
			spin_lock(&k->lock);
			k->used.ticks += tick;
			k->used.preempted += leaves;
			spin_unlock(&k->lock);
		}
		if (leaves) {
			sched_preempt(e);
			sched();
		}
	} else {
		switch (tf->tf_trapno) {
		case T_PGFLT: page_fault_user(tf, rcr2()); break;
		case T_SYSCALL:
		case T_SYSENTER: syscall_slow(e, tf); break;
		case T_BRKPT:
		case T_DEBUG: debug_trap(tf); break;
		case T_DEVICE: fpu_trap(e); break;
		default: print_trapframe(tf); env_fault(e);
		}
	}
	if (k->request)
		sched_serve_request(e);
	env_return(k);
}

// A call's function returned no result (kern/call.h); tf is the frame.
SWITCHPATH void
syscall_special(int32_t value, struct Trapframe *tf)
{
	struct Env *e = container_of(tf, struct EnvKernel, tf)->call.env;

	if (value == CALL_AGAIN || (value == CALL_PAGER && call_run_pager(&e->k->call))) {
		if (e->k->request)
			sched_serve_request(e);
		env_return(e->k);
	}
	if (value == CALL_YIELD) {
		tf->tf_regs.reg_eax = 0;
		sched_preempt(e);
	}
	sched();
}

// A trap in ring 0. Returns the frame to resume.
struct Trapframe *
trap_kernel(struct Trapframe *tf)
{
	uintptr_t fixup;

	if (tf->tf_trapno == T_PGFLT && (fixup = usercopy_fixup(tf->tf_eip))) {
		if (!page_fault_spurious(rcr2(), tf->tf_err))
			tf->tf_eip = fixup;
		return tf;
	}
	if (interrupt(tf->tf_trapno)) {
		// Interrupts are on in ring 0 only in the idle loop, where no
		// env runs, and in a syscall thread's windows.
		if (curenv)
			flexsc_interrupted(flexsc_thread_here(), tf);
		return tf;
	}
	print_trapframe(tf);
	backtrace(tf->tf_regs.reg_ebp, tf->tf_eip);
	panic("trap in the kernel");
}

// The double fault's task: the kernel's stack has overflown onto its guard page,
// and this runs on a stack of its own. CR3 is the kernel's.
void
trap_double_fault(void)
{
	struct Cpu *cpu = cpu_after_double_fault();
	struct Trapframe tf = {
		.tf_regs =
			{
				.reg_edi = cpu->ts.ts_edi,
				.reg_esi = cpu->ts.ts_esi,
				.reg_ebp = cpu->ts.ts_ebp,
				.reg_oesp = cpu->ts.ts_esp,
				.reg_ebx = cpu->ts.ts_ebx,
				.reg_edx = cpu->ts.ts_edx,
				.reg_ecx = cpu->ts.ts_ecx,
				.reg_eax = cpu->ts.ts_eax,
			},
		.tf_es = cpu->ts.ts_es,
		.tf_ds = cpu->ts.ts_ds,
		.tf_trapno = T_DBLFLT,
		.tf_eip = cpu->ts.ts_eip,
		.tf_cs = cpu->ts.ts_cs,
		.tf_eflags = cpu->ts.ts_eflags,
	};

	print_trapframe(&tf);
	backtrace(tf.tf_regs.reg_ebp, tf.tf_eip);
	panic("double fault with esp %08x: a kernel stack overflow, as a rule", cpu->ts.ts_esp);
}
