// A process's memory beyond what it was loaded with. doc/memory.md explains it.
#ifndef INC_VM_H
#define INC_VM_H

#include <inc/types.h>

// Values of Linux.
#define PROT_NONE 0
#define PROT_READ 1
#define PROT_WRITE 2
#define PROT_EXEC 4 // the same as PROT_READ: no NX

#define MAP_SHARED 1
#define MAP_PRIVATE 2
#define MAP_FIXED 0x10 // at addr, in place of what is there
#define MAP_ANONYMOUS 0x20
#define MAP_ANON MAP_ANONYMOUS
#define MAP_FAILED ((void *)-1)

// With PTE_PAGED and others, in a mark of the program's own (sys_page_mark): the library's
// pager leaves it to the program's handler. Without it, a mark is a page of zeroes to be.
#define MARK_OWN 0x7000

// lib/vm.c: 0 (or *addr) or a negative error of inc/error.def. Lengths in bytes.
int vm_map(void **addr, size_t len, int prot, int flags, int fdnum, off_t offset);
int vm_unmap(void *addr, size_t len);
int vm_protect(void *addr, size_t len, int prot);
int vm_sync(void *addr, size_t len);

// lib/vm_pages.c: when sys_page_alloc says -E_NO_MEM. 0: try again; or -E_NO_MEM.
int vm_make_room(void);

// The same in the manner of POSIX: MAP_FAILED or -1 on any error.
void *mmap(void *addr, size_t len, int prot, int flags, int fdnum, off_t offset);
int munmap(void *addr, size_t len);
int msync(void *addr, size_t len, int flags);

// And of OSTEP's projects: len is in pages.
int mprotect(void *addr, int len);
int munprotect(void *addr, int len);
void *sbrk(int n);

#endif
