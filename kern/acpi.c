// Reads the ACPI tables: RSDP -> RSDT -> MADT. (The older MP table shows one
// CPU per socket, so is of no use.) Tables come from the firmware and are
// checked like any input: a bad one is as good as none.
// Source: ACPI specification 6.4, sections 5.2.5 to 5.2.12.
#include <inc/memlayout.h>
#include <inc/stdio.h>
#include <inc/string.h>
#include <inc/x86.h>
#include <kern/acpi.h>
#include <kern/mem.h>

struct AcpiInfo acpi;

#define LAPIC_USUAL 0xfee00000
#define IOAPIC_USUAL 0xfec00000

struct Rsdp {
	char signature[8]; // "RSD PTR "
	uint8_t checksum;  // makes the sum of the 20 bytes 0
	char oem[6];
	uint8_t revision;
	physaddr_t rsdt;
} __attribute__((packed));
static_assert(sizeof(struct Rsdp) == 20, "of revision 0");

struct Table {
	char signature[4];
	uint32_t length; // with this header
	uint8_t revision;
	uint8_t checksum; // makes the sum of all bytes 0
	char oem[6];
	char oem_table[8];
	uint32_t oem_revision;
	uint32_t creator[2];
} __attribute__((packed));
static_assert(sizeof(struct Table) == 36, "every table's header");

struct Rsdt {
	struct Table header;
	physaddr_t table[];
} __attribute__((packed));

struct Madt {
	struct Table header;
	physaddr_t lapic;
	uint32_t flags;
	uint8_t entries[];
} __attribute__((packed));

// An entry of the MADT, by type.
struct MadtEntry {
	uint8_t type;
	uint8_t length;
	union {
		struct {
			uint8_t processor, apicid;
			uint32_t flags;
		} __attribute__((packed)) cpu; // type MADT_CPU
		struct {
			uint8_t id, reserved;
			physaddr_t address;
			uint32_t gsi_base;
		} __attribute__((packed)) ioapic; // type MADT_IOAPIC
		struct {
			uint8_t bus, irq;
			uint32_t gsi;
			uint16_t flags;
		} __attribute__((packed)) irq; // type MADT_IRQ
		struct {
			uint16_t reserved;
			uint32_t low, high;
		} __attribute__((packed)) lapic; // type MADT_LAPIC
	};
} __attribute__((packed));

#define MADT_CPU 0
#define MADT_IOAPIC 1
#define MADT_IRQ 2
#define MADT_LAPIC 5
#define MADT_CPU_ENABLED 1

#define TABLE_MAX 0x10000 // bytes; a longer table is not believed
#define TABLES_MAX 64     // entries of the RSDT that are looked at

static bool
acpi_sum_is_0(const void *p, size_t n)
{
	const uint8_t *bytes = p;
	uint8_t sum = 0;

	while (n-- > 0)
		sum += *bytes++;
	return sum == 0;
}

// n bytes of physical memory from pa on, for reading. Tables lie close
// together above usable memory, and a mapping stays for ever: the last one
// reaches beyond what was asked, and is used again.
static const void *
acpi_map(physaddr_t pa, size_t n)
{
	static physaddr_t start;
	static size_t size;
	static const char *va;

	if (pa < start || pa - start > size || size - (pa - start) < n) {
		start = ROUNDDOWN(pa, PGSIZE);
		size = MIN(2U * TABLE_MAX, -start);
		va = mmio_map(start, size);
	}
	return va + (pa - start);
}

// The table at pa, or NULL if there is no sound one.
static const struct Table *
acpi_table(physaddr_t pa, const char *signature)
{
	const struct Table *table;

	// No table lies at the very end, where its length could wrap.
	if (pa < PGSIZE || pa > -(physaddr_t)(2 * TABLE_MAX))
		return NULL;
	table = acpi_map(pa, sizeof(*table));
	if (memcmp(table->signature, signature, sizeof(table->signature)) != 0)
		return NULL;
	if (table->length < sizeof(*table) || table->length > TABLE_MAX)
		return NULL;
	table = acpi_map(pa, table->length);
	return acpi_sum_is_0(table, table->length) ? table : NULL;
}

// Looks for the RSDP in n bytes of low memory, on 16-byte boundaries.
static const struct Rsdp *
acpi_find_rsdp(physaddr_t pa, size_t n)
{
	const char *p = KADDR(pa), *end = p + n;

	for (; p + sizeof(struct Rsdp) <= end; p += 16)
		if (memcmp(p, "RSD PTR ", 8) == 0 && acpi_sum_is_0(p, sizeof(struct Rsdp)))
			return (const struct Rsdp *)p;
	return NULL;
}

