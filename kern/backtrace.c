// Follows the chain of frame pointers. It runs when something is broken, so it
// trusts no pointer: frames must lie on a stack, each above the one before, and
// are read by peek.
//
// The kernel passes up to three arguments in registers: the words shown as args
// are what stands above the return address, arguments from the fourth on.
#include <inc/memlayout.h>
#include <inc/stdio.h>
#include <kern/backtrace.h>
#include <kern/console.h>
#include <kern/ksyms.h>
#include <kern/peek.h>

#define DEPTH 32 // frames shown at most
#define NARGS 5

extern char end[]; // of the kernel's image, which has the boot stack

struct Frame {
	uintptr_t ebp; // the caller's
	uintptr_t eip; // where this function returns to
	uint32_t args[NARGS];
};

// Whether a frame of code that runs in the kernel (or in a program) can be here.
static bool
backtrace_on_stack(uintptr_t ebp, bool kernel)
{
	if (ebp % sizeof(uint32_t) != 0)
		return false;
	if (!kernel)
		return ebp > 0 && ebp < UTOP;
	return (ebp >= KSTACKBASE && ebp < KSTACKLIM) || (ebp >= KERNBASE && ebp < (uintptr_t)end);
}

static void
backtrace_line(uintptr_t ebp, uintptr_t eip, const struct Frame *frame, int nargs)
{
	cprintf("  ebp %08x  eip %08x", ebp, eip);
	for (int i = 0; i < nargs; i++)
		cprintf("%s %08x", i == 0 ? "  args" : "", frame->args[i]);
	cprintf("\n");
}

// returned_to: eip follows a call, which the line is wanted of. The call may be
// its function's last instruction.
static void
backtrace_symbol(uintptr_t eip, bool returned_to)
{
	struct KsymInfo info;

	if (ksym_lookup(eip - returned_to, &info) < 0 || !info.func)
		return;
	if (info.file)
		cprintf("         %s:%d: %s+%u\n", info.file, info.line, info.func,
			eip - info.func_addr);
	else
		cprintf("         %s+%u\n", info.func, eip - info.func_addr);
}

void
backtrace(uintptr_t ebp, uintptr_t eip)
{
	bool kernel = eip == 0 || eip >= ULIM;

	cons_begin();
	for (int depth = 0; depth < DEPTH; depth++) {
		struct Frame frame;
		int nargs = NARGS;
		bool readable = backtrace_on_stack(ebp, kernel);

		// Next to a stack's end fewer words are there.
		while (readable && !peek(NULL, ebp, &frame,
					 offsetof(struct Frame, args) + nargs * sizeof(uint32_t)))
			readable = nargs-- > 0;
		if (eip != 0) {
			backtrace_line(ebp, eip, &frame, readable ? nargs : 0);
			if (kernel)
				backtrace_symbol(eip, depth > 0);
		}
		if (!readable || frame.eip == 0 || (kernel && frame.eip < ULIM))
			break;
		eip = frame.eip;
		// The outermost function's caller has no frame that is known.
		if (frame.ebp <= ebp)
			frame.ebp = 0;
		ebp = frame.ebp;
	}
	cons_end();
}
