// The kernel's first instructions: paging on, and up to its own addresses.
// Other CPUs come here by way of kern/mpentry.S.

#include <inc/memlayout.h>
#include <inc/mmu.h>

// The boot page tables map this many 4 MiB at 0 and at KERNBASE: the kernel,
// and what it takes before it has its own.
#define NTABLES 16

.section .bss
.balign PGSIZE
	.globl boot_pgdir
boot_pgdir:
	.skip PGSIZE
boot_tables:
	.skip NTABLES * PGSIZE
boot_stack:
	.skip 2 * PGSIZE
	.globl boot_stack_top
boot_stack_top:

.text
	.globl entry
entry:
	cld
	// A flat table: entry i maps frame i.
	movl $(boot_tables - KERNBASE), %edi
	movl $(PTE_P | PTE_W), %eax
	movl $(NTABLES * NPTENTRIES), %ecx
1:	stosl
	addl $PGSIZE, %eax
	loop 1b

	movl $(boot_pgdir - KERNBASE), %edi
	movl $(boot_tables - KERNBASE + PTE_P + PTE_W), %eax
	movl $NTABLES, %ecx
2:	movl %eax, (%edi)
	movl %eax, (KERNBASE >> PDXSHIFT) * 4(%edi)
	addl $PGSIZE, %eax
	addl $4, %edi
	loop 2b

	movl $(boot_pgdir - KERNBASE), %eax
	movl %eax, %cr3
	movl %cr0, %eax
	orl $(CR0_PE | CR0_PG | CR0_WP), %eax
	movl %eax, %cr0
	movl $3f, %eax
	jmp *%eax
3:	xorl %ebp, %ebp		// backtraces end here
	movl $boot_stack_top, %esp
	call kernel_main
4:	hlt
	jmp 4b
