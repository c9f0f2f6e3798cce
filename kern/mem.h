// Physical memory: frames, their reference counts, and the kernel's window.
#ifndef KERN_MEM_H
#define KERN_MEM_H

#include <inc/assert.h>
#include <inc/memlayout.h>
#include <inc/types.h>

// The kernel's window maps this much of physical memory at KERNBASE.
#define WINDOW_SIZE (256u << 20)

extern struct PageInfo *pages;
extern size_t npages;
extern pde_t *kern_pgdir; // the kernel's own; every address space copies its part

// The physical address of an address in the window.
static inline physaddr_t
PADDR(const void *kva)
{
	return (uintptr_t)kva - KERNBASE;
}

static inline void *
KADDR(physaddr_t pa)
{
	return (void *)(pa + KERNBASE);
}

static inline physaddr_t
page2pa(const struct PageInfo *pp)
{
	return (physaddr_t)(pp - pages) << PGSHIFT;
}

static inline struct PageInfo *
pa2page(physaddr_t pa)
{
	if (PGNUM(pa) >= npages)
		panic("pa2page: %08x is no memory", pa);
	return &pages[PGNUM(pa)];
}

static inline void *
page2kva(const struct PageInfo *pp)
{
	return KADDR(page2pa(pp));
}

#define PAGE_ZERO 1 // page_alloc: fill with zeroes

void mem_init(void);
struct PageInfo *page_alloc(int flags);
void page_incref(struct PageInfo *pp);
void page_decref(struct PageInfo *pp);
size_t page_count_free(void);
void *mmio_map(physaddr_t pa, size_t size);
void kern_map(uintptr_t va, struct PageInfo *pp);

#endif
