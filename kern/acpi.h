// What the firmware's ACPI tables say of CPUs and interrupt controllers.
#ifndef KERN_ACPI_H
#define KERN_ACPI_H

#include <inc/types.h>
#include <kern/cpu.h>

// irq_flags: how a line signals. As in the tables; 0 is the ISA bus's way,
// active high and by edge.
#define ACPI_POLARITY 0x3
#define ACPI_ACTIVE_LOW 0x3
#define ACPI_TRIGGER 0xc
#define ACPI_LEVEL 0xc

struct AcpiInfo {
	int ncpus;              // at least 1, at most MAXCPU
	uint8_t apicid[MAXCPU]; // of each; the CPU that boots comes first
	physaddr_t lapic;       // registers of the CPUs' own APICs
	physaddr_t ioapic;      // registers of the I/O APIC with input 0
	uint8_t irq_gsi[16];    // the I/O APIC's input of each ISA interrupt
	uint16_t irq_flags[16]; // and its ACPI_POLARITY and ACPI_TRIGGER
};

extern struct AcpiInfo acpi;

// Fills acpi, once, on the CPU that boots, when mmio_map works. Without usable
// tables that is one CPU and the usual addresses.
void acpi_init(void);

#endif
