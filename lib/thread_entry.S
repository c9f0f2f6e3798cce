// Where threads begin: at esp a return address that the kernel has made up, 0xffffffff,
// and the two arguments for the thread's function, which runs on this very frame.
//
// A function of clone's returns to 0xffffffff, and faults there; one of
// thread_create's returns to thread_return, which ends the thread.
	.text
	.globl thread_entry_created
	.type thread_entry_created, @function
thread_entry_created:
	movl $thread_return, (%esp)
	.size thread_entry_created, . - thread_entry_created
	// and on

	.globl thread_entry
	.type thread_entry, @function
thread_entry:
	xorl %ebp, %ebp			// the first frame, for backtraces
	call thread_begin
	jmp *%eax			// the thread's function
	.size thread_entry, . - thread_entry

	.type thread_return, @function
thread_return:
	xorl %ebp, %ebp
	call exit			// does not return
	.size thread_return, . - thread_return

	.section .note.GNU-stack, "", @progbits
