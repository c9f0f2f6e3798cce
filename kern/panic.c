// The kernel's end in a panic, and its warnings.

#include <inc/stdio.h>
#include <inc/x86.h>
#include <kern/backtrace.h>
#include <kern/console.h>
#include <kern/cpu.h>
#include <kern/monitor.h>
#include <kern/panic.h>
#include <kern/run.h>

static volatile uint32_t panicked; // 1 + the CPU that did

// Stops this CPU for good if another one has panicked.
void
panic_check(void)
{
	if (panicked && panicked != 1 + (uint32_t)cpunum())
		for (;;)
			asm volatile("cli; hlt");
}

// A bug of the kernel: says where, stops the other CPUs, and leaves the machine,
// or enters the monitor if there is one to talk to.
void
_panic(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	cli();
	uint32_t first = 0;
	if (!__atomic_compare_exchange_n(&panicked, &first, 1 + cpunum(), false, __ATOMIC_SEQ_CST,
					 __ATOMIC_SEQ_CST)) {
		panic_check();        // another CPU tells
		run_leave(RUN_PANIC); // this one did, and telling went wrong
	}
	cpu_halt_others();
	cons_panic();

	va_start(ap, fmt);
	cprintf("kernel panic on CPU %d at %s:%d: ", cpunum(), file, line);
	vcprintf(fmt, ap);
	cprintf("\n");
	va_end(ap);
	backtrace(read_ebp(), 0);
	if (run_monitor())
		for (;;)
			monitor(NULL);
	run_leave(RUN_PANIC);
}

void
_warn(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	cprintf("kernel warning at %s:%d: ", file, line);
	vcprintf(fmt, ap);
	cprintf("\n");
	va_end(ap);
}
