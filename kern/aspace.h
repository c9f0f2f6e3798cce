// Address spaces: page tables that envs share by reference.
#ifndef KERN_ASPACE_H
#define KERN_ASPACE_H

#include <inc/memlayout.h>
#include <kern/spinlock.h>

struct Env;

#define AS_MARK_MAX 32 // mapped pages that as_mark takes away at once

struct AddrSpace {
	pde_t *pgdir;           // kernel address
	volatile uint32_t refs; // envs, and CPUs that have it loaded
	volatile uint32_t cpus; // bit n: CPU n has it loaded
	volatile bool ended;    // its process has: no CPU is to keep it loaded

	// Under lock, as is the user part of the page tables.
	struct Spinlock lock;
	uint32_t npages; // mapped there
	uint32_t limit;  // page_alloc by its own process stops at so many; 0: never

	struct AddrSpace *next; // in the pool
};

struct AddrSpace *as_create(uint32_t limit);
void as_ref(struct AddrSpace *as);
void as_put(struct AddrSpace *as);
void as_load(struct AddrSpace *as);
void as_unload(struct AddrSpace *as);

pte_t *as_walk(struct AddrSpace *as, uintptr_t va, bool create);
struct PageInfo *as_lookup(struct AddrSpace *as, uintptr_t va, pte_t *pte);
int as_map(struct AddrSpace *as, struct PageInfo *pp, uintptr_t va, int perm,
	   struct PageInfo **lost);
struct PageInfo *as_unmap(struct AddrSpace *as, uintptr_t va);
int as_mark(struct AddrSpace *as, uintptr_t *va, uintptr_t end, pte_t mark,
	    struct PageInfo *lost[AS_MARK_MAX]);
bool as_evict(struct AddrSpace *as, uintptr_t va, pte_t seen, pte_t mark, struct PageInfo **lost);
void page_lost(struct PageInfo *pp);
void as_lock_two(struct AddrSpace *a, struct AddrSpace *b);
void as_unlock_two(struct AddrSpace *a, struct AddrSpace *b);

#endif
