// The table of system calls, one for both doors, made from inc/syscall.def.

#include <inc/error.h>
#include <kern/env.h>
#include <kern/flexsc.h>
#include <kern/sched.h>
#include <kern/syscall.h>

// Functions with fewer arguments are called through this type all the same:
// the caller removes the arguments, so those in excess do no harm.
#define ROW(name, ...) [SYS_##name] = (syscall_fn)(void (*)(void))sys_##name,
#define SYSCALL0(doors, type, name) ROW(name)
#define SYSCALL1(doors, type, name, ...) ROW(name)
#define SYSCALL2(doors, type, name, ...) ROW(name)
#define SYSCALL3(doors, type, name, ...) ROW(name)
#define SYSCALL4(doors, type, name, ...) ROW(name)
#define SYSCALL5(doors, type, name, ...) ROW(name)
const syscall_fn syscall_table[NSYSCALLS] = {
#include <inc/syscall.def>
};
#undef ROW

#define DOOR_TRAP(name) refuse
#define DOOR_OWN(name) refuse
#define DOOR_PAGE(name) (syscall_fn)(void (*)(void)) sys_##name
#define DOOR_POST(name) (syscall_fn)(void (*)(void)) sys_##name

// A call that the page may not carry.
static int32_t
refuse(struct Call *call, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t a4, uint32_t a5)
{
	return -E_INVAL;
}

#include <inc/syscall_undef.h>
#define SYSCALL0(doors, type, name) [SYS_##name] = DOOR_##doors(name),
#define SYSCALL1(doors, type, name, ...) [SYS_##name] = DOOR_##doors(name),
#define SYSCALL2(doors, type, name, ...) [SYS_##name] = DOOR_##doors(name),
#define SYSCALL3(doors, type, name, ...) [SYS_##name] = DOOR_##doors(name),
#define SYSCALL4(doors, type, name, ...) [SYS_##name] = DOOR_##doors(name),
#define SYSCALL5(doors, type, name, ...) [SYS_##name] = DOOR_##doors(name),
const syscall_fn syscall_page_table[NSYSCALLS + 1] = {
	[NSYSCALLS] = refuse,
#include <inc/syscall.def>
};

#include <inc/syscall_undef.h>
#define SYSCALL0(doors, type, name) [SYS_##name] = #name,
#define SYSCALL1(doors, type, name, ...) [SYS_##name] = #name,
#define SYSCALL2(doors, type, name, ...) [SYS_##name] = #name,
#define SYSCALL3(doors, type, name, ...) [SYS_##name] = #name,
#define SYSCALL4(doors, type, name, ...) [SYS_##name] = #name,
#define SYSCALL5(doors, type, name, ...) [SYS_##name] = #name,
static const char *const names[NSYSCALLS] = {
#include <inc/syscall.def>
};
#include <inc/syscall_undef.h>

// A call by trap that kern/trapentry.S left over: a bad number, odd flags or
// segments, or sysenter's fifth argument.
void
syscall_slow(struct Env *e, struct Trapframe *tf)
{
	struct PushRegs *regs = &tf->tf_regs;
	uint32_t num = regs->reg_eax, a5 = regs->reg_esi;
	bool by_sysenter = tf->tf_trapno == T_SYSENTER;

	if (e->k->request & REQ_TIMED)
		usage_frame(e); // sysenter's does not tell its segments
	if (by_sysenter && (num & SYSENTER_ARG5)) {
		num &= ~SYSENTER_ARG5;
		int r = call_copy_in(&e->k->call, &a5, tf->tf_esp, sizeof(a5));
		if (r == CALL_PAGER)
			syscall_special(r, tf);
		if (r < 0) {
			regs->reg_eax = r;
			return;
		}
	}
	if (num >= NSYSCALLS) {
		regs->reg_eax = -E_INVAL;
		return;
	}
	e->k->ncalls[num]++;
	int32_t r = syscall_table[num](&e->k->call, regs->reg_edx, regs->reg_ecx, regs->reg_ebx,
				       regs->reg_edi, a5);
	if (r <= CALL_YIELD)
		syscall_special(r, tf);
	regs->reg_eax = r;
}

// ---- What the monitor shows ---------------------------------------------------

static uint64_t ended_by_trap[NSYSCALLS], ended_by_page[NSYSCALLS]; // of envs that ended

const char *
syscall_name(int num)
{
	return num >= 0 && num < NSYSCALLS ? names[num] : "?";
}

static void
add_counts(const struct Env *e, int num, uint64_t *by_trap, uint64_t *by_page)
{
	*by_trap += e->k->ncalls[num];
	*by_page += flexsc_ncalls(e, num);
}

// How often a call came by each door since the kernel started.
void
syscall_stats(int num, uint64_t *by_trap, uint64_t *by_page)
{
	*by_trap = ended_by_trap[num];
	*by_page = ended_by_page[num];
	for (int i = 0; i < NENV; i++)
		if (envs[i].env_status != ENV_FREE && !env_is_syscall_thread(&envs[i]))
			add_counts(&envs[i], num, by_trap, by_page);
}

// Keeps an env's counts beyond its end. Approximate when two end at once.
void
syscall_note_end(struct Env *e)
{
	for (int i = 0; i < NSYSCALLS; i++)
		add_counts(e, i, &ended_by_trap[i], &ended_by_page[i]);
}
