// Bringing up each CPU: segments, tasks, features, and the start of the others.

#include <inc/string.h>
#include <inc/trap.h>
#include <kern/acpi.h>
#include <kern/clock.h>
#include <kern/cpu.h>
#include <kern/env.h>
#include <kern/kstack.h>
#include <kern/lapic.h>
#include <kern/mem.h>
#include <kern/mpentry.h>
#include <kern/sched.h>
#include <kern/trap.h>

struct Cpu cpus[MAXCPU] __attribute__((section(".bss.cpus"), aligned(PGSIZE)));
int ncpu = 1;
struct CpuFeatures cpu_features;

static uint8_t df_stacks[MAXCPU][PGSIZE] __attribute__((aligned(PGSIZE)));

static struct Segdesc
segment(uint32_t base, uint32_t limit, int type, int dpl, bool system)
{
	return (struct Segdesc){
		.sd_lim_15_0 = limit & 0xffff,
		.sd_base_15_0 = base & 0xffff,
		.sd_base_23_16 = (base >> 16) & 0xff,
		.sd_type = type,
		.sd_s = !system,
		.sd_dpl = dpl,
		.sd_p = 1,
		.sd_lim_19_16 = limit >> 16,
		.sd_db = !system,
		.sd_g = !system,
		.sd_base_31_24 = base >> 24,
	};
}

// Sets the base of GD_TLS. Takes effect when gs is loaded.
SWITCHPATH void
cpu_set_tls(struct Cpu *cpu, uintptr_t base)
{
	cpu->gdt[GD_TLS >> 3] = segment(base, 0xfffff, STA_W, 3, false);
}

// The ports among which a disk's driver in ring 3 finds its own: the two IDE channels,
// PCI configuration, and all that the BIOS gives to PCI devices, because only the driver
// knows which of it are the bus master's.
static void
open_ports(struct Cpu *cpu)
{
	static const struct {
		uint16_t first, last;
	} open[] = {{0x170, 0x177}, {0x1f0, 0x1f7}, {0x376, 0x376},
		    {0x3f6, 0x3f6}, {0xcf8, 0xcff}, {0x1000, 0xffff}};

	static_assert(offsetof(struct Cpu, io_closed) ==
			      offsetof(struct Cpu, ts) + sizeof(struct Taskstate),
		      "the map is part of the segment");
	memset(cpu->io_closed, 0xff, sizeof(cpu->io_closed));
	for (unsigned int i = 0; i < ARRAY_SIZE(open); i++)
		for (uint32_t port = open[i].first; port <= open[i].last; port++)
			cpu->io_closed[port / 8] &= ~(1 << port % 8);
}

// The calling CPU becomes cpus[id]: from here on cpunum() works on it.
void
cpu_init(int id)
{
	struct Cpu *cpu = &cpus[id];

	cpu->id = id;
	cpu->gdt[GD_KT >> 3] = segment(0, 0xfffff, STA_X | STA_R, 0, false);
	cpu->gdt[GD_KD >> 3] = segment(0, 0xfffff, STA_W, 0, false);
	cpu->gdt[GD_UT >> 3] = segment(0, 0xfffff, STA_X | STA_R, 3, false);
	cpu->gdt[GD_UD >> 3] = segment(0, 0xfffff, STA_W, 3, false);
	cpu->gdt[GD_TIMED >> 3] = cpu->gdt[GD_UD >> 3];
	cpu_set_tls(cpu, 0);

	cpu->ts.ts_ss0 = GD_KD;
	cpu->ts.ts_esp0 = kstack_cpu_top(id);
	cpu->ts.ts_iomb = CPU_IO_NONE;
	open_ports(cpu);
	cpu->gdt[(GD_TSS0 >> 3) + id] =
		segment((uintptr_t)&cpu->ts, sizeof(cpu->ts) + IOMAP_SIZE - 1, STS_T32A, 0, true);

	// A double fault means that the kernel's stack is gone: it gets a task
	// with a stack of its own.
	cpu->df_ts = (struct Taskstate){
		.ts_esp = (uintptr_t)df_stacks[id] + PGSIZE,
		.ts_eip = (uintptr_t)trap_double_fault,
		.ts_eflags = 0x2,
		.ts_cs = GD_KT,
		.ts_ds = GD_UD | 3,
		.ts_es = GD_UD | 3,
		.ts_ss = GD_KD,
		.ts_iomb = sizeof(cpu->df_ts),
	};
	cpu->gdt[GD_DF >> 3] =
		segment((uintptr_t)&cpu->df_ts, sizeof(cpu->df_ts) - 1, STS_T32A, 0, true);

	struct Pseudodesc desc = {sizeof(cpu->gdt) - 1, (uintptr_t)cpu->gdt};
	lgdt(&desc);
	// The kernel runs on the user's data segment, which is as flat as its
	// own, so that entries and exits load none.
	asm volatile("movw %w0,%%ds; movw %w0,%%es" : : "r"(GD_UD | 3));
	asm volatile("movw %w0,%%fs; movw %w0,%%gs" : : "r"(0));
	asm volatile("movw %w0,%%ss" : : "r"(GD_KD));
	asm volatile("ljmp %0,$1f; 1:" : : "i"(GD_KT));
	// After a reset there is one, at address 0, where programs can write.
	asm volatile("lldt %w0" : : "r"(0));
	ltr(GD_TSS0 + 8 * id);
}

