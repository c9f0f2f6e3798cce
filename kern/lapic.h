// Each CPU's own interrupt controller: interrupts among CPUs, and the timer.
#ifndef KERN_LAPIC_H
#define KERN_LAPIC_H

#include <inc/types.h>

// Sets up this CPU's. After acpi_init; on the first CPU before clock_init.
void lapic_init(void);

// Ends the interrupt being handled, so that the next can come.
void lapic_eoi(void);

// Sends an interrupt by that vector to another CPU, or to this one.
void lapic_ipi(int apicid, int vector);

// Starts a CPU that waits since power-on in real mode at physical address
// start, a page below 1 MiB. Takes about half a millisecond.
void lapic_startap(int apicid, physaddr_t start);

// This CPU gets IRQ_TIMER hz times a second from now on; hz is at least 1.
void lapic_timer_start(uint32_t hz);

// For clock.c, on the first CPU: starts the timer with no interrupt, and says
// how many counts have gone by since.
void lapic_count_start(void);
uint32_t lapic_count(void);

#endif
