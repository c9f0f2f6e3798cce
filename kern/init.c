// The kernel's beginning.

#include <inc/x86.h>
#include <kern/acpi.h>
#include <kern/clock.h>
#include <kern/console.h>
#include <kern/cpu.h>
#include <kern/env.h>
#include <kern/futex.h>
#include <kern/ioapic.h>
#include <kern/lapic.h>
#include <kern/mem.h>
#include <kern/picirq.h>
#include <kern/run.h>
#include <kern/sched.h>
#include <kern/sysinfo.h>
#include <kern/trap.h>

static void
start(void *unused)
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
	ioapic_enable(IRQ_IDE, acpi.apicid[0]);
	ioapic_enable(IRQ_IDE2, acpi.apicid[0]);
	cpu_features_init();
	run_init();
	cpu_init_all();
	futex_init();
	sysinfo_init();
	call_on_stack(thiscpu->kstacktop, start, NULL);
}
