// What the tests of mmap and its kin share beside kt_check.h: a file that can be mapped, and
// running a test twice.
#ifndef TEST_GUEST_VMCHECK_H
#define TEST_GUEST_VMCHECK_H

#include <test/guest/kt_check.h>

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

// Entries of the page tables between two addresses that are not empty.
static inline uint32_t
entries_between(uintptr_t start, uintptr_t end)
{
	uint32_t n = 0;

	for (uintptr_t va = start; va < end; va += PGSIZE)
		n += entry_of(va) != 0;
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
	CHECK(free_pages() >= before);
}

#endif
