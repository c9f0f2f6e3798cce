// For ps -m: an address space, in runs of pages that are alike.
#ifndef USER_MAP_H
#define USER_MAP_H

#include <user/command.h>

struct Area {
	uintptr_t start;
	const char *name;
};

// What the library and the programs put where, from the lowest up; each up to the next.
static const struct Area areas[] = {
	{0, "the library's"},
	{UTEXT, NULL}, // the program, by permission
	{HEAP_BASE, "heap"},
	{SBRK_BASE, "sbrk"},
	{MMAP_BASE, "mmap"},
	{MMAP_TOP, "the program's choice"},
	{USCPAGE, "syscall page"},
	{USCPAGE + PGSIZE, "the program's choice"},
	{THREADS_BASE, "threads"},
	{VM_PRIVATE, "the pager's"},
	{FDTABLE, "descriptors"},
	{FILEDATA, "pipes"},
	{FILEDATA + MAXFD * PGSIZE, "the program's choice"},
	{USTACKTOP - USTACKPAGES * PGSIZE, "stack"},
	{USTACKTOP, "guard"},
	{UXSTACKTOP - PGSIZE, "exception stack"},
	{UXSTACKTOP, "the kernel's"},
};

static inline const struct Area *
area_of(uintptr_t va)
{
	const struct Area *area = areas;

	while (area + 1 < areas + ARRAY_SIZE(areas) && area[1].start <= va)
		area++;
	return area;
}

static inline bool
may_write(uint32_t bits)
{
	return (bits & PTE_W) || ((bits & PTE_P) && (bits & PTE_COW));
}

static inline const char *
area_name(const struct MemRun *run)
{
	const struct Area *area = area_of(run->start);

	if (area->name)
		return area->name;
	return may_write(run->bits) ? "data" : "text";
}

static inline const char *
kind(uint32_t bits)
{
	if (!(bits & PTE_P))
		return bits & PTE_SWAPPED ? "swapped" : "demand";
	if (bits & PTE_SHARE)
		return "shared";
	return bits & PTE_COW ? "cow" : "private";
}

// The run that begins at or behind va, as far as the kernel tells it at once, and as it
// lies in one area. Whether there is one.
static inline bool
next_part(envid_t id, uintptr_t va, struct MemRun *run)
{
	struct MemRun rest;

	if (va >= UTOP || sys_mem_run(id, va, run) != 1)
		return false;
	uintptr_t next = area_of(run->start)[1].start;
	uint32_t room = (next - run->start) / PGSIZE;
	if (room < run->npages) {
		if (sys_mem_run(id, next, &rest) == 1 && rest.start == next &&
		    rest.nshared <= run->nshared)
			run->nshared -= rest.nshared;
		run->npages = room;
	}
	return true;
}

// The same with all parts that follow and are alike.
static inline bool
next_run(envid_t id, uintptr_t va, struct MemRun *run)
{
	struct MemRun part;

	if (!next_part(id, va, run))
		return false;
	for (;;) {
		uintptr_t end = run->start + run->npages * PGSIZE;
		if (!next_part(id, end, &part) || part.start != end || part.bits != run->bits ||
		    area_of(end) != area_of(run->start))
			return true;
		run->npages += part.npages;
		run->nshared += part.nshared;
	}
}

// Prints the address space of a process.
static inline void
map_print(const struct EnvStat *stat)
{
	struct MemRun run;

	print("%08x %s: %u pages, %u of them shared, %u swapped", stat->id, stat->name,
	      stat->nresident, stat->nshared, stat->nswapped);
	if (stat->limit)
		print(", limit %u", stat->limit);
	print("\n%-17s %7s %7s %-3s %-7s %s\n", "FROM-TO", "PAGES", "SHARED", "MAY", "KIND",
	      "AREA");
	for (uintptr_t va = 0; next_run(stat->id, va, &run);) {
		bool writes = may_write(run.bits);
		va = run.start + run.npages * PGSIZE;
		print("%08x-%08x %7u %7u %c%c  %-7s %s\n", run.start, va, run.npages, run.nshared,
		      run.bits & PTE_U ? 'r' : '-', writes ? 'w' : '-', kind(run.bits),
		      area_name(&run));
	}
}

#endif
