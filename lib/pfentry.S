// Where the kernel lets a program run after a page fault: on its exception
// stack, with a struct UTrapframe at esp. Calls pgfault_dispatch, and then goes
// on with what faulted, registers, flags and stack as they were.
//
// Returning is done on the interrupted stack: eip is pushed there, and a ret
// pops it, because no instruction restores esp and eip both without the kernel.
// When the fault came on the exception stack itself, that push lands just above
// this frame: the kernel has left a word there.

#define UTF_EIP 40
#define UTF_ESP 48

	.globl _pgfault_upcall
	.type _pgfault_upcall, @function
	.text
_pgfault_upcall:
	cld				// the interrupted code may have had it set
	pushl %esp			// the frame
	call pgfault_dispatch
	addl $4, %esp

	movl UTF_ESP(%esp), %ecx
	movl UTF_EIP(%esp), %edx
	subl $4, %ecx
	movl %ecx, UTF_ESP(%esp)
	movl %edx, (%ecx)		// may fault: then all this happens below

	addl $8, %esp			// fault_va and err
	popal
	addl $4, %esp			// eip; before popfl, since add sets flags
	popfl
	popl %esp
	ret
	.size _pgfault_upcall, . - _pgfault_upcall

	.section .note.GNU-stack, "", @progbits
