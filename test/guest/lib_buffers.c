// Reading into and writing from every kind of memory: the library may hand the
// file server the program's own page instead of a copy, and nobody must notice.
#include <test/guest/filecheck.h>

#define DIR "/t-lib_buffers"
#define FILE DIR "/f"
#define SIZE (4 * PGSIZE)

#define MAPPED ((char *)(AREA + 0x200000)) // SIZE bytes, of a kind

static char data[SIZE] __attribute__((aligned(PGSIZE)));         // of the program's own
static char zeroes[SIZE] __attribute__((aligned(PGSIZE))) = {0}; // never written
static int fd;

// Writes SIZE bytes from `from` and reads them back to `to`, in pieces of n.
static void
there_and_back(char *from, char *to, uint32_t n, uint32_t seed)
{
	CHECK_EQ(seek(fd, 0), 0);
	for (uint32_t at = 0; at < SIZE; at += n)
		CHECK_EQ(write(fd, from + at, MIN(n, SIZE - at)), MIN(n, SIZE - at));
	CHECK_EQ(seek(fd, 0), 0);
	if (to != from)
		memset(to, 0xee, SIZE);
	for (uint32_t at = 0; at < SIZE; at += n)
		CHECK_EQ(read(fd, to + at, MIN(n, SIZE - at)), MIN(n, SIZE - at));
	CHECK(is_filled(to, SIZE, 0, seed));
}

// What was written is the file's: later stores into the buffer are not.
static void
written_is_written(char *own, uint32_t n)
{
	fill(own, SIZE, 0, 20);
	CHECK_EQ(seek(fd, 0), 0);
	for (uint32_t at = 0; at < SIZE; at += n)
		CHECK_EQ(write(fd, own + at, n), n);
	memset(own, 0x99, SIZE);
	CHECK_EQ(seek(fd, 0), 0);
	check_fd(fd, 0, SIZE, 20);
}

// What was read is the program's: later stores into the file do not show.
static void
read_is_read(char *own, uint32_t n)
{
	static char other[SIZE];

	CHECK_EQ(seek(fd, 0), 0);
	for (uint32_t at = 0; at < SIZE; at += n)
		CHECK_EQ(read(fd, own + at, n), n);
	fill(other, SIZE, 0, 21);
	CHECK_EQ(seek(fd, 0), 0);
	CHECK_EQ(write(fd, other, SIZE), SIZE);
	CHECK(is_filled(own, SIZE, 0, 20));
	memset(own, 0x55, SIZE);
	CHECK_EQ(seek(fd, 0), 0);
	check_fd(fd, 0, SIZE, 21);
}

static void
map_pages(int perm)
{
	for (int i = 0; i < SIZE; i += PGSIZE)
		CHECK_EQ(sys_page_alloc(0, MAPPED + i, perm), 0);
}

static void
child_reads(int n)
{
	int own = must_open(FILE, O_RDONLY);

	// `data` is copy-on-write here: reading must not reach the parent.
	for (uint32_t at = 0; at < SIZE; at += n)
		CHECK_EQ(read(own, data + at, n), n);
	CHECK(is_filled(data, SIZE, 0, 31));
	CHECK_EQ(close(own), 0);
	count_up(&shared->ready);
}

static void
child_writes(int n)
{
	int own = must_open(FILE, O_WRONLY);

	for (uint32_t at = 0; at < SIZE; at += n)
		CHECK_EQ(write(own, data + at, n), n);
	memset(data, 0, SIZE);
	CHECK_EQ(close(own), 0);
	count_up(&shared->ready);
}

// Copy-on-write memory, on both sides.
static void
copy_on_write(uint32_t n)
{
	fill(data, SIZE, 0, 31);
	CHECK_EQ(seek(fd, 0), 0);
	CHECK_EQ(write(fd, data, SIZE), SIZE);
	fill(data, SIZE, 0, 32);
	shared->ready = 0;
	lib_child_finish(child_reads, n);
	CHECK_EQ(shared->ready, 1);
	CHECK(is_filled(data, SIZE, 0, 32));
	lib_child_finish(child_writes, n);
	CHECK_EQ(shared->ready, 2);
	CHECK(is_filled(data, SIZE, 0, 32));
	CHECK_EQ(seek(fd, 0), 0);
	check_fd(fd, 0, SIZE, 32);

	// Ours, while a child has it, too.
	shared->ready = 0;
	CHECK_EQ(seek(fd, 0), 0);
	for (uint32_t at = 0; at < SIZE; at += n)
		CHECK_EQ(read(fd, data + at, n), n);
	CHECK(is_filled(data, SIZE, 0, 32));
}

