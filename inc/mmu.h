// The x86 as the kernel programs it: paging, segments, flags, task state.
// Source: Intel SDM volume 3.
#ifndef INC_MMU_H
#define INC_MMU_H

// ---- Paging -------------------------------------------------------------
// A linear address: 10 bits of directory index, 10 of table index, 12 of offset.
#define PGSIZE 4096
#define PGSHIFT 12
#define PTXSHIFT 12
#define PDXSHIFT 22
#define PTSIZE (PGSIZE * 1024) // bytes that one directory entry maps
#define NPDENTRIES 1024
#define NPTENTRIES 1024

#define PGNUM(la) (((uintptr_t)(la)) >> PTXSHIFT)
#define PDX(la) ((((uintptr_t)(la)) >> PDXSHIFT) & 0x3FF)
#define PTX(la) ((((uintptr_t)(la)) >> PTXSHIFT) & 0x3FF)
#define PGOFF(la) (((uintptr_t)(la)) & 0xFFF)
#define PGADDR(d, t, o) ((void *)((d) << PDXSHIFT | (t) << PTXSHIFT | (o)))

#define PTE_P 0x001   // present
#define PTE_W 0x002   // writeable
#define PTE_U 0x004   // user
#define PTE_PWT 0x008 // write through
#define PTE_PCD 0x010 // cache disabled
#define PTE_A 0x020   // accessed
#define PTE_D 0x040   // dirty
#define PTE_PS 0x080  // 4 MiB page, in a directory entry
#define PTE_G 0x100   // global: survives a CR3 load

// Three bits are software's. The library gives them these meanings.
#define PTE_AVAIL 0xE00
#define PTE_SHARE 0x400 // fork and spawn share the page
#define PTE_COW 0x800   // copy on write

// A mark: an entry that is not present, but that the program's own pager knows what to
// do with (sys_page_mark). PTE_U and PTE_W say what it would allow: the kernel does not
// bother it for a call that wants more. Other bits are the pager's.
#define PTE_PAGED 0x200
#define PTE_SWAPPED 0x400  // swapped out, to be counted (sys_env_stat); PTE_SHARE if present
#define PAGE_MARK_MAX 1024 // pages in a call

// The bits that a program may pass to the page calls.
#define PTE_SYSCALL (PTE_AVAIL | PTE_P | PTE_W | PTE_U)

#define PTE_ADDR(pte) ((physaddr_t)(pte) & ~0xFFF)

// ---- Control registers ---------------------------------------------------
#define CR0_PE 0x00000001 // protection
#define CR0_MP 0x00000002 // monitor coprocessor
#define CR0_EM 0x00000004 // no FPU
#define CR0_TS 0x00000008 // task switched: the next FPU use traps
#define CR0_NE 0x00000020 // numeric errors by exception
#define CR0_WP 0x00010000 // ring 0 honours read-only pages
#define CR0_AM 0x00040000 // alignment mask
#define CR0_PG 0x80000000 // paging

#define CR4_PSE 0x00000010        // 4 MiB pages
#define CR4_PGE 0x00000080        // global pages
#define CR4_OSFXSR 0x00000200     // fxsave, fxrstor and SSE
#define CR4_OSXMMEXCPT 0x00000400 // SSE exceptions by vector 19
#define CR4_UMIP 0x00000800       // sgdt, sidt, sldt, smsw, str fault in ring 3
#define CR4_SMEP 0x00100000       // ring 0 does not run user pages
#define CR4_SMAP 0x00200000       // ring 0 does not touch user pages

#define FL_CF 0x00000001
#define FL_TF 0x00000100 // single step
#define FL_IF 0x00000200 // interrupts
#define FL_DF 0x00000400 // direction
#define FL_IOPL_MASK 0x00003000
#define FL_IOPL_3 0x00003000
#define FL_NT 0x00004000 // nested task
#define FL_RF 0x00010000 // resume
#define FL_VM 0x00020000 // virtual 8086
#define FL_AC 0x00040000 // alignment check; with SMAP, user access allowed

#define FEC_PR 0x1     // page fault error code: the page was present
#define FEC_WR 0x2     // by a write
#define FEC_U 0x4      // in ring 3
#define FEC_CALL 0x100 // the kernel's: for a system call that is made again

#define MSR_SYSENTER_CS 0x174
#define MSR_SYSENTER_ESP 0x175
#define MSR_SYSENTER_EIP 0x176

// ---- Segments --------------------------------------------------------------
#ifdef __ASSEMBLER__

// Descriptors for the boot code: empty, and flat from base for lim+1 bytes.
#define SEG_NULL    \
	.word 0, 0; \
	.byte 0, 0, 0, 0
#define SEG(type, base, lim)                                                           \
	.word(((lim) >> 12) & 0xffff), ((base)&0xffff);                                \
	.byte(((base) >> 16) & 0xff), (0x90 | (type)), (0xC0 | (((lim) >> 28) & 0xf)), \
		(((base) >> 24) & 0xff)

#else

#include <inc/types.h>

struct Segdesc {
	uint32_t sd_lim_15_0 : 16, sd_base_15_0 : 16;
	uint32_t sd_base_23_16 : 8, sd_type : 4, sd_s : 1, sd_dpl : 2, sd_p : 1;
	uint32_t sd_lim_19_16 : 4, sd_avl : 1, sd_rsv1 : 1, sd_db : 1, sd_g : 1, sd_base_31_24 : 8;
};
static_assert(sizeof(struct Segdesc) == 8, "a segment descriptor has 8 bytes");

struct Gatedesc {
	uint32_t gd_off_15_0 : 16, gd_sel : 16;
	uint32_t gd_args : 5, gd_rsv1 : 3, gd_type : 4, gd_s : 1, gd_dpl : 2, gd_p : 1,
		gd_off_31_16 : 16;
};
static_assert(sizeof(struct Gatedesc) == 8, "a gate descriptor has 8 bytes");

// The 32-bit task state segment; only ss0, esp0 and the I/O map's offset
// matter, but for the double fault's, which is switched to whole.
struct Taskstate {
	uint32_t ts_link;
	uintptr_t ts_esp0;
	uint32_t ts_ss0;
	uintptr_t ts_esp1;
	uint32_t ts_ss1;
	uintptr_t ts_esp2;
	uint32_t ts_ss2;
	physaddr_t ts_cr3;
	uintptr_t ts_eip;
	uint32_t ts_eflags;
	uint32_t ts_eax, ts_ecx, ts_edx, ts_ebx;
	uintptr_t ts_esp, ts_ebp;
	uint32_t ts_esi, ts_edi;
	uint32_t ts_es, ts_cs, ts_ss, ts_ds, ts_fs, ts_gs;
	uint32_t ts_ldt;
	uint16_t ts_t;
	uint16_t ts_iomb;
};
static_assert(sizeof(struct Taskstate) == 104 || __STDC_HOSTED__, "a 32-bit TSS has 104 bytes");

struct Pseudodesc {
	uint16_t pd_lim;
	uint32_t pd_base;
} __attribute__((packed));

#endif

#define STA_X 0x8 // executable
#define STA_W 0x2 // writeable data
#define STA_R 0x2 // readable code
#define STS_T32A 0x9
#define STS_TG 0x5
#define STS_IG32 0xE

#endif
