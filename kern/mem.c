// Physical memory. Frames are counted by reference: mappings, and holds that
// the kernel takes. A free frame lies in a CPU's own cache or, in bulk, in
// the common list, so that CPUs that allocate and free rarely meet.

#include <inc/bootinfo.h>
#include <inc/error.h>
#include <inc/stdio.h>
#include <inc/string.h>
#include <inc/x86.h>
#include <kern/cpu.h>
#include <kern/env.h>
#include <kern/mem.h>
#include <kern/sysinfo.h>

#define CACHE_MAX 64   // pages in a CPU's cache, at most
#define CACHE_BATCH 32 // moved at once

extern char text_start[], data_start[], programs_start[], end[];

struct PageInfo *pages;
size_t npages;
pde_t *kern_pgdir;

static struct Spinlock free_lock = SPINLOCK("free pages", RANK_FREEPAGES);
static struct PageInfo *free_pages; // under free_lock
static size_t nfree_pages;          // under free_lock

static char *boot_free; // next byte of memory that is taken before pages[] exists

// ---- At boot ----------------------------------------------------------------

// Takes n bytes, rounded up to pages and zeroed, for good.
static void *
boot_alloc(size_t n)
{
	char *p = boot_free;
	boot_free = ROUNDUP(p + n, PGSIZE);
	if (PGNUM(PADDR(boot_free)) > npages)
		panic("too little memory: %u KiB", npages * (PGSIZE / 1024));
	memset(p, 0, boot_free - p);
	return p;
}

// Whether the BIOS says that the whole frame is memory.
static bool
frame_usable(const struct BootE820 *map, size_t frame)
{
	uint64_t lo = (uint64_t)frame << PGSHIFT, hi = lo + PGSIZE;
	bool usable = false;

	for (uint32_t i = 0; i < map->count; i++) {
		uint64_t base = map->entries[i].base, limit = base + map->entries[i].len;
		if (map->entries[i].type == E820_RAM)
			usable |= base <= lo && hi <= limit;
		else if (base < hi && lo < limit)
			return false;
	}
	return usable;
}

static pte_t *
kern_walk(uintptr_t va)
{
	pde_t *pde = &kern_pgdir[PDX(va)];
	if (!(*pde & PTE_P))
		*pde = PADDR(boot_alloc(PGSIZE)) | PTE_P | PTE_W;
	return (pte_t *)KADDR(PTE_ADDR(*pde)) + PTX(va);
}

static void
map_boot(uintptr_t va, size_t size, physaddr_t pa, int perm)
{
	for (size_t off = 0; off < size; off += PGSIZE)
		*kern_walk(va + off) = (pa + off) | perm | PTE_P;
	if (perm & PTE_U)
		kern_pgdir[PDX(va)] |= PTE_U;
}

// Sizes memory, makes pages[] and the kernel's page tables, and turns to them.
void
mem_init(void)
{
	const struct BootE820 *map = KADDR(BOOT_E820);
	uint64_t top = 0;

	for (uint32_t i = 0; i < map->count; i++) {
		const struct BootE820Entry *e = &map->entries[i];
		if (e->type == E820_RAM && e->base + e->len > top)
			top = e->base + e->len;
	}
	if (top > WINDOW_SIZE) {
		cprintf("memory: using 256 MiB of %u MiB\n", (uint32_t)(top >> 20));
		top = WINDOW_SIZE;
	}
	npages = top >> PGSHIFT;

	boot_free = ROUNDUP(&end[0], PGSIZE);
	kern_pgdir = boot_alloc(PGSIZE);
	pages = boot_alloc(npages * sizeof(struct PageInfo));

	// Every address space copies these directory entries once, so every
	// table that the kernel will ever need above ULIM is made now.
	for (uintptr_t va = ULIM; va != KERNBASE; va += PTSIZE)
		(void)kern_walk(va);
	map_boot(UPAGES, ROUNDUP(npages * sizeof(struct PageInfo), PGSIZE), PADDR(pages), PTE_U);
	map_boot(UENVS, ROUNDUP(NENV * sizeof(struct Env), PGSIZE), PADDR(envs), PTE_U);
	map_boot(USYSINFO, PGSIZE, PADDR(&sysinfo), PTE_U);
	kern_pgdir[PDX(UVPT)] = PADDR(kern_pgdir) | PTE_P | PTE_U;
	for (size_t i = 0; i < npages; i++) {
		uintptr_t va = KERNBASE + i * PGSIZE;
		bool text = (va >= (uintptr_t)text_start && va < (uintptr_t)data_start) ||
			    (va >= (uintptr_t)programs_start && va < (uintptr_t)end);
		*kern_walk(va) = i * PGSIZE | PTE_P | PTE_G | (text ? 0 : PTE_W);
	}

	lcr3(PADDR(kern_pgdir));
	lcr0(rcr0() | CR0_WP);

	// From the top down, so that low frames are handed out first.
	size_t first = PGNUM(PADDR(boot_free));
	for (size_t i = npages; i-- > 0;) {
		bool kernel = i >= PGNUM(EXTPHYSMEM) && i < first;
		// The frames below 64 KiB hold the BIOS's data, the memory map
		// and the other CPUs' first instructions.
		if (i < 16 || kernel || !frame_usable(map, i)) {
			pages[i].pp_ref = 1;
			continue;
		}
		pages[i].pp_link = free_pages;
		free_pages = &pages[i];
		nfree_pages++;
	}
	for (int i = 0; i < MAXCPU; i++)
		spin_init(&cpus[i].pages_lock, "cpu pages", RANK_CPUPAGES);
}

