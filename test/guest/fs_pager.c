// Files as the source of a program's own pager: its fault handler reads a file while the
// library is about to copy a buffer that faults to, or from, another file.
#include <test/guest/filecheck.h>

#define NPAGES 16
#define LAZY 0xA8000000
#define OFFSET 100 // of the buffers, so that no page of theirs goes to the server as it is

static char page[PGSIZE];
static int source;
static int faults;

static char
expected(uint32_t at)
{
	return at % PGSIZE == PGSIZE - 1 ? 'z' : 'A' + at / PGSIZE % 26;
}

static void
pager(struct UTrapframe *utf)
{
	uintptr_t va = ROUNDDOWN(utf->utf_fault_va, PGSIZE);

	if (va < LAZY || va >= LAZY + NPAGES * PGSIZE)
		panic("fault at %08x, eip %08x", utf->utf_fault_va, utf->utf_eip);
	faults++;
	CHECK_EQ(sys_page_alloc(0, (void *)va, RW), 0);
	CHECK_EQ(seek(source, va - LAZY), 0);
	// Not a whole page: by way of the library's own.
	CHECK_EQ(readn(source, (void *)va, PGSIZE - 1), PGSIZE - 1);
	*(char *)(va + PGSIZE - 1) = 'z';
}

static void
forget(void)
{
	for (int i = 0; i < NPAGES; i++)
		sys_page_unmap(0, (void *)(LAZY + i * PGSIZE));
	faults = 0;
}

void
umain(int argc, char **argv)
{
	const uint32_t n = (NPAGES - 1) * PGSIZE;
	int other;

	library_mode(argc, argv);
	CHECK((source = open("/fs_pager.in", O_RDWR | O_CREAT | O_TRUNC)) >= 0);
	for (int i = 0; i < NPAGES; i++) {
		memset(page, 'A' + i, PGSIZE);
		CHECK_EQ(write(source, page, PGSIZE), PGSIZE);
	}
	set_pgfault_handler(pager);

	CHECK((other = open("/fs_pager.out", O_RDWR | O_CREAT | O_TRUNC)) >= 0);
	CHECK_EQ(write(other, (char *)LAZY + OFFSET, n), n);
	CHECK_EQ(faults, NPAGES);
	forget();
	CHECK_EQ(seek(other, 0), 0);
	for (uint32_t at = 0; at < n; at += PGSIZE) {
		CHECK_EQ(readn(other, page, PGSIZE), PGSIZE);
		for (int i = 0; i < PGSIZE; i++)
			CHECK_EQ(page[i], expected(OFFSET + at + i));
	}

	CHECK_EQ(seek(other, 0), 0);
	CHECK_EQ(read(other, (char *)LAZY + OFFSET, n), n);
	CHECK_EQ(faults, NPAGES);
	for (uint32_t i = 0; i < n; i++)
		CHECK_EQ(((char *)LAZY + OFFSET)[i], expected(OFFSET + i));

	CHECK_EQ(remove("/fs_pager.in"), 0);
	CHECK_EQ(remove("/fs_pager.out"), 0);
	PASS("fs_pager");
}
