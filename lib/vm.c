// Mapping memory: anonymous and of files, private and shared. What is mapped costs marks in
// the page tables only: lib/pager.c makes the pages when they are used.
#include "lib/fdtable.h"
#include "lib/vm.h"

#define ALL_PROT (PROT_READ | PROT_WRITE | PROT_EXEC)
#define ALL_FLAGS (MAP_SHARED | MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS)

// ---- Unmapping --------------------------------------------------------------------------

// Puts a mark on the range, or nothing (0), in place of what is there, and takes it out of
// its regions; there is room for one more. Whether files may be left over:
// file_release_unused. The lock is held.
static bool
clear(const struct Range *range, uint32_t mark)
{
	vm_clear(range->start, range->end, mark);
	return region_cut(PGNUM(range->start), PGNUM(range->end - range->start));
}

// Unmaps the pages that len bytes from addr on are in, all or part of what was mapped. 0,
// also if nothing was mapped there; -E_INVAL: addr is not a page's, len is 0, or they are
// not where mmap maps; -E_NO_MEM, and nothing is changed.
int
vm_unmap(void *addr, size_t len)
{
	struct Range range;
	int r;

	if (!vm_range(&range, addr, len, USER_BASE, USER_TOP))
		return -E_INVAL;
	vm_lock();
	if ((r = region_room(1)) == 0 && clear(&range, 0))
		file_release_unused();
	vm_unlock();
	return r;
}

// ---- Mapping ----------------------------------------------------------------------------

struct Mapping {
	struct Range range;
	struct Region region;
};

// Whether nothing is mapped in the range, by us or the program.
static bool
is_free(const struct Range *range)
{
	return !region_overlaps(PGNUM(range->start), PGNUM(range->end - range->start)) &&
	       vm_next(range->start, range->end) >= range->end;
}

// Where a mapping of len bytes is to be: at addr if it must or can be there, else where there
// is room. 0, -E_INVAL, -E_NO_MEM.
static int
choose_place(struct Range *range, void *addr, size_t len, int flags)
{
	if (len == 0)
		return -E_INVAL;
	bool possible = vm_range(range, addr, len, USER_BASE, USER_TOP);
	if (flags & MAP_FIXED) {
		// The area of sbrk is below, the library's above.
		return possible ? 0 : -E_INVAL;
	}
	if (possible && is_free(range))
		return 0;
	if (len > MMAP_TOP - MMAP_BASE)
		return -E_NO_MEM;
	uintptr_t at = region_gap(ROUNDUP(len, PGSIZE) / PGSIZE) * PGSIZE;
	*range = (struct Range){at, at + ROUNDUP(len, PGSIZE)};
	return at ? 0 : -E_NO_MEM;
}

// Whether the file in a slot may be mapped so. 0, -E_INVAL, or the file server's error.
static int
check_file(int slot, int prot, int flags)
{
	int omode = file_fd(slot)->fd_omode & O_ACCMODE;
	union Fsipc *req;

	if (file_fd(slot)->fd_dev_id != devfile.dev_id || omode == O_WRONLY ||
	    ((flags & MAP_SHARED) && (prot & PROT_WRITE) && omode != O_RDWR))
		return -E_INVAL;
	if (!(req = pager_request_page()))
		return -E_NO_MEM;
	req->stat.req_fileid = file_fd(slot)->fd_file.id;
	int r = pager_request(FSREQ_STAT, VM_REQUEST, PTE_P | PTE_U | PTE_W, UTOP);
	return r < 0 ? r : req->stat_ret.ret_isdir ? -E_INVAL : 0;
}

// Finds the file of a mapping. 0, or an error with nothing left behind.
static int
take_file(struct Mapping *m, int prot, int flags, const struct Fd *fd, off_t offset)
{
	uint32_t npages = PGNUM(m->range.end - m->range.start);
	int slot, r;

	if (flags & MAP_ANONYMOUS) {
		m->region.file = -1;
		return 0;
	}
	if (offset < 0 || PGOFF(offset) || npages > PGNUM(MAXFILESIZE - offset))
		return -E_INVAL;
	if ((slot = file_slot(fd)) < 0)
		return slot;
	if ((r = check_file(slot, prot, flags)) < 0) {
		file_release(slot);
		return r;
	}
	m->region.file = slot;
	m->region.first = PGNUM(offset);
	return 0;
}

