// The address space, the same for every program. Constants are JOS's; what is
// between ULIM and KERNBASE is this kernel's.
//
//  4 GiB ------------>  +----------------------------+
//                       |  physical memory, all of   |  kernel
//                       |  it up to 256 MiB          |
//  KERNBASE 0xf0000000  +----------------------------+
//                       |  kernel stacks, each above |  kernel
//                       |  an unmapped guard page    |
//  KSTACKBASE 0xef900000+----------------------------+
//                       |  memory-mapped devices     |  kernel
//  ULIM     0xef800000  +----------------------------+
//                       |  this space's page tables  |  user reads
//  UVPT     0xef400000  +----------------------------+
//                       |  struct PageInfo pages[]   |  user reads
//  UPAGES   0xef000000  +----------------------------+
//                       |  struct SystemInfo         |  user reads
//  USYSINFO 0xeefff000  +----------------------------+
//                       |  struct Env envs[]         |  user reads
//  UTOP     0xeec00000  +----------------------------+  = UENVS, UXSTACKTOP
//                       |  user exception stack      |  user
//           0xeebff000  +----------------------------+
//                       |  guard page                |
//  USTACKTOP 0xeebfe000 +----------------------------+
//                       |  user stack, USTACKPAGES,  |  user
//                       |  over a guard page         |
//           0xeebfa000  +----------------------------+
//                       |            ...             |
//  FILEDATA 0xd0020000  |  data of descriptors       |  user
//  FDTABLE  0xd0000000  |  descriptors               |  user
//  VM_PRIVATE 0xc8000000|  the pager's own           |  user
//  THREADS_BASE 0xc0000000 stacks, variables of threads  user
//                       |            ...             |
//  USCPAGE  0xbeef0000  |  syscall page              |  user
//           0xa0000000  |  left to programs          |
//  MMAP_BASE 0x20000000 |  mmap                      |  user
//  SBRK_BASE 0x10000000 |  sbrk                      |  user
//  HEAP_BASE 0x08000000 |  malloc                    |  user
//                       |            ...             |
//  UTEXT    0x00800000  +----------------------------+
//  PFTEMP   0x007ff000  |  for page-fault handlers   |
//  UTEMP    0x00400000  |  for the library           |
//           0x00000000  +----------------------------+  mapped for no program
#ifndef INC_MEMLAYOUT_H
#define INC_MEMLAYOUT_H

#include <inc/mmu.h>

// Segment selectors. SYSENTER wants KT, KD, UT, UD in this order.
#define GD_KT 0x08
#define GD_KD 0x10
#define GD_UT 0x18
#define GD_UD 0x20
#define GD_TSS0 0x28  // CPU n's task is at GD_TSS0 + 8 * n
#define GD_DF 0x68    // the double fault's task
#define GD_TLS 0x70   // based at the running env's thread-local storage
#define GD_TIMED 0x78 // GD_UD again, for envs whose time in the kernel is taken

#define KERNBASE 0xF0000000
#define IOPHYSMEM 0x0A0000
#define EXTPHYSMEM 0x100000

#define ULIM 0xEF800000
#define MMIOBASE ULIM
#define MMIOLIM 0xEF900000
#define KSTACKBASE MMIOLIM
#define KSTACKLIM KERNBASE

#define UVPT (ULIM - PTSIZE)
#define UPAGES (UVPT - PTSIZE)
#define UENVS (UPAGES - PTSIZE)

#define UTOP UENVS
#define UXSTACKTOP UTOP
#define USTACKTOP (UTOP - 2 * PGSIZE)
#define USTACKPAGES 4 // of a program's first thread; a guard page is below

#define UTEXT (2 * PTSIZE)
#define UTEMP ((void *)PTSIZE)
#define PFTEMP ((void *)(UTEXT - PGSIZE))

// The library's use of what is between.
#define HEAP_BASE 0x08000000
#define HEAP_TOP 0x10000000
#define SBRK_BASE HEAP_TOP
#define SBRK_TOP 0x20000000
#define MMAP_BASE SBRK_TOP
#define MMAP_TOP 0xA0000000
#define THREADS_BASE 0xC0000000
#define THREAD_SLOT (16 * PGSIZE)
#define THREAD_SLOTS 2048
#define VM_PRIVATE 0xC8000000

#ifndef __ASSEMBLER__

#include <inc/types.h>

typedef uint32_t pte_t;
typedef uint32_t pde_t;

// Programs: uvpt[PGNUM(va)] is the entry that maps va, uvpd[PDX(va)] its
// directory entry; look at the second before the first.
extern volatile pte_t uvpt[];
extern volatile pde_t uvpd[];

// A physical page. Programs read pages[] at UPAGES, one each from frame 0 on.
struct PageInfo {
	struct PageInfo *pp_link; // next in a free list
	uint32_t pp_ref;          // mappings and kernel holds; 0: free
	uint32_t pp_flags;        // PP_*
};
static_assert(sizeof(struct PageInfo) * 65536 <= PTSIZE, "pages[] fits UPAGES");

#define PP_FSCPAGE 0x1 // a syscall page: can't be mapped a second time

#endif
#endif
