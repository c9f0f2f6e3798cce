// The CPUs: per-CPU data, segments and tasks.
//
// The current CPU is known by its task register, which holds a selector of its
// own on each CPU and can be read in a cycle or two. (A segment register would
// have to be loaded on every entry; the local APIC takes thousands of cycles.)
#ifndef KERN_CPU_H
#define KERN_CPU_H

#include <inc/env.h>
#include <inc/memlayout.h>
#include <inc/mmu.h>
#include <inc/types.h>
#include <inc/x86.h>
#include <kern/spinlock.h>

#define MAXCPU 8
#define NGDT 16
#define MAXHELD 8 // locks held at once by a CPU

// What most system calls pass through lies together, on one page: fewer pages to
// keep translated, and QEMU chains jumps only within a page.
#define FASTPATH __attribute__((section(".text.fast")))

// And on the pages behind it what a change of envs passes through: each change makes
// QEMU forget all translations, and it finds them again page by page.
#define SWITCHPATH __attribute__((section(".text.switch")))

struct AddrSpace;

// Envs that wait for a CPU. The lock covers all of it.
struct RunQueue {
	struct Spinlock lock;
	struct Env *head, *tail;
	volatile int length; // others look without the lock
	bool idle;           // its CPU has found nothing to run: send it an interrupt

	// Its CPU has found nothing to run, but looks again all the time.
	// Written by that CPU alone; a hint for others.
	volatile bool polled;
};

#define IOMAP_SIZE (65536 / 8 + 1) // the CPU wants a byte more

// Only its own CPU touches a Cpu, but for the fields that say otherwise.
struct Cpu {
	int id;
	int apicid;
	volatile bool started;
	struct Env *volatile running;  // others may look
	struct AddrSpace *volatile as; // loaded in CR3; holds a reference. Others may compare it
	uintptr_t kstacktop;
	uint64_t ticks, idle_ticks;
	uint64_t left; // when its last env left it, for the next to begin with; 0: it did more

	// TLB flushes asked of this CPU, and done (kern/tlb.c). Any CPU.
	volatile uint32_t tlb_want;
	volatile uint32_t tlb_done;

	struct RunQueue rq; // any CPU

	// Locks held, in the order taken.
	int nheld;
	struct Spinlock *held[MAXHELD];

	// A cache of free pages (kern/mem.c). Any CPU, under the lock.
	struct Spinlock pages_lock;
	struct PageInfo *pages;
	int npages;

	struct Segdesc gdt[NGDT];
	struct Taskstate df_ts;
	uint32_t step_room[4]; // a single step into sysenter's first
			       // instruction pushes here: kern/trapentry.S
	struct Taskstate ts;
	uint8_t io_closed[IOMAP_SIZE]; // directly behind ts; a bit a port
};

// ts.ts_iomb: whether the env that runs may use the ports open in io_closed.
#define CPU_IO_SOME sizeof(struct Taskstate)
#define CPU_IO_NONE 0xffff

extern struct Cpu cpus[MAXCPU];
extern int ncpu; // CPUs that run

static inline int
cpunum(void)
{
	return (str() - GD_TSS0) >> 3;
}

#define thiscpu (&cpus[cpunum()])
#define curenv (thiscpu->running)

// What this CPU's kind offers.
struct CpuFeatures {
	bool sysenter, smep, smap, umip, pge, fxsr;
};
extern struct CpuFeatures cpu_features;

void cpu_init(int id);
void cpu_features_init(void);
void cpu_features_enable(void);
void cpu_init_all(void);
void cpu_start_others(void);
void cpu_halt_others(void);
void cpu_set_tls(struct Cpu *cpu, uintptr_t base);
struct Cpu *cpu_after_double_fault(void);
void mp_main(void) __attribute__((noreturn));

#endif
