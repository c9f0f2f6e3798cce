// The kernel's beginning, and its end in a panic.

#include <inc/stdio.h>
#include <inc/string.h>
#include <inc/x86.h>
#include <kern/acpi.h>
#include <kern/backtrace.h>
#include <kern/clock.h>
#include <kern/console.h>
#include <kern/cpu.h>
#include <kern/env.h>
#include <kern/ioapic.h>
#include <kern/lapic.h>
#include <kern/mem.h>
#include <kern/monitor.h>
#include <kern/picirq.h>
#include <kern/run.h>
#include <kern/sched.h>
#include <kern/trap.h>

static void
start(void)
{
	trap_init_percpu();
	cpu_features_enable();
	lapic_timer_start(SCHED_HZ);
	thiscpu->started = true;
	cpu_start_others();
	run_start();
	sched();
}

// Where kern/entry.S enters C: on the first CPU, on the boot stack.
void
kernel_main(void)
{
	cpu_init(0);
	trap_init();
	cons_init();
	mem_init();
	env_init();
	acpi_init();
	pic_init();
	lapic_init();
	ioapic_init();
	clock_init();
	ioapic_enable(IRQ_KBD, acpi.apicid[0]);
	ioapic_enable(IRQ_SERIAL, acpi.apicid[0]);
	cpu_features_init();
	run_init();
	cpu_init_all();
	cpu_enter_on_own_stack(thiscpu->kstacktop, start);
}

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
