// The kernel monitor. The CPU that enters it stands still; the others go on,
// and one that wants in too waits for its turn. So what the commands show of
// others may be a moment old, and they take no locks.
#include <inc/memlayout.h>
#include <inc/stdio.h>
#include <inc/string.h>
#include <inc/x86.h>
#include <kern/backtrace.h>
#include <kern/clock.h>
#include <kern/console.h>
#include <kern/cpu.h>
#include <kern/env.h>
#include <kern/mem.h>
#include <kern/monitor.h>
#include <kern/monline.h>
#include <kern/monmem.h>
#include <kern/peek.h>
#include <kern/run.h>
#include <kern/syscall.h>
#include <kern/tlb.h>
#include <kern/trapframe.h>

#define LINE 80
#define MAXARGS 16

struct Command {
	const char *name;
	const char *alias; // or NULL
	const char *args;
	const char *desc;
	// True: leave the monitor. tf may be NULL.
	bool (*func)(int argc, char **argv, struct Trapframe *tf);
};

static volatile uint32_t monitor_busy; // a CPU is in it; taken by xchg
static bool stepping;                  // left by 'step'; under monitor_busy

extern char text_start[], etext[], data_start[], edata[], end[];

static bool mon_help(int argc, char **argv, struct Trapframe *tf);

// ---- Commands -----------------------------------------------------------------

static bool
mon_kerninfo(int argc, char **argv, struct Trapframe *tf)
{
	static const struct {
		const char *name;
		char *addr;
	} symbols[] = {
		{"text_start", text_start}, {"etext", etext}, {"data_start", data_start},
		{"edata", edata},           {"end", end},
	};

	cprintf("the kernel, at        virtual   physical\n");
	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++)
		cprintf("  %-10s  %08x  %08x\n", symbols[i].name, (uintptr_t)symbols[i].addr,
			PADDR(symbols[i].addr));
	cprintf("its size: %d KiB\n", (end - text_start + 1023) / 1024);
	cprintf("Memory: %u pages, %u free\n", npages, page_count_free());
	cprintf("CPUs: %d, %u kHz,%s%s%s%s up %llu ms\n", ncpu, tsc_khz,
		cpu_features.sysenter ? " sysenter" : "", cpu_features.smep ? " smep" : "",
		cpu_features.smap ? " smap" : "", cpu_features.umip ? " umip" : "", clock_ms());
	return false;
}

static bool
mon_backtrace(int argc, char **argv, struct Trapframe *tf)
{
	cprintf("Stack backtrace:\n");
	if (tf)
		backtrace(tf->tf_regs.reg_ebp, tf->tf_eip);
	else
		backtrace(read_ebp(), 0);
	return false;
}

static bool
mon_mappings(int argc, char **argv, struct Trapframe *tf)
{
	monmem_mappings(argc, argv);
	return false;
}

static bool
mon_dump(int argc, char **argv, struct Trapframe *tf)
{
	monmem_dump(argc, argv);
	return false;
}

static bool
mon_envs(int argc, char **argv, struct Trapframe *tf)
{
	static const char *const status[] = {
		[ENV_FREE] = "free",          [ENV_DYING] = "dying",
		[ENV_RUNNABLE] = "runnable",  [ENV_RUNNING] = "running",
		[ENV_NOT_RUNNABLE] = "waits", [ENV_ZOMBIE] = "zombie",
	};
	static const char *const type[] = {
		[ENV_TYPE_USER] = "program",
		[ENV_TYPE_FS] = "service",
		[ENV_TYPE_SYSCALL] = "syscalls",
		[ENV_TYPE_THREAD] = "thread",
	};
	int n = 0;

	cprintf("env       parent    type      status    cpu  runs        name\n");
	for (int i = 0; i < NENV; i++) {
		const struct Env *e = &envs[i];

		if (e->env_status == ENV_FREE)
			continue;
		n++;
		cprintf("%08x  %08x  %-8s  %-8s  %3d  %-10u  %.*s%s\n", e->env_id, e->env_parent_id,
			type[e->env_type], e->env_ipc_recving ? "receives" : status[e->env_status],
			e->env_cpunum, e->env_runs, (int)sizeof(e->env_name), e->env_name,
			e->env_syscall_thread ? ", registered" : "");
	}
	cprintf("%d of %d\n", n, NENV);
	return false;
}

static bool
mon_cpus(int argc, char **argv, struct Trapframe *tf)
{
	cprintf("cpu  apic  ticks       idle        queued  runs\n");
	for (int i = 0; i < ncpu; i++) {
		const struct Env *e = cpus[i].running;

		cprintf("%c%2d  %4d  %-10llu  %-10llu  %6d  ", i == cpunum() ? '*' : ' ', i,
			cpus[i].apicid, cpus[i].ticks, cpus[i].idle_ticks, cpus[i].rq.length);
		if (e)
			cprintf("%08x %.*s\n", e->env_id, (int)sizeof(e->env_name), e->env_name);
		else
			cprintf("-\n");
	}
	return false;
}

static bool
mon_sysstat(int argc, char **argv, struct Trapframe *tf)
{
	bool any = false;

	for (int num = 0; num < NSYSCALLS; num++) {
		uint64_t by_trap, by_page;

		syscall_stats(num, &by_trap, &by_page);
		if (by_trap == 0 && by_page == 0)
			continue;
		if (!any)
			cprintf("call                         by trap       by page\n");
		any = true;
		cprintf("%2d %-22s  %10llu    %10llu\n", num, syscall_name(num), by_trap, by_page);
	}
	if (!any)
		cprintf("no system calls yet\n");
	return false;
}

