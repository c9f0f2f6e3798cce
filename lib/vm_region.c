// The areas that mmap has made: a table in the order of their addresses, and the files that
// are mapped.
//
// A file's descriptor is mapped a second time, at VM_FILES, so that the file stays open
// when the program closes it. All functions want the lock held.
#include "lib/vm.h"

#define table ((struct Region *)VM_REGIONS)

#define PER_PAGE (PGSIZE / sizeof(struct Region))

static uint32_t
region_end(const struct Region *r)
{
	return r->start + r->npages;
}

// The number of the first region that ends behind page number `page`, or nregions.
static uint32_t
first_behind(uint32_t page)
{
	uint32_t low = 0, high = vm_state.nregions;

	while (low < high) {
		uint32_t middle = (low + high) / 2;
		if (region_end(&table[middle]) > page)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

// The region that va is in, or NULL.
struct Region *
region_at(uintptr_t va)
{
	uint32_t i = first_behind(PGNUM(va));

	return i < vm_state.nregions && table[i].start <= PGNUM(va) ? &table[i] : NULL;
}

// The region of that number in the order of addresses, or NULL: there is none.
struct Region *
region_number(uint32_t n)
{
	return n < vm_state.nregions ? &table[n] : NULL;
}

// Whether any of npages pages from page number start on is in a region.
bool
region_overlaps(uint32_t start, uint32_t npages)
{
	uint32_t i = first_behind(start);

	return i < vm_state.nregions && table[i].start < start + npages;
}

// The number of the first page of npages in a row, between MMAP_BASE and MMAP_TOP, that are
// in no region; 0 if there is none.
uint32_t
region_gap(uint32_t npages)
{
	uint32_t at = PGNUM(MMAP_BASE);

	for (uint32_t i = 0; i < vm_state.nregions; i++) {
		if (table[i].start >= at + npages)
			break;
		at = region_end(&table[i]);
	}
	return npages <= PGNUM(MMAP_TOP) && at <= PGNUM(MMAP_TOP) - npages ? at : 0;
}

// Makes room for n more regions. 0, -E_NO_MEM.
int
region_room(uint32_t n)
{
	while (vm_state.nregions + n > vm_state.region_pages * PER_PAGE) {
		if (vm_state.region_pages == VM_REGION_PAGES)
			return -E_NO_MEM;
		int r = vm_alloc(VM_REGIONS + vm_state.region_pages * PGSIZE,
				 PTE_P | PTE_U | PTE_W);
		if (r < 0)
			return r;
		vm_state.region_pages++;
	}
	return 0;
}

static void
take_out(uint32_t i)
{
	vm_state.nregions--;
	memmove(&table[i], &table[i + 1], (vm_state.nregions - i) * sizeof(struct Region));
}

// Whether b could be a part of a, which ends where it begins.
static bool
goes_on(const struct Region *a, const struct Region *b)
{
	return region_end(a) == b->start && a->file == b->file && a->shared == b->shared &&
	       (a->file < 0 || a->first + a->npages == b->first);
}

// Adds a region where none is; there is room for it.
void
region_insert(const struct Region *new)
{
	uint32_t i = first_behind(new->start);

	if (i > 0 && goes_on(&table[i - 1], new)) {
		table[--i].npages += new->npages;
	} else {
		memmove(&table[i + 1], &table[i], (vm_state.nregions - i) * sizeof(struct Region));
		table[i] = *new;
		vm_state.nregions++;
	}
	if (i + 1 < vm_state.nregions && goes_on(&table[i], &table[i + 1])) {
		table[i].npages += table[i + 1].npages;
		take_out(i + 1);
	}
}

// Takes what of region i lies before page number `start`, by making it begin there.
static void
cut_front(uint32_t i, uint32_t start)
{
	table[i].first += start - table[i].start;
	table[i].npages -= start - table[i].start;
	table[i].start = start;
}

// Takes pages out of the regions that they are in; there is room for one region more.
// Whether there may be files now that no region is of: file_release_unused.
bool
region_cut(uint32_t start, uint32_t npages)
{
	uint32_t i = first_behind(start), stop = start + npages;
	bool files = false;

	if (i < vm_state.nregions && table[i].start < start && region_end(&table[i]) > stop) {
		memmove(&table[i + 1], &table[i], (vm_state.nregions - i) * sizeof(struct Region));
		vm_state.nregions++;
		table[i].npages = start - table[i].start;
		cut_front(i + 1, stop);
		return false;
	}
	if (i < vm_state.nregions && table[i].start < start) {
		table[i].npages = start - table[i].start;
		i++;
	}
	while (i < vm_state.nregions && region_end(&table[i]) <= stop) {
		files |= table[i].file >= 0;
		take_out(i);
	}
	if (i < vm_state.nregions && table[i].start < stop)
		cut_front(i, stop);
	return files;
}

// ---- Files ----------------------------------------------------------------------------

// A slot for the file of an open descriptor, which the caller holds (fd_get); it may share it with
// other regions. -E_NO_MEM: there is none. file_release undoes it.
int
file_slot(const struct Fd *fd)
{
	pte_t pte = vm_entry((uintptr_t)fd);
	int n = -1;

	for (uint32_t i = 0; i < vm_state.nfiles; i++) {
		pte_t in_use = vm_entry((uintptr_t)file_fd(i));
		if (!in_use)
			n = i;
		else if (PTE_ADDR(in_use) == PTE_ADDR(pte))
			return i;
	}
	if (n < 0 && (n = vm_state.nfiles) == VM_NFILES)
		return -E_NO_MEM;
	int r = sys_page_map(0, (void *)fd, 0, (void *)file_fd(n), PTE_P | PTE_U | PTE_SHARE);
	if (r < 0)
		return r;
	vm_state.nfiles = MAX(vm_state.nfiles, (uint32_t)n + 1);
	return n;
}

static bool
is_mapped(int slot)
{
	for (uint32_t i = 0; i < vm_state.nregions; i++)
		if (table[i].file == slot)
			return true;
	return false;
}

// Closes the file in a slot, unless a region is of it.
void
file_release(int slot)
{
	if (!is_mapped(slot))
		sys_page_unmap(0, (void *)file_fd(slot));
}

// Closes all files that no region is of. Their pages must be unmapped by now.
void
file_release_unused(void)
{
	for (uint32_t i = 0; i < vm_state.nfiles; i++)
		if (vm_entry((uintptr_t)file_fd(i)))
			file_release(i);
}
