// The boot sector's second half: loads the kernel, an ELF file that lies on the
// first IDE disk from sector 1 on, to the physical addresses it asks for.
//
// On failure a letter appears on the serial line and at the top left of the
// screen: D, the disk reports an error; E, there is no ELF file.

#include <inc/elf.h>
#include <inc/x86.h>

#define SECTSIZE 512
#define HEADERS ((struct Elf *)0x10000) // the first block of the file

#define IDE 0x1F0 // ports: data, error, count, LBA (3), drive, command
#define IDE_BSY 0x80
#define IDE_DF_ERR 0x21
#define IDE_READ_MULTIPLE 0xC4
#define IDE_SET_MULTIPLE 0xC6
#define IDE_LBA 0xE0

// Every command reads a block of 16 sectors. Over single ones QEMU takes several
// times as long.
#define BLOCK 16

void bootmain(void) __attribute__((noreturn));
static void fail(char letter) __attribute__((noreturn, noinline));
static void disk_command(uint8_t cmd, uint32_t lba) __attribute__((noinline));
static void read_blocks(uint8_t *dst, uint32_t lba, uint32_t size) __attribute__((noinline));

// Shows a letter and stops.
static void
fail(char letter)
{
	outb(0x3F8, letter);
	*(volatile uint16_t *)0xB8000 = 0x0F00 | letter;
	outb(0x501, 2); // under QEMU: ends the run as a panic does
	for (;;)
		asm volatile("hlt");
}

// Gives the disk a command for the block that begins at sector lba, and waits
// until it is done or has data.
static void
disk_command(uint8_t cmd, uint32_t lba)
{
	outb(IDE + 2, BLOCK);
	outb(IDE + 3, lba);
	outb(IDE + 4, lba >> 8);
	outb(IDE + 5, lba >> 16);
	outb(IDE + 6, IDE_LBA | lba >> 24);
	outb(IDE + 7, cmd);
	while (inb(IDE + 7) & IDE_BSY)
		;
	if (inb(IDE + 7) & IDE_DF_ERR)
		fail('D');
}

// Reads at least size bytes to dst, from sector lba on. What is read too much,
// a block at most, falls where a later segment, zeros or nothing will be.
static void
read_blocks(uint8_t *dst, uint32_t lba, uint32_t size)
{
	uint8_t *end = dst + size;

	for (; dst < end; dst += BLOCK * SECTSIZE, lba += BLOCK) {
		disk_command(IDE_READ_MULTIPLE, lba);
		insl(IDE, dst, BLOCK * SECTSIZE / 4);
	}
}

// Called by boot.S.
void
bootmain(void)
{
	const struct Proghdr *ph, *end;

	disk_command(IDE_SET_MULTIPLE, 0);
	read_blocks((uint8_t *)HEADERS, 1, 1);
	if (HEADERS->e_magic != ELF_MAGIC)
		fail('E');

	ph = (const void *)((uint8_t *)HEADERS + HEADERS->e_phoff);
	end = ph + HEADERS->e_phnum;
	for (; ph < end; ph++) {
		uint8_t *dst = (uint8_t *)ph->p_pa;
		void *bss = dst + ph->p_filesz;
		uint32_t bss_size = ph->p_memsz - ph->p_filesz;

		if (ph->p_type != ELF_PROG_LOAD)
			continue;
		// kernel.ld has segments begin at a page, here and in the file
		read_blocks(dst, 1 + ph->p_offset / SECTSIZE, ph->p_filesz);
		asm volatile("rep stosb" : "+D"(bss), "+c"(bss_size) : "a"(0) : "memory");
	}
	((void (*)(void))HEADERS->e_entry)();
	fail('E');
}
