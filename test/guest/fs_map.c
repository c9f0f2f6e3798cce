// file_map: pages of a file, read-only, that stay as they are whatever becomes of the
// file, and do not get in the way of the descriptors that are open meanwhile.
#include <test/guest/filecheck.h>

#define NPAGES 600 // more than the server keeps for mapping
#define NFDS 20
#define PATH "/fs_map.dat"

static char page[PGSIZE] __attribute__((aligned(PGSIZE)));

static void *
at(int i)
{
	return (void *)(AREA + i * PGSIZE);
}

static void
check_page(const void *va, int c)
{
	for (int i = 0; i < PGSIZE; i++)
		if (((const unsigned char *)va)[i] != (unsigned char)c)
			panic("byte %d at %p is %02x, not %02x", i, va,
			      ((const unsigned char *)va)[i], (unsigned char)c);
}

static void
write_pages(int fd, int add)
{
	CHECK_EQ(seek(fd, 0), 0);
	for (int i = 0; i < NPAGES; i++) {
		memset(page, i + add, PGSIZE);
		CHECK_EQ(write(fd, page, PGSIZE), PGSIZE);
	}
}

static void
map_pages(int fd)
{
	for (int i = 0; i < NPAGES; i++)
		CHECK_EQ(file_map(fd, i * PGSIZE, at(i)), PGSIZE);
}

static void
check_pages(int add)
{
	for (int i = 0; i < NPAGES; i++)
		check_page(at(i), i + add);
}

static void
errors(int fd)
{
	CHECK_EQ(file_map(fd, 1, at(0)), -E_INVAL);
	CHECK_EQ(file_map(fd, -PGSIZE, at(0)), -E_INVAL);
	CHECK_EQ(file_map(fd, NPAGES * PGSIZE, at(0)), -E_INVAL);
	CHECK_EQ(file_map(fd, 0, (void *)(AREA + 1)), -E_INVAL);
	CHECK_EQ(file_map(31, 0, at(0)), -E_INVAL);
	CHECK_EQ(file_map(0, 0, at(0)), -E_INVAL); // the console
	CHECK_EQ(ftruncate(fd, NPAGES * PGSIZE - 1), 0);
	CHECK_EQ(file_map(fd, (NPAGES - 1) * PGSIZE, at(NPAGES)), PGSIZE - 1);
	int hole = open("/fs_map.hole", O_RDWR | O_CREAT | O_TRUNC);
	CHECK(hole >= 0);
	CHECK_EQ(ftruncate(hole, 2 * PGSIZE), 0);
	CHECK_EQ(file_map(hole, 0, at(0)), -E_NOT_SUPP);
	close(hole);
	CHECK_EQ(remove("/fs_map.hole"), 0);
}

static uint32_t
frame_at(const void *va)
{
	return PTE_ADDR(uvpt[PGNUM(va)]);
}

// A page that is mapped is shared with whoever maps it next, however many others were
// mapped in between.
static void
sharing(int fd)
{
	CHECK_EQ(file_map(fd, 5 * PGSIZE, at(0)), PGSIZE);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < NPAGES; i++)
			if (i != 5)
				CHECK_EQ(file_map(fd, i * PGSIZE, at(1)), PGSIZE);
	CHECK_EQ(file_map(fd, 5 * PGSIZE, at(1)), PGSIZE);
	CHECK_EQ(frame_at(at(1)), frame_at(at(0)));
}

void
umain(int argc, char **argv)
{
	int fds[NFDS], fd = open(PATH, O_RDWR | O_CREAT | O_TRUNC);

	CHECK(fd >= 0);
	write_pages(fd, 1);
	map_pages(fd);
	for (int i = 0; i < NFDS; i++)
		CHECK((fds[i] = open("/motd", O_RDONLY)) >= 0);
	check_pages(1);
	for (int i = 0; i < NFDS; i++)
		CHECK_EQ(read(fds[i], page, 8), 8);
	CHECK(!(uvpt[PGNUM(at(0))] & PTE_W));
	CHECK_EQ(sys_page_map(0, at(0), 0, at(0), PTE_P | PTE_U | PTE_W), -E_INVAL);

	// What is mapped stays; what is mapped from now on is new.
	write_pages(fd, 101);
	check_pages(1);
	map_pages(fd);
	check_pages(101);
	errors(fd);
	for (int i = 0; i < NFDS; i++)
		CHECK_EQ(close(fds[i]), 0);

	// The same when the file is gone and its blocks are another's.
	close(fd);
	CHECK_EQ(remove(PATH), 0);
	CHECK_EQ(sync(), 0);
	fd = open(PATH, O_RDWR | O_CREAT | O_TRUNC);
	CHECK(fd >= 0);
	write_pages(fd, 7);
	check_pages(101);
	map_pages(fd);
	check_pages(7);
	sharing(fd);
	close(fd);
	CHECK_EQ(remove(PATH), 0);
	PASS("fs_map");
}