// Maps size bytes of device memory at pa, for good, and returns where.
void *
mmio_map(physaddr_t pa, size_t size)
{
	static uintptr_t next = MMIOBASE;
	uintptr_t va = next;
	physaddr_t first = ROUNDDOWN(pa, PGSIZE);

	size = ROUNDUP(pa + size, PGSIZE) - first;
	if (size > MMIOLIM - next)
		panic("mmio_map: no room for %u bytes at %08x", size, pa);
	for (size_t off = 0; off < size; off += PGSIZE)
		*kern_walk(va + off) = (first + off) | PTE_P | PTE_W | PTE_PCD | PTE_PWT | PTE_G;
	next += size;
	return (void *)(va + PGOFF(pa));
}

// Maps a frame into the kernel's part at va, where nothing was mapped before.
void
kern_map(uintptr_t va, struct PageInfo *pp)
{
	*kern_walk(va) = page2pa(pp) | PTE_P | PTE_W | PTE_G;
}

// ---- Frames -----------------------------------------------------------------

// Moves up to n pages from one list to another.
static int
move_pages(struct PageInfo **from, struct PageInfo **to, int n)
{
	int moved = 0;
	for (; moved < n && *from; moved++) {
		struct PageInfo *pp = *from;
		*from = pp->pp_link;
		pp->pp_link = *to;
		*to = pp;
	}
	return moved;
}

static struct PageInfo *
take_from(struct Cpu *cpu)
{
	struct PageInfo *pp;
	int n;

	spin_lock(&cpu->pages_lock);
	if (!cpu->pages && nfree_pages) {
		spin_lock(&free_lock);
		n = move_pages(&free_pages, &cpu->pages, CACHE_BATCH);
		nfree_pages -= n;
		spin_unlock(&free_lock);
		cpu->npages += n;
	}
	if ((pp = cpu->pages)) {
		cpu->pages = pp->pp_link;
		cpu->npages--;
	}
	spin_unlock(&cpu->pages_lock);
	return pp;
}

static void
page_zero(void *kva)
{
	// Emulated, a string instruction costs a loop a word; this costs half.
	for (uint32_t *p = kva, *stop = p + PGSIZE / 4; p != stop; p += 16) {
		p[0] = p[1] = p[2] = p[3] = p[4] = p[5] = p[6] = p[7] = 0;
		p[8] = p[9] = p[10] = p[11] = p[12] = p[13] = p[14] = p[15] = 0;
		barrier(); // or the compiler makes it the string instruction
	}
}

// A frame with no references yet, or NULL when memory is out. flags: PAGE_ZERO.
struct PageInfo *
page_alloc(int flags)
{
	struct Cpu *me = thiscpu;
	struct PageInfo *pp = take_from(me);

	for (int i = 0; !pp && i < ncpu; i++)
		if (&cpus[i] != me && cpus[i].npages)
			pp = take_from(&cpus[i]);
	if (!pp)
		return NULL;
	pp->pp_link = NULL;
	if (flags & PAGE_ZERO)
		page_zero(page2kva(pp));
	return pp;
}

static void
page_free(struct PageInfo *pp)
{
	struct Cpu *cpu = thiscpu;

	pp->pp_flags = 0;
	spin_lock(&cpu->pages_lock);
	pp->pp_link = cpu->pages;
	cpu->pages = pp;
	if (++cpu->npages > CACHE_MAX) {
		spin_lock(&free_lock);
		nfree_pages += move_pages(&cpu->pages, &free_pages, CACHE_BATCH);
		spin_unlock(&free_lock);
		cpu->npages -= CACHE_BATCH;
	}
	spin_unlock(&cpu->pages_lock);
}

// One more reference. The caller has one, or holds the lock of an address
// space that maps the frame, or has just allocated it.
void
page_incref(struct PageInfo *pp)
{
	asm volatile("lock; incl %0" : "+m"(pp->pp_ref) : : "memory", "cc");
}

// One reference less; the last one frees the frame.
void
page_decref(struct PageInfo *pp)
{
	bool zero;
	asm volatile("lock; decl %0; sete %1" : "+m"(pp->pp_ref), "=q"(zero) : : "memory", "cc");
	if (zero)
		page_free(pp);
}

// The number of free frames, exact when no CPU allocates or frees.
size_t
page_count_free(void)
{
	size_t n = nfree_pages;
	for (int i = 0; i < ncpu; i++)
		n += cpus[i].npages;
	return n;
}
