// int usercopy_X(void *dst, const void *src, size_t n): in eax, edx, ecx. The
// string instructions may fault; kern/usercopy.c sends them to the label after.

.macro USERCOPY name, open, close
.text
	.globl \name
\name:
	pushl %esi
	pushl %edi
	movl %eax, %edi
	movl %edx, %esi
	movl %ecx, %edx
	shrl $2, %ecx
	andl $3, %edx
	\open
1:	rep movsl
	movl %edx, %ecx
2:	rep movsb
	xorl %eax, %eax
3:	\close
	popl %edi
	popl %esi
	ret
4:	movl $-E_FAULT_VALUE, %eax
	jmp 3b
.section .rodata
	.long 1b, 4b, 2b, 4b
.endm

.set E_FAULT_VALUE, 6

.section .rodata
.balign 4
	.globl usercopy_faults
usercopy_faults:
	USERCOPY usercopy_smap, stac, clac
	USERCOPY usercopy_plain, ,
