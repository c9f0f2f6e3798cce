// The only ways to user memory. A fault there is caught and becomes -E_FAULT;
// a kernel fault anywhere else is a bug.
#ifndef KERN_USERCOPY_H
#define KERN_USERCOPY_H

#include <inc/types.h>

int copy_in(void *dst, uintptr_t src, size_t n);
int copy_out(uintptr_t dst, const void *src, size_t n);

// kern/usercopy_asm.S: copies n bytes, 0 or -E_FAULT.
int usercopy_smap(void *dst, const void *src, size_t n);
int usercopy_plain(void *dst, const void *src, size_t n);

uintptr_t usercopy_fixup(uintptr_t eip);

#endif
