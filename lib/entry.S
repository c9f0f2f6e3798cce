// Where a program starts, and the addresses of what the kernel lets it read.
//
// At entry esp points to argc and argv, or is USTACKTOP when whoever made the
// env gave it no arguments.
#include <inc/memlayout.h>
#include <inc/sysinfo.h>

	.globl envs, pages, sysinfo, uvpt, uvpd
	.set envs, UENVS
	.set pages, UPAGES
	.set sysinfo, USYSINFO
	.set uvpt, UVPT
	// The page directory is also the page table that maps UVPT.
	.set uvpd, UVPT + (UVPT >> 12) * 4

	.text
	.globl _start
	.type _start, @function
_start:
	cmpl $USTACKTOP, %esp
	jne 1f
	pushl $0
	pushl $0
1:
	xorl %ebp, %ebp		// the first frame, for backtraces
	call libmain
2:
	jmp 2b			// libmain does not return
	.size _start, . - _start

	.section .note.GNU-stack, "", @progbits
