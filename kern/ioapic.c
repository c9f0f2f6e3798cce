// The I/O APIC. Its registers are reached through an index and a data word,
// with no lock: only the CPU that boots uses them.
// Source: Intel 82093AA datasheet.
#include <inc/assert.h>
#include <inc/mmu.h>
#include <inc/trap.h>
#include <kern/acpi.h>
#include <kern/ioapic.h>
#include <kern/mem.h>

#define INDEX (0x00 / 4) // word in the register page
#define DATA (0x10 / 4)

#define REG_VERSION 0x01 // highest input in bits 16 to 23
#define REG_INPUT 0x10   // two words per input
#define INPUT_ACTIVE_LOW 0x2000
#define INPUT_LEVEL 0x8000
#define INPUT_MASKED 0x10000

static volatile uint32_t *ioapic;
static int ioapic_ninputs;

static uint32_t
ioapic_read(int reg)
{
	ioapic[INDEX] = reg;
	return ioapic[DATA];
}

// An input's two words; the receiver's first, so that it is right when the
// other unmasks it.
static void
ioapic_set(int input, int apicid, uint32_t low)
{
	ioapic[INDEX] = REG_INPUT + 2 * input + 1;
	ioapic[DATA] = (uint32_t)apicid << 24;
	ioapic[INDEX] = REG_INPUT + 2 * input;
	ioapic[DATA] = low;
}

void
ioapic_init(void)
{
	ioapic = mmio_map(acpi.ioapic, PGSIZE);
	ioapic_ninputs = (ioapic_read(REG_VERSION) >> 16 & 0xff) + 1;
	for (int i = 0; i < ioapic_ninputs; i++)
		ioapic_set(i, 0, INPUT_MASKED);
}

void
ioapic_enable(int irq, int apicid)
{
	uint32_t low = IRQ_OFFSET + irq;

	assert(irq >= 0 && irq < (int)ARRAY_SIZE(acpi.irq_gsi));
	// Tables that name an input which is not there: without the device.
	if (acpi.irq_gsi[irq] >= ioapic_ninputs)
		return;
	if ((acpi.irq_flags[irq] & ACPI_POLARITY) == ACPI_ACTIVE_LOW)
		low |= INPUT_ACTIVE_LOW;
	if ((acpi.irq_flags[irq] & ACPI_TRIGGER) == ACPI_LEVEL)
		low |= INPUT_LEVEL;
	ioapic_set(acpi.irq_gsi[irq], apicid, low);
}
