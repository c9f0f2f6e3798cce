// Forgets the macros that inc/syscall.def was read with. Read each time.
// lint: not a header of its own, no guard
#undef SYSCALL0
#undef SYSCALL1
#undef SYSCALL2
#undef SYSCALL3
#undef SYSCALL4
#undef SYSCALL5
