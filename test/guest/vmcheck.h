// What the tests of mmap and its kin share.
#ifndef TEST_GUEST_VMCHECK_H
#define TEST_GUEST_VMCHECK_H

#include <test/guest/check.h>

#define RDWR (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

// Pages of zeroes, private.
static inline char *
map_anon(size_t npages)
{
	char *p = mmap(NULL, npages * PGSIZE, RDWR, ANON, -1, 0);

	if (p == MAP_FAILED)
		panic("no room for %u pages", (unsigned int)npages);
	return p;
}

// A file of that size, open for reading and writing: byte i is file_byte(i).
static inline char
file_byte(uint32_t i)
{
	return i * 7 + i / 1000 + 1;
}

static inline int
make_file(const char *path, uint32_t size)
{
	static char part[PGSIZE];
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC);

	if (fd < 0)
		panic("%s: %e", path, fd);
	for (uint32_t at = 0; at < size; at += PGSIZE) {
		uint32_t n = MIN(size - at, (uint32_t)PGSIZE);
		for (uint32_t i = 0; i < n; i++)
			part[i] = file_byte(at + i);
		CHECK_EQ(write(fd, part, n), n);
	}
	return fd;
}

// Whether reading, or writing, a byte faults beyond what the library repairs.
static volatile char *touched;

static void
touch_to_read(int unused)
{
	(void)*touched;
}

static void
touch_to_write(int unused)
{
	*touched = 1;
}

static inline bool
can_read(const volatile void *p)
{
	touched = (volatile char *)p;
	return child_survives(touch_to_read, 0);
}

static inline bool
can_write(const volatile void *p)
{
	touched = (volatile char *)p;
	return child_survives(touch_to_write, 0);
}

// Entries of the page tables between two addresses that are not empty.
static inline uint32_t
entries_between(uintptr_t start, uintptr_t end)
{
	uint32_t n = 0;

	for (uintptr_t va = start; va < end; va += PGSIZE)
		n += (uvpd[PDX(va)] & PTE_P) && uvpt[PGNUM(va)];
	return n;
}

static inline uint32_t
free_pages(void)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < 65536 && is_mapped((uintptr_t)&pages[i]); i++)
		n += pages[i].pp_ref == 0;
	return n;
}

// Runs a test twice; the second time must not cost a page.
static inline void
run_twice(void (*all)(void))
{
	share_results();
	all();
	uint32_t before = free_pages();
	all();
	// A dead child's last page may come back a moment after its slot.
	AWAIT(free_pages() >= before);
}

#endif