// In the double fault's task the task register is that task's: finds the CPU by
// the stack, and makes cpunum() work again.
struct Cpu *
cpu_after_double_fault(void)
{
	int id = (read_esp() - (uintptr_t)df_stacks) / PGSIZE;
	struct Cpu *cpu = &cpus[id];

	cpu->gdt[(GD_TSS0 >> 3) + id].sd_type = STS_T32A; // no longer busy
	ltr(GD_TSS0 + 8 * id);
	return cpu;
}

// Whether there is a cpuid instruction: then EFLAGS.ID can be changed.
static bool
has_cpuid(void)
{
	const uint32_t id = 1u << 21;
	uint32_t before = read_eflags();

	write_eflags(before ^ id);
	uint32_t after = read_eflags();
	write_eflags(before);
	return (before ^ after) & id;
}

// Finds out what the CPUs offer.
void
cpu_features_init(void)
{
	uint32_t a, b, c, d, max;

	if (!has_cpuid())
		return;
	cpuid(0, 0, &max, &b, &c, &d);
	if (max < 1)
		return;
	cpuid(1, 0, &a, &b, &c, &d);
	cpu_features.pge = d & (1 << 13);
	cpu_features.fxsr = d & (1 << 24);
	// The first Pentium Pros say that they have it, and do not.
	cpu_features.sysenter = (d & (1 << 11)) && (a & 0xfff) >= 0x633;
	if (max < 7)
		return;
	cpuid(7, 0, &a, &b, &c, &d);
	cpu_features.smep = b & (1 << 7);
	cpu_features.smap = b & (1 << 20);
	cpu_features.umip = c & (1 << 2);
}

// Turns them on, on this CPU.
void
cpu_features_enable(void)
{
	uint32_t cr4 = 0;

	thiscpu->df_ts.ts_cr3 = PADDR(kern_pgdir);
	if (cpu_features.pge)
		cr4 |= CR4_PGE;
	if (cpu_features.smep)
		cr4 |= CR4_SMEP;
	if (cpu_features.smap)
		cr4 |= CR4_SMAP;
	if (cpu_features.umip)
		cr4 |= CR4_UMIP;
	if (cpu_features.fxsr)
		cr4 |= CR4_OSFXSR | CR4_OSXMMEXCPT;
	if (cr4)
		lcr4(cr4);
	if (cpu_features.sysenter) {
		wrmsr(MSR_SYSENTER_CS, GD_KT);
		wrmsr(MSR_SYSENTER_ESP, (uintptr_t)&thiscpu->ts.ts_esp0);
		wrmsr(MSR_SYSENTER_EIP, (uintptr_t)sysenter_entry);
	}
	fpu_init();
}

static volatile int starting; // the CPU that mp_main is to become

// What all CPUs do for themselves, on their own stack and for good.
static void
cpu_enter(void *unused)
{
	trap_init_percpu();
	cpu_features_enable();
	lapic_init();
	lapic_timer_start(SCHED_HZ);
	thiscpu->started = true;
	sched();
}

// Where the other CPUs enter C, on the boot stack.
void
mp_main(void)
{
	lcr3(PADDR(kern_pgdir));
	cpu_init(starting);
	call_on_stack(thiscpu->kstacktop, cpu_enter, NULL);
}

// Fills cpus[], and gives each CPU its stack.
void
cpu_init_all(void)
{
	for (int i = 0; i < acpi.ncpus; i++) {
		cpus[i].id = i;
		cpus[i].apicid = acpi.apicid[i];
		cpus[i].kstacktop = kstack_cpu_top(i);
		kstack_init_cpu(i);
		spin_init(&cpus[i].rq.lock, "run queue", RANK_RUNQUEUE);
	}
	ncpu = acpi.ncpus;
}

// Starts the other CPUs one by one. They share the boot stack for a moment, so
// this one must have left it.
void
cpu_start_others(void)
{
	memmove(KADDR(MPENTRY), mpentry_start, mpentry_end - mpentry_start);
	for (int i = 1; i < ncpu; i++) {
		starting = i;
		lapic_startap(cpus[i].apicid, MPENTRY);
		uint64_t start = clock_ms();
		while (!cpus[i].started) {
			pause();
			if (clock_ms() - start > 5000)
				panic("CPU %d does not start", i);
		}
	}
}

// Stops the other CPUs for good.
void
cpu_halt_others(void)
{
	for (int i = 0; i < ncpu; i++)
		if (cpus[i].started && i != cpunum())
			lapic_ipi(cpus[i].apicid, T_IPI_HALT);
}