static const struct Madt *
acpi_find_madt(void)
{
	// The BIOS's data area has the segment of its extended one.
	physaddr_t ebda = *(volatile uint16_t *)KADDR(0x40e) << 4;
	const struct Rsdp *rsdp = NULL;
	const struct Rsdt *rsdt;
	physaddr_t rsdt_pa;
	int n;

	if (ebda >= 0x80000 && ebda < IOPHYSMEM)
		rsdp = acpi_find_rsdp(ebda, MIN(1024U, IOPHYSMEM - ebda));
	if (!rsdp)
		rsdp = acpi_find_rsdp(0xe0000, 0x20000);
	if (!rsdp)
		return NULL;
	rsdt_pa = rsdp->rsdt;
	rsdt = (const struct Rsdt *)acpi_table(rsdt_pa, "RSDT");
	if (!rsdt)
		return NULL;

	n = MIN((rsdt->header.length - sizeof(*rsdt)) / sizeof(physaddr_t), (size_t)TABLES_MAX);
	for (int i = 0; i < n; i++) {
		const struct Table *table;

		rsdt = acpi_map(rsdt_pa, sizeof(*rsdt) + n * sizeof(physaddr_t));
		table = acpi_table(rsdt->table[i], "APIC");
		if (table && table->length >= sizeof(struct Madt))
			return (const struct Madt *)table;
	}
	return NULL;
}

static int acpi_ncpus_left; // CPUs beyond MAXCPU

static void
acpi_add_cpu(uint8_t apicid)
{
	for (int i = 0; i < acpi.ncpus; i++)
		if (acpi.apicid[i] == apicid)
			return;
	if (acpi.ncpus < MAXCPU)
		acpi.apicid[acpi.ncpus++] = apicid;
	else
		acpi_ncpus_left++;
}

// Takes over what an entry says; len bytes of it are there.
static void
acpi_madt_entry(const struct MadtEntry *e, size_t len)
{
	size_t body = len - offsetof(struct MadtEntry, cpu);

	switch (e->type) {
	case MADT_CPU:
		if (body >= sizeof(e->cpu) && e->cpu.flags & MADT_CPU_ENABLED)
			acpi_add_cpu(e->cpu.apicid);
		break;
	case MADT_IOAPIC:
		if (body >= sizeof(e->ioapic) && e->ioapic.gsi_base == 0)
			acpi.ioapic = e->ioapic.address;
		break;
	case MADT_IRQ:
		if (body >= sizeof(e->irq) && e->irq.bus == 0 && e->irq.gsi < 256 &&
		    e->irq.irq < ARRAY_SIZE(acpi.irq_gsi)) {
			acpi.irq_gsi[e->irq.irq] = e->irq.gsi;
			acpi.irq_flags[e->irq.irq] = e->irq.flags;
		}
		break;
	case MADT_LAPIC:
		if (body >= sizeof(e->lapic) && e->lapic.high == 0)
			acpi.lapic = e->lapic.low;
		break;
	}
}

void
acpi_init(void)
{
	const struct Madt *madt;
	uint32_t eax, ebx, ecx, edx;
	size_t pos, end;

	// What holds without tables. CPUID knows this CPU's APIC id.
	cpuid(1, 0, &eax, &ebx, &ecx, &edx);
	acpi.ncpus = 0;
	acpi_add_cpu(ebx >> 24);
	acpi.lapic = LAPIC_USUAL;
	acpi.ioapic = IOAPIC_USUAL;
	for (size_t i = 0; i < ARRAY_SIZE(acpi.irq_gsi); i++) {
		acpi.irq_gsi[i] = i;
		acpi.irq_flags[i] = 0;
	}

	madt = acpi_find_madt();
	if (!madt) {
		cprintf("acpi: no usable MADT, going on with one CPU\n");
		return;
	}
	acpi.lapic = madt->lapic;
	end = madt->header.length - sizeof(*madt);
	for (pos = 0; end - pos >= offsetof(struct MadtEntry, cpu);) {
		const struct MadtEntry *e = (const void *)&madt->entries[pos];

		if (e->length < offsetof(struct MadtEntry, cpu) || e->length > end - pos)
			break;
		acpi_madt_entry(e, e->length);
		pos += e->length;
	}
	if (acpi_ncpus_left > 0)
		cprintf("acpi: using %d CPUs, leaving %d alone\n", acpi.ncpus, acpi_ncpus_left);
}
