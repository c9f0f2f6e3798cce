// A page fault must be invisible to the code that it interrupts. Sets every
// register and the arithmetic flags to known values, faults, and compares what
// the handler was told, and what the registers hold afterwards, with them.
#include <inc/lib.h>

struct Regs {
	struct PushRegs regs;
	uintptr_t eip;
	uint32_t eflags;
	uintptr_t esp;
};
static_assert(offsetof(struct Regs, eip) == 0x20 && offsetof(struct Regs, eflags) == 0x24 &&
		      offsetof(struct Regs, esp) == 0x28,
	      "fault_with_registers counts on it");

// Not static: fault_with_registers names the first and the last.
struct Regs regs_before = {
	.regs =
		{
			.reg_edi = 0xd1d1d1d1,
			.reg_esi = 0x51515151,
			.reg_ebp = 0xb9b9b9b9,
			.reg_ebx = 0xb0b0b0b0,
			.reg_edx = 0xd0d0d0d0,
			.reg_ecx = 0xc0c0c0c0,
			.reg_eax = 0xa0a0a0a0,
		},
};
struct Regs regs_after;
static struct Regs regs_during;

// Stores 42 at UTEMP, where there is no page, with the registers of
// regs_before; fills in its eip, eflags and esp; puts what it finds after the
// fault into regs_after.
void fault_with_registers(void);
asm(".text\n"
    ".globl fault_with_registers\n"
    ".type fault_with_registers, @function\n"
    "fault_with_registers:\n"
    "	pushal\n"
    "	pushfl\n"
    "	movl	%esp, regs_before+0x28\n"
    "	movl	$1f, regs_before+0x20\n"
    "	pushfl\n" // with carry, parity, adjust, zero, sign and overflow on
    "	orl	$0x8d5, (%esp)\n"
    "	popl	regs_before+0x24\n"
    "	movl	regs_before+0x00, %edi\n"
    "	movl	regs_before+0x04, %esi\n"
    "	movl	regs_before+0x08, %ebp\n"
    "	movl	regs_before+0x10, %ebx\n"
    "	movl	regs_before+0x14, %edx\n"
    "	movl	regs_before+0x18, %ecx\n"
    "	movl	regs_before+0x1c, %eax\n"
    "	pushl	regs_before+0x24\n"
    "	popfl\n"
    "1:	movl	$42, 0x400000\n" // UTEMP
    // Neither mov nor push changes a flag.
    "	movl	%edi, regs_after+0x00\n"
    "	movl	%esi, regs_after+0x04\n"
    "	movl	%ebp, regs_after+0x08\n"
    "	movl	%ebx, regs_after+0x10\n"
    "	movl	%edx, regs_after+0x14\n"
    "	movl	%ecx, regs_after+0x18\n"
    "	movl	%eax, regs_after+0x1c\n"
    "	movl	%esp, regs_after+0x28\n"
    "	pushfl\n"
    "	popl	regs_after+0x24\n"
    "	popfl\n"
    "	popal\n"
    "	ret\n"
    ".size fault_with_registers, . - fault_with_registers\n");

static bool
check_reg(const char *name, uint32_t want, uint32_t got)
{
	cprintf("%-6s %08x %08x %s\n", name, want, got, want == got ? "OK" : "MISMATCH");
	return want == got;
}

// Prints regs_before beside r, whose column is headed name, and the outcome.
static void
check_regs(const struct Regs *r, const char *name, const char *when)
{
	const struct Regs *b = &regs_before;
	bool same = true;

	cprintf("%-6s %-8s %-8s\n", "", "before", name);
	same &= check_reg("edi", b->regs.reg_edi, r->regs.reg_edi);
	same &= check_reg("esi", b->regs.reg_esi, r->regs.reg_esi);
	same &= check_reg("ebp", b->regs.reg_ebp, r->regs.reg_ebp);
	same &= check_reg("ebx", b->regs.reg_ebx, r->regs.reg_ebx);
	same &= check_reg("edx", b->regs.reg_edx, r->regs.reg_edx);
	same &= check_reg("ecx", b->regs.reg_ecx, r->regs.reg_ecx);
	same &= check_reg("eax", b->regs.reg_eax, r->regs.reg_eax);
	same &= check_reg("eip", b->eip, r->eip);
	same &= check_reg("eflags", b->eflags, r->eflags);
	same &= check_reg("esp", b->esp, r->esp);
	cprintf("Registers %s %s\n", when, same ? "OK" : "MISMATCH");
}

static void
handler(struct UTrapframe *utf)
{
	int r;

	if (utf->utf_fault_va != (uintptr_t)UTEMP)
		panic("expected a fault at UTEMP, got %08x (eip %08x)", utf->utf_fault_va,
		      utf->utf_eip);

	regs_during.regs = utf->utf_regs;
	regs_during.eip = utf->utf_eip;
	// The CPU itself sets RF in the flags that a fault saves.
	regs_during.eflags = utf->utf_eflags & ~FL_RF;
	regs_during.esp = utf->utf_esp;
	check_regs(&regs_during, "during", "in UTrapframe");

	if ((r = sys_page_alloc(0, UTEMP, PTE_P | PTE_U | PTE_W)) < 0)
		panic("sys_page_alloc: %e", r);
}

void
umain(int argc, char **argv)
{
	set_pgfault_handler(handler);
	fault_with_registers();

	// No instruction can save its own eip. That the store was done again, and
	// that we are here, says enough of where the program went on.
	if (*(volatile int *)UTEMP != 42)
		cprintf("EIP after page-fault MISMATCH\n");
	regs_after.eip = regs_before.eip;
	check_regs(&regs_after, "after", "after page-fault");
}
