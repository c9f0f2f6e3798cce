// The I/O APIC, which carries devices' interrupts to CPUs.
#ifndef KERN_IOAPIC_H
#define KERN_IOAPIC_H

// Silences every input. Once, after acpi_init.
void ioapic_init(void);

// ISA interrupt irq (0 to 15) goes to that CPU from now on, by vector
// IRQ_OFFSET + irq. At boot only, on one CPU.
void ioapic_enable(int irq, int apicid);

#endif
