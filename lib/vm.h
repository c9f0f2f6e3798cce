// The pager: what lib/vm*.c, lib/pager*.c, lib/fork.c and lib/libmain.c share, and what the
// rest of the library needs of it. doc/memory.md explains it.
#ifndef LIB_VM_H
#define LIB_VM_H

#include <inc/lib.h>
#include "lib/pgfault.h"

// ---- For the whole library ----------------------------------------------------------

int pager_setup(void);
int vm_page_alloc(void *va, uint32_t npages, int perm);
void vm_page_free(void *va, uint32_t npages);
bool vm_writeable(const void *p, size_t n);
void vm_file_changed(void);

// lib/libmain.c
void *tls_make(void *block);

// ---- Addresses ----------------------------------------------------------------------

// Where lib/spawn.c puts pages together. What is before that, from UTEMP on, is left to programs.
#define SPAWN_BASE ((uintptr_t)PTSIZE + 32 * PGSIZE) // UTEMP is no constant to compilers
#define SPAWN_TOP ((uintptr_t)UTEXT)

// What programs may map by mmap, MAP_FIXED included.
#define USER_BASE MMAP_BASE
#define USER_TOP USCPAGE

// The pager's own, from VM_PRIVATE on. Up to VM_REGIONS they are of no use to a
// child.
#define VM_REQUEST VM_PRIVATE         // sent to the file server
#define VM_TEMP (VM_PRIVATE + PGSIZE) // a page that is being filled
#define VM_TEMP2 (VM_PRIVATE + 2 * PGSIZE)
#define VM_FORK (VM_PRIVATE + 3 * PGSIZE)    // a child's page that is being filled
#define VM_RESERVE (VM_PRIVATE + 8 * PGSIZE) // VM_NRESERVE pages
#define VM_REGIONS (VM_PRIVATE + 0x100000)
#define VM_FILES (VM_PRIVATE + 0x1000000) // descriptors' pages of mapped files
#define VM_STASH (VM_PRIVATE + 0x2000000) // pages that PROT_NONE hides
#define VM_END 0xD0000000

// The library's areas are between THREADS_BASE and this: threads, the pager, descriptors.
#define LIBRARY_TOP 0xD0100000

#define VM_REGION_PAGES 256
#define VM_NRESERVE 4
#define VM_NFILES 1024
#define VM_NSTASH ((VM_END - VM_STASH) / PGSIZE)

// ---- Marks --------------------------------------------------------------------------
//
// An entry that is not present: PTE_PAGED; PTE_U unless it is PROT_NONE; PTE_W if it may be
// written to; and with PTE_SWAPPED its slot, else one of these:
#define MARK_ZERO 0x0000        // a page of zeroes
#define MARK_ZERO_SHARED 0x1000 // the same, and shared with children
#define MARK_FILE 0x2000        // a file's page: the region tells which
#define MARK_FILE_SHARED 0x3000
#define MARK_STASH 0x4000 // at VM_STASH, by the number in the bits from 16 on
#define MARK_KIND 0x7000
#define MARK_BEYOND 0x8000 // of a file's, without PTE_U: it could not be had
#define MARK_STASH_SHIFT 16
#define MARK_SLOT_SHIFT 12

// In an entry that is present: the page is a file's, and has not been written to.
#define PTE_CLEAN PTE_PAGED

// ---- What is never paged ------------------------------------------------------------

// The pager's variables. They are with the library's other ones, where user/user.ld puts
// them: on pages that are never copy-on-write and never swapped. fork copies them at once.
struct VmState {
	volatile uint32_t lock; // 0: free; the owner's env id, and VM_WAITED
	uint32_t depth;         // how often the owner has taken it again

	// Under the lock.
	uintptr_t brk;  // sbrk's; 0: SBRK_BASE
	uintptr_t hand; // where the search for a page to evict goes on
	uint32_t nregions;
	uint32_t region_pages; // of the table, that are mapped
	uint32_t nfiles;       // slots at VM_FILES that have been used
	bool swaps;            // there may be pages in the swap area
	bool stashes;          // there may be pages at VM_STASH
	bool beyond;           // there may be marks with MARK_BEYOND
};

