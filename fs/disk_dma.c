// The bus master of the primary IDE channel, which moves blocks between the
// disk and memory while the CPU does something else. Source: Programming Interface for
// Bus Master IDE Controller, revision 1.0.
#include <inc/lib.h>
#include <fs/ide.h>
#include <fs/pci.h>

// Registers, from the base.
#define BM_COMMAND 0
#define BM_STATUS 2
#define BM_TABLE 4 // the physical address of the table of regions

#define COMMAND_START 0x01
#define COMMAND_TO_MEMORY 0x08

#define STATUS_ACTIVE 0x01
#define STATUS_ERROR 0x02     // writing 1 clears it
#define STATUS_INTERRUPT 0x04 // the same

// A region of memory, physically contiguous and within 64 KiB: here, a page.
struct Region {
	physaddr_t addr;
	uint16_t bytes;
	uint16_t flags;
};
#define REGION_LAST 0x8000

// Aligned so that it lies in one page.
static struct Region table[IDE_RUN] __attribute__((aligned(sizeof(struct Region) * IDE_RUN)));
static uint16_t base; // 0: no bus master

bool
dma_init(void)
{
	base = pci_find_ide();
	return base != 0;
}

// The server's pages never move: it does not fork, and nobody else can unmap them.
static physaddr_t
physical(const void *p)
{
	return PTE_ADDR(uvpt[PGNUM(p)]) | PGOFF(p);
}

void
dma_prepare(uint32_t n, void *const bufs[], bool to_memory)
{
	for (uint32_t i = 0; i < n; i++)
		table[i] = (struct Region){physical(bufs[i]), PGSIZE, 0};
	table[n - 1].flags = REGION_LAST;
	barrier(); // the table is written before the bus master hears of it
	outl(base + BM_TABLE, physical(table));
	outb(base + BM_COMMAND, to_memory ? COMMAND_TO_MEMORY : 0);
	outb(base + BM_STATUS, inb(base + BM_STATUS) | STATUS_ERROR | STATUS_INTERRUPT);
}

void
dma_start(void)
{
	barrier(); // what is to be written to the disk has been written to memory
	outb(base + BM_COMMAND, inb(base + BM_COMMAND) | COMMAND_START);
}

bool
dma_done(void)
{
	return inb(base + BM_STATUS) & (STATUS_INTERRUPT | STATUS_ERROR);
}

bool
dma_finish(void)
{
	uint8_t status = inb(base + BM_STATUS);

	outb(base + BM_COMMAND, 0);
	outb(base + BM_STATUS, status | STATUS_ERROR | STATUS_INTERRUPT);
	barrier(); // what was read is looked at from here on
	return (status & (STATUS_ACTIVE | STATUS_ERROR | STATUS_INTERRUPT)) == STATUS_INTERRUPT;
}
