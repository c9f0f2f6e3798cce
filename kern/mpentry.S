// The first instructions of every CPU but the first. The startup interrupt
// starts it in real mode at MPENTRY, where cpu_start_others copied this.

#include <inc/memlayout.h>
#include <inc/mmu.h>
#include <kern/mpentry.h>

#define RELOC(x) ((x) - mpentry_start + MPENTRY)

.code16
	.globl mpentry_start, mpentry_end
mpentry_start:
	cli
	xorw %ax, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	lgdtl RELOC(gdtdesc)
	movl %cr0, %eax
	orl $CR0_PE, %eax
	movl %eax, %cr0
	ljmpl $GD_KT, $(RELOC(start32))

.code32
start32:
	movw $GD_KD, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	xorw %ax, %ax
	movw %ax, %fs
	movw %ax, %gs
	movl $(boot_pgdir - KERNBASE), %eax
	movl %eax, %cr3
	movl %cr0, %eax
	orl $(CR0_PE | CR0_PG | CR0_WP), %eax
	movl %eax, %cr0
	// One CPU starts at a time, so the boot stack will do for this step.
	movl $boot_stack_top, %esp
	xorl %ebp, %ebp
	movl $mp_main, %eax
	call *%eax
1:	hlt
	jmp 1b

.balign 4
gdt:
	SEG_NULL
	SEG(STA_X | STA_R, 0x0, 0xffffffff)
	SEG(STA_W, 0x0, 0xffffffff)
gdtdesc:
	.word 0x17
	.long RELOC(gdt)
mpentry_end:
	nop