static void
holds_pages(int arg)
{
	AWAIT(shared->stop);
	CHECK(is_filled(data, SIZE, 0, 40));
	count_up(&shared->ready);
}

// A read into memory that a child has copy-on-write must not change the child's.
static void
read_beside_child(uint32_t n)
{
	envid_t id;

	fill(data, SIZE, 0, 40);
	shared->stop = shared->ready = 0;
	id = lib_child(holds_pages, 0);
	fill(data, PGSIZE, 0, 40); // the first page is ours again, the others are not
	CHECK_EQ(seek(fd, 0), 0);
	for (uint32_t at = 0; at < SIZE; at += n)
		CHECK_EQ(read(fd, data + at, n), n);
	CHECK(is_filled(data, SIZE, 0, 32));
	shared->stop = 1;
	wait(id);
	CHECK_EQ(shared->ready, 1);
}

void
umain(int argc, char **argv)
{
	static const uint32_t pieces[] = {PGSIZE, SIZE, 2 * PGSIZE, 1000};

	library_mode(argc, argv);
	share_results();
	work_begin(DIR);
	fd = must_open(FILE, O_RDWR | O_CREAT);
	for (unsigned i = 0; i < ARRAY_SIZE(pieces); i++) {
		uint32_t n = pieces[i];
		char *heap = malloc(SIZE + PGSIZE), local[SIZE / 4 + 8];

		CHECK(heap != NULL);
		fill(data, SIZE, 0, i);
		there_and_back(data, data, n, i);
		there_and_back(data, heap, n, i);
		there_and_back(heap, ROUNDUP(heap, PGSIZE), n, i);
		there_and_back(ROUNDUP(heap, PGSIZE), data, n, i);
		fill(heap, SIZE, 0, i);
		there_and_back(heap, heap + 1, n, i);
		free(heap);

		// Pages that are shared with others.
		map_pages(RW | PTE_SHARE);
		fill(MAPPED, SIZE, 0, i);
		there_and_back(MAPPED, data, n, i);
		there_and_back(data, MAPPED, n, i);
		CHECK_EQ(uvpt[PGNUM(MAPPED)] & PTE_SHARE, PTE_SHARE);
		// Read-only ones can be written from.
		for (uint32_t at = 0; at < SIZE; at += PGSIZE)
			CHECK_EQ(sys_page_map(0, MAPPED + at, 0, MAPPED + at, RO), 0);
		there_and_back(MAPPED, data, n, i);
		CHECK_EQ(uvpt[PGNUM(MAPPED)] & (RW | PTE_SHARE), RO);
		// The same page twice.
		map_pages(RW);
		CHECK_EQ(sys_page_map(0, MAPPED, 0, (void *)AREA, RW), 0);
		fill(MAPPED, SIZE, 0, i);
		there_and_back(MAPPED, data, n, i);
		there_and_back(data, MAPPED, n, i);
		CHECK(is_filled((char *)AREA, PGSIZE, 0, i));
		for (uint32_t at = 0; at < SIZE; at += PGSIZE)
			CHECK_EQ(sys_page_unmap(0, MAPPED + at), 0);
		CHECK_EQ(sys_page_unmap(0, (void *)AREA), 0);

		// On the stack.
		fill(local, sizeof(local), 0, 50 + i);
		CHECK_EQ(seek(fd, 0), 0);
		CHECK_EQ(write(fd, local, sizeof(local)), sizeof(local));
		memset(local, 0, sizeof(local));
		CHECK_EQ(seek(fd, 0), 0);
		CHECK_EQ(read(fd, local, sizeof(local)), sizeof(local));
		CHECK(is_filled(local, sizeof(local), 0, 50 + i));

		if (SIZE % n == 0) {
			written_is_written(data, n);
			read_is_read(data, n);
			copy_on_write(n);
			read_beside_child(n);
		}
	}
	// Pages that nothing was written to, and text.
	CHECK_EQ(seek(fd, 0), 0);
	CHECK_EQ(write(fd, zeroes, SIZE), SIZE);
	CHECK_EQ(seek(fd, 0), 0);
	CHECK_EQ(read(fd, data, SIZE), SIZE);
	CHECK(is_zero(data, SIZE));
	CHECK_EQ(seek(fd, 0), 0);
	CHECK_EQ(write(fd, (void *)UTEXT, PGSIZE), PGSIZE);
	CHECK_EQ(seek(fd, 0), 0);
	CHECK_EQ(read(fd, data, PGSIZE), PGSIZE);
	CHECK_EQ(memcmp(data, (void *)UTEXT, PGSIZE), 0);
	CHECK_EQ(close(fd), 0);
	work_end(DIR);
	PASS("lib_buffers");
}
