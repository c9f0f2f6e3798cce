// The local APIC, in its memory-mapped (xAPIC) form.
// Source: Intel SDM volume 3, chapter "Advanced Programmable Interrupt
// Controller". Every access leaves the emulated CPU, so there are few.
#include <inc/assert.h>
#include <inc/mmu.h>
#include <inc/trap.h>
#include <inc/x86.h>
#include <kern/acpi.h>
#include <kern/clock.h>
#include <kern/lapic.h>
#include <kern/mem.h>

// Registers, by index of a 32-bit word.
#define ID (0x020 / 4)
#define VERSION (0x030 / 4)
#define TPR (0x080 / 4)
#define EOI (0x0b0 / 4)
#define SVR (0x0f0 / 4)
#define SVR_ENABLE 0x100
#define ESR (0x280 / 4)
#define ICR_LOW (0x300 / 4)
#define ICR_INIT 0x500
#define ICR_STARTUP 0x600
#define ICR_PENDING 0x1000 // not yet accepted by the other side
#define ICR_ASSERT 0x4000
#define ICR_LEVEL 0x8000
#define ICR_HIGH (0x310 / 4) // the receiver's id in the top byte
#define LVT_TIMER (0x320 / 4)
#define LVT_PERIODIC 0x20000
#define LVT_PERFCNT (0x340 / 4)
#define LVT_LINT0 (0x350 / 4)
#define LVT_LINT1 (0x360 / 4)
#define LVT_ERROR (0x370 / 4)
#define LVT_MASKED 0x10000
#define TIMER_INIT (0x380 / 4)
#define TIMER_NOW (0x390 / 4)
#define TIMER_DIV (0x3e0 / 4)
#define TIMER_DIV1 0xb

#define MSR_APIC_BASE 0x1b
#define APIC_BASE_X2APIC 0x400
#define APIC_BASE_ENABLE 0x800

static volatile uint32_t *lapic; // the same address reaches each CPU's own

void
lapic_init(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE);

	if (base & APIC_BASE_X2APIC)
		panic("the firmware left the APICs in x2APIC mode");
	if (!(base & APIC_BASE_ENABLE))
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE);
	if (!lapic)
		lapic = mmio_map(acpi.lapic, PGSIZE);

	lapic[SVR] = SVR_ENABLE | T_SPURIOUS;

	// Devices interrupt through the I/O APIC only; the timer starts later.
	lapic[LVT_LINT0] = LVT_MASKED;
	lapic[LVT_LINT1] = LVT_MASKED;
	lapic[LVT_TIMER] = LVT_MASKED;
	lapic[LVT_ERROR] = LVT_MASKED;
	if ((lapic[VERSION] >> 16 & 0xff) >= 4)
		lapic[LVT_PERFCNT] = LVT_MASKED;
	lapic[TIMER_DIV] = TIMER_DIV1;

	// Forget errors and what the firmware left unfinished; take every
	// priority.
	lapic[ESR] = 0;
	lapic[ESR] = 0;
	lapic[EOI] = 0;
	lapic[TPR] = 0;
}

void
lapic_eoi(void)
{
	lapic[EOI] = 0;
}

// Writes the command register when the command before has gone out.
static void
lapic_command(int apicid, uint32_t command)
{
	// What the receiver is to see is written before it is told.
	barrier();
	while (lapic[ICR_LOW] & ICR_PENDING)
		pause();
	lapic[ICR_HIGH] = (uint32_t)apicid << 24;
	lapic[ICR_LOW] = command;
}

void
lapic_ipi(int apicid, int vector)
{
	lapic_command(apicid, ICR_ASSERT | vector);
}

void
lapic_startap(int apicid, physaddr_t start)
{
	assert(start % PGSIZE == 0 && start < 0x100000);

	// INIT, then STARTUP twice, as the MP specification has it; a CPU
	// that the first has started ignores the second. The 10 ms between
	// that the specification asks for are for CPUs before the P6.
	lapic_command(apicid, ICR_INIT | ICR_LEVEL | ICR_ASSERT);
	clock_delay(100);
	lapic_command(apicid, ICR_INIT | ICR_LEVEL);
	clock_delay(100);
	for (int i = 0; i < 2; i++) {
		lapic_command(apicid, ICR_STARTUP | ICR_ASSERT | start >> PGSHIFT);
		clock_delay(200);
	}
}

void
lapic_timer_start(uint32_t hz)
{
	// Never 0, which would stop it.
	uint32_t count = clock_muldiv(lapic_khz, 1000, hz);

	lapic[LVT_TIMER] = LVT_PERIODIC | (IRQ_OFFSET + IRQ_TIMER);
	lapic[TIMER_INIT] = MAX(count, 1000U);
}

void
lapic_count_start(void)
{
	lapic[LVT_TIMER] = LVT_MASKED;
	lapic[TIMER_INIT] = 0xffffffff;
}

uint32_t
lapic_count(void)
{
	return 0xffffffff - lapic[TIMER_NOW];
}