extern struct VmState vm_state;

// How many pages the process may have, 0: any number. A thread's own env has what that was
// when it was made.
static inline uint32_t
vm_limit(void)
{
	return envs[ENVX(thisenv->env_process)].env_limit;
}

#define VM_WAITED 0x80000000u

// From user/user.ld: the library's variables, from pinned_start to program_data; the program's,
// to program_end; and the library's buffers, to end.
extern char pinned_start[], program_data[], program_end[], end[];

// lib/vm_lock.c
void vm_lock(void);
void vm_unlock(void);

// lib/vm_pages.c
uintptr_t vm_next(uintptr_t va, uintptr_t end);
uintptr_t vm_next_present(uintptr_t va, uintptr_t end);
int vm_alloc(uintptr_t va, int perm);
int vm_prepare(uintptr_t start, uintptr_t end);
void vm_mark(uintptr_t start, uintptr_t end, uint32_t mark);
void vm_clear(uintptr_t start, uintptr_t end, uint32_t mark);
void vm_copy_page(void *dst, const void *src);

// A call's range, in bytes, on page boundaries.
struct Range {
	uintptr_t start, end;
};

bool vm_range(struct Range *range, const void *addr, size_t len, uintptr_t start, uintptr_t end);

// The entry of va: 0, a mark, or present.
static inline pte_t
vm_entry(uintptr_t va)
{
	return uvpd[PDX(va)] & PTE_P ? uvpt[PGNUM(va)] : 0;
}

// The same, but 0 for a mark, too.
static inline pte_t
vm_present(uintptr_t va)
{
	pte_t pte = vm_entry(va);

	return pte & PTE_P ? pte : 0;
}

static inline const volatile struct PageInfo *
vm_page_info(pte_t pte)
{
	return &pages[PGNUM(PTE_ADDR(pte))];
}

// ---- Regions: lib/vm_region.c ---------------------------------------------------------

// An area that mmap has made; in pages.
struct Region {
	uint32_t start;
	uint32_t npages;
	uint32_t first; // of the file, the page that is at start
	int16_t file;   // its slot at VM_FILES, or -1
	uint16_t shared;
};

struct Region *region_at(uintptr_t va);
struct Region *region_number(uint32_t n);
int region_room(uint32_t n);
void region_insert(const struct Region *r);
bool region_cut(uint32_t start, uint32_t npages);
uint32_t region_gap(uint32_t npages);
bool region_overlaps(uint32_t start, uint32_t npages);
int file_slot(const struct Fd *fd);
void file_release(int slot);
void file_release_unused(void);

static inline const volatile struct Fd *
file_fd(int slot)
{
	return (const volatile struct Fd *)(VM_FILES + slot * PGSIZE);
}

// lib/fork_pages.c
int fork_give_all(envid_t child);
int fork_make_shared(void);

// lib/vm_protect.c
void stash_free(uintptr_t start, uintptr_t end);

// ---- The pager: lib/pager*.c ----------------------------------------------------------

bool pager_owns(uintptr_t page);
bool pager_resolve(uintptr_t page, bool write);

int pager_request(uint32_t word, uintptr_t page, int perm, uintptr_t dst);
union Fsipc *pager_request_page(void);

int evict_some(void);
int evict_unshared(void);
bool evict_can_spare(void);
bool evict_has_enough(void);
int reserve_keep(uintptr_t va);
void reserve_drop(int i);
bool reserve_use(uintptr_t va, int perm);
int evict_page(uintptr_t va);
int evict_share(envid_t child);
void evict_forget(uintptr_t start, uintptr_t end);

// Whether r says that memory was short, and some has been found, for fork.
static inline bool
vm_try_again(int r)
{
	return r == -E_NO_MEM && evict_unshared() == 0;
}

#endif
