// The boot sector's first half. The BIOS loads the sector at 0x7C00 and jumps
// to it in 16-bit mode. Here the memory map is asked for while there is a BIOS
// to ask, and the CPU is taken to 32-bit mode, where bootmain goes on.

#include <inc/bootinfo.h>
#include <inc/mmu.h>

#define BOOT_CS 0x08
#define BOOT_DS 0x10
#define SMAP 0x534D4150

.text
.code16
.globl start
start:
	cli
	cld
	xorw %ax, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	movw $start, %sp

	// For scripts/run.sh: the machine has come this far.
	outb %al, $0xE9

	// Address line 20, which wraps addresses at 1 MiB as long as it is off.
	movw $0x2401, %ax
	int $0x15
	inb $0x92, %al
	orb $2, %al
	andb $~1, %al // bit 0 would reset
	outb %al, $0x92

	// The memory map: a call for each entry; ebx says where to go on.
	movw $BOOT_E820 + 4, %di
	xorl %ebx, %ebx
	movl %ebx, BOOT_E820
e820:
	movl $0xE820, %eax
	movl $SMAP, %edx
	movl $E820_ENTRY, %ecx
	movb $1, 20(%di) // for a BIOS that fills only 20 bytes: a valid entry
	int $0x15
	jc e820_end
	incw BOOT_E820
	addw $E820_ENTRY, %di
	cmpw $BOOT_E820 + 4 + E820_MAX * E820_ENTRY, %di
	jae e820_end
	testl %ebx, %ebx
	jnz e820
e820_end:
	cli

	lgdt gdt_desc
	movl %cr0, %eax
	orb $CR0_PE, %al
	movl %eax, %cr0
	ljmp $BOOT_CS, $start32

.code32
start32:
	movw $BOOT_DS, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %fs
	movw %ax, %gs
	movw %ax, %ss
	movl $start, %esp
	call bootmain // does not return

.p2align 2
gdt:
	SEG_NULL
	SEG(STA_X | STA_R, 0, 0xffffffff)
	SEG(STA_W, 0, 0xffffffff)
gdt_desc:
	.word gdt_desc - gdt - 1
	.long gdt