// The mark for a page of a mapping.
static uint32_t
mark_for(int prot, int flags)
{
	uint32_t mark = PTE_PAGED | (flags & MAP_ANONYMOUS ? MARK_ZERO : MARK_FILE);

	static_assert((MARK_ZERO_SHARED ^ MARK_ZERO) == (MARK_FILE_SHARED ^ MARK_FILE),
		      "a bit says that it is shared");
	if (flags & MAP_SHARED)
		mark |= MARK_ZERO_SHARED;
	if (prot & ALL_PROT)
		mark |= PTE_U;
	if (prot & PROT_WRITE)
		mark |= PTE_W;
	return mark;
}

// vm_map, checked as far as that needs no lock, with the lock held.
static int
map_locked(struct Mapping *m, void *addr, size_t len, int prot, int flags, const struct Fd *fd,
	   off_t offset)
{
	int r;

	if ((r = choose_place(&m->range, addr, len, flags)) < 0 || (r = region_room(2)) < 0 ||
	    (r = vm_prepare(m->range.start, m->range.end)) < 0 ||
	    (r = take_file(m, prot, flags, fd, offset)) < 0)
		return r;
	// From here on nothing fails.
	m->region.start = PGNUM(m->range.start);
	m->region.npages = PGNUM(m->range.end - m->range.start);
	m->region.shared = (flags & MAP_SHARED) != 0;
	bool files = clear(&m->range, mark_for(prot, flags));
	region_insert(&m->region);
	if (files)
		file_release_unused();
	return 0;
}

// Maps len bytes, rounded up to pages, and stores where in *addr. They are zeroes
// (MAP_ANONYMOUS), or what the file of a descriptor has from offset on, a multiple of PGSIZE;
// the descriptor may be closed then. What is written to it goes to copies of our own
// (MAP_PRIVATE), or is seen by all that map it (MAP_SHARED). *addr: MAP_FIXED, where to map, in
// place of what is there; or where it would be welcome, or NULL.
//
// 0; -E_INVAL: an argument makes no sense, the place is none that mmap may use, or fdnum is not a
// file opened for that; -E_NO_MEM; or what the file server says. With an error nothing
// has changed.
int
vm_map(void **addr, size_t len, int prot, int flags, int fdnum, off_t offset)
{
	const int sharing = flags & (MAP_SHARED | MAP_PRIVATE);
	struct FdUse use = {.fd = NULL};
	struct Mapping m;
	void *at = *addr;
	int r;

	if ((prot & ~ALL_PROT) || (flags & ~ALL_FLAGS) ||
	    (sharing != MAP_SHARED && sharing != MAP_PRIVATE))
		return -E_INVAL;
	if ((r = pager_setup()) < 0)
		return r;
	if (!(flags & MAP_ANONYMOUS) && (r = fd_get(fdnum, &use)) < 0)
		return r;
	vm_lock();
	r = map_locked(&m, at, len, prot, flags, use.fd, offset);
	vm_unlock();
	if (use.fd)
		fd_put(&use);
	if (r == 0)
		*addr = (void *)m.range.start;
	return r;
}

// Has the file server write a file to the disk.
static int
flush(int slot)
{
	union Fsipc *req = pager_request_page();

	if (!req)
		return -E_NO_MEM;
	req->flush.req_fileid = file_fd(slot)->fd_file.id;
	return MIN(pager_request(FSREQ_FLUSH, VM_REQUEST, PTE_P | PTE_U | PTE_W, UTOP), 0);
}

// What was written to shared mappings of files, in the pages that len bytes from addr on are
// in, is on the disk when this returns 0. -E_INVAL: addr is not a page's, len is 0, or nothing
// is mapped at a part of it; or what the file server says.
int
vm_sync(void *addr, size_t len)
{
	const struct Region *region;
	struct Range range;
	int r = 0;

	if (!vm_range(&range, addr, len, USER_BASE, USER_TOP))
		return -E_INVAL;
	vm_lock();
	for (uintptr_t va = range.start; r == 0 && va < range.end;
	     va = (region->start + region->npages) * PGSIZE) {
		if (!(region = region_at(va))) {
			r = -E_INVAL;
			break;
		}
		if (region->shared && region->file >= 0)
			r = flush(region->file);
	}
	vm_unlock();
	return r;
}

// ---- As in POSIX --------------------------------------------------------------------------

// vm_map; where it was mapped, or MAP_FAILED.
void *
mmap(void *addr, size_t len, int prot, int flags, int fdnum, off_t offset)
{
	return vm_map(&addr, len, prot, flags, fdnum, offset) < 0 ? MAP_FAILED : addr;
}

// vm_unmap; -1 for any error.
int
munmap(void *addr, size_t len)
{
	return vm_unmap(addr, len) < 0 ? -1 : 0;
}

// vm_sync; -1 for any error. All flags mean the same.
int
msync(void *addr, size_t len, int flags)
{
	return vm_sync(addr, len) < 0 ? -1 : 0;
}