static bool
mon_regs(int argc, char **argv, struct Trapframe *tf)
{
	if (tf)
		print_trapframe(tf);
	else
		cprintf("no trap led here: there are no registers to show\n");
	return false;
}

static bool
mon_continue(int argc, char **argv, struct Trapframe *tf)
{
	if (tf)
		tf->tf_eflags &= ~FL_TF;
	return true;
}

static bool
mon_step(int argc, char **argv, struct Trapframe *tf)
{
	if (!tf) {
		cprintf("no trap led here: there is nothing to step\n");
		return false;
	}
	tf->tf_eflags |= FL_TF;
	stepping = true;
	return true;
}

// Uses up the stack.
static int
overflow(volatile int *depth)
{
	static int (*volatile self)(volatile int *) = overflow; // no loop of it, compiler
	volatile int below = *depth + 1;
	return self(&below) + *depth;
}

// Brings the kernel down, to show (and test) how it tells.
static bool
mon_crash(int argc, char **argv, struct Trapframe *tf)
{
	volatile int depth = 0;

	if (argc == 2 && strcmp(argv[1], "panic") == 0)
		panic("the monitor was told to");
	if (argc == 2 && strcmp(argv[1], "fault") == 0)
		return *(volatile char *)PGSIZE;
	if (argc == 2 && strcmp(argv[1], "stack") == 0)
		return overflow(&depth);
	cprintf("crash panic, crash fault or crash stack\n");
	return false;
}

static bool
mon_quit(int argc, char **argv, struct Trapframe *tf)
{
	run_leave(cons_panicked() ? RUN_PANIC : run_result());
	return false;
}

static const struct Command commands[] = {
	{"help", "?", "", "what can be said here", mon_help},
	{"kerninfo", NULL, "", "the kernel and the machine", mon_kerninfo},
	{"backtrace", "bt", "", "who called whom", mon_backtrace},
	{"mappings", "showmappings", " VA [LAST] [of ENV]", "what is mapped there", mon_mappings},
	{"x", "mem", " VA [WORDS] [of ENV]", "what memory holds", mon_dump},
	{"regs", NULL, "", "the registers of the trap", mon_regs},
	{"envs", "ps", "", "the environments", mon_envs},
	{"cpus", NULL, "", "the CPUs, and what they run", mon_cpus},
	{"sysstat", NULL, "", "how many system calls came by trap and by page", mon_sysstat},
	{"continue", "c", "", "go on with what was interrupted", mon_continue},
	{"step", "s", "", "one instruction of it", mon_step},
	{"crash", NULL, " panic|fault|stack", "bring the kernel down", mon_crash},
	{"quit", "exit", "", "leave QEMU", mon_quit},
};

static bool
mon_help(int argc, char **argv, struct Trapframe *tf)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		const struct Command *cmd = &commands[i];

		cprintf("%s%s%s%s - %s\n", cmd->name, cmd->alias ? ", " : "",
			cmd->alias ? cmd->alias : "", cmd->args, cmd->desc);
	}
	cprintf("Addresses and env ids are hexadecimal.\n");
	return false;
}

// ---- The monitor itself ---------------------------------------------------------

// Executes a line, which is cut to pieces. True: leave the monitor.
static bool
mon_execute(char *line, struct Trapframe *tf)
{
	char *argv[MAXARGS + 1];
	int argc = 0;

	for (;;) {
		while (*line == ' ')
			*line++ = 0;
		if (!*line)
			break;
		if (argc == MAXARGS) {
			cprintf("more than %d words\n", MAXARGS);
			return false;
		}
		argv[argc++] = line;
		line = strfind(line, ' ');
	}
	argv[argc] = NULL;
	if (argc == 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		const struct Command *cmd = &commands[i];

		if (strcmp(argv[0], cmd->name) == 0 ||
		    (cmd->alias && strcmp(argv[0], cmd->alias) == 0))
			return cmd->func(argc, argv, tf);
	}
	cprintf("no command %s: try help\n", argv[0]);
	return false;
}

// After a step, where it led is enough to say.
static void
mon_print_step(const struct Trapframe *tf)
{
	uint8_t byte;

	cprintf("  eip 0x%08x ", tf->tf_eip);
	for (int i = 0; i < 8 && peek(NULL, tf->tf_eip + i, &byte, 1); i++)
		cprintf(" %02x", byte);
	cprintf("\n");
}

void
monitor(struct Trapframe *tf)
{
	char line[LINE];

	// After a panic whoever is in it stays there, without input.
	while (xchg(&monitor_busy, 1) != 0 && !cons_panicked()) {
		tlb_service();
		pause();
	}
	cons_own_input(true);
	if (stepping && tf && tf->tf_trapno == T_DEBUG) {
		mon_print_step(tf);
	} else {
		cprintf("Welcome to the JOS kernel monitor!\n");
		cprintf("Type 'help' for a list of commands.\n");
		if (tf)
			print_trapframe(tf);
	}
	stepping = false;

	do
		monline_read("K> ", line, sizeof(line));
	while (!mon_execute(line, tf));

	cons_own_input(false);
	barrier(); // all is written before the next sees it free
	monitor_busy = 0;
}
