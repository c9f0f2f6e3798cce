// Files that are mapped: private and shared, whole and in part, beyond the end and in holes,
// after the descriptor is closed or the file removed, and in a child.
#include <test/guest/vmcheck.h>

#define SIZE (5 * PGSIZE + 1000)
#define NPAGES 6

static void
expect_file(const volatile char *p, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i += 37)
		CHECK_EQ(p[i - from], file_byte(i));
}

// A private mapping: the file's bytes, zeroes behind its end, and writes that stay here.
static void private(const char *path)
{
	static char buf[PGSIZE];
	int fd = make_file(path, SIZE);
	volatile char *p = mmap(NULL, 8 * PGSIZE, RDWR, MAP_PRIVATE, fd, 0);

	CHECK(p != MAP_FAILED);
	CHECK_EQ(close(fd), 0);
	expect_file(p, 0, SIZE);
	for (uint32_t i = SIZE; i < NPAGES * PGSIZE; i++)
		CHECK_EQ(p[i], 0);
	CHECK(!can_read(p + NPAGES * PGSIZE) && !can_write(p + 7 * PGSIZE));
	p[0] = p[PGSIZE] = p[SIZE] = 99;
	envid_t id = fork_watched();
	if (id == 0) {
		CHECK_EQ(p[0], 99);
		expect_file(p + 2 * PGSIZE, 2 * PGSIZE, SIZE);
		p[1] = 98;
		exit();
	}
	CHECK_EQ(wait_status(id), 0);
	CHECK_EQ(p[0], 99);
	CHECK_EQ(p[1], file_byte(1));
	CHECK_EQ(p[SIZE], 99);
	fd = open(path, O_RDONLY);
	CHECK_EQ(readn(fd, buf, PGSIZE), PGSIZE);
	expect_file(buf, 0, PGSIZE);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(munmap((void *)p, 8 * PGSIZE), 0);
}

// A part, of a file that is removed while it is mapped and not open.
static void
removed(const char *path)
{
	int fd = make_file(path, SIZE);
	volatile char *p = mmap(NULL, PGSIZE, PROT_READ, MAP_PRIVATE, fd, 3 * PGSIZE);
	volatile char *q = mmap(NULL, 2 * PGSIZE, RDWR, MAP_PRIVATE, fd, 0);

	CHECK(p != MAP_FAILED && q != MAP_FAILED);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(remove(path), 0);
	CHECK_EQ(munmap((void *)q, PGSIZE), 0);
	expect_file(p, 3 * PGSIZE, 4 * PGSIZE);
	expect_file(q + PGSIZE, PGSIZE, 2 * PGSIZE);
	CHECK(!can_write(p));
	CHECK_EQ(munmap((void *)p, PGSIZE), 0);
	q[PGSIZE] = 5; // the file is still open
	CHECK_EQ(munmap((void *)q, 2 * PGSIZE), 0);
}

static void
holes(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC);

	CHECK_EQ(seek(fd, 4 * PGSIZE), 0);
	CHECK_EQ(write(fd, "x", 1), 1);
	volatile char *p = mmap(NULL, 5 * PGSIZE, RDWR, MAP_PRIVATE, fd, 0);
	for (int i = 0; i < 4 * PGSIZE; i += 100)
		CHECK_EQ(p[i], 0);
	CHECK_EQ(p[4 * PGSIZE], 'x');
	p[PGSIZE] = 1;
	CHECK_EQ(p[PGSIZE], 1);
	CHECK_EQ(munmap((void *)p, 5 * PGSIZE), 0);
	CHECK_EQ(close(fd), 0);
}

// What is written to a shared mapping is the file's: for read, for others that map it, and
// after all have unmapped it.
static void
shared_mapping(const char *path)
{
	char c;
	int fd = make_file(path, SIZE);
	volatile char *p = mmap(NULL, NPAGES * PGSIZE, RDWR, MAP_SHARED, fd, 0);
	volatile char *q = mmap(NULL, PGSIZE, PROT_READ, MAP_SHARED, fd, 2 * PGSIZE);

	CHECK(p != MAP_FAILED && q != MAP_FAILED);
	expect_file(p, 0, SIZE);
	p[2 * PGSIZE + 5] = 88;
	CHECK_EQ(q[5], 88);
	CHECK(!can_write(q));
	CHECK_EQ(seek(fd, 2 * PGSIZE + 5), 0);
	CHECK_EQ(read(fd, &c, 1), 1);
	CHECK_EQ(c, 88);
	CHECK_EQ(seek(fd, 2 * PGSIZE + 6), 0);
	c = 87;
	CHECK_EQ(write(fd, &c, 1), 1);
	CHECK_EQ(q[6], 87);
	envid_t id = fork_watched();
	if (id == 0) {
		p[2 * PGSIZE + 7] = 86;
		p[4 * PGSIZE] = 85;
		exit();
	}
	CHECK_EQ(wait_status(id), 0);
	CHECK_EQ(q[7], 86);
	CHECK_EQ(p[4 * PGSIZE], 85);
	CHECK_EQ(msync((void *)p, NPAGES * PGSIZE, 0), 0);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(munmap((void *)p, NPAGES * PGSIZE), 0);
	CHECK_EQ(munmap((void *)q, PGSIZE), 0);

	fd = open(path, O_RDONLY);
	p = mmap(NULL, NPAGES * PGSIZE, RDWR, MAP_PRIVATE, fd, 0);
	CHECK_EQ(p[2 * PGSIZE + 7], 86);
	CHECK_EQ(p[4 * PGSIZE], 85);
	CHECK_EQ(munmap((void *)p, NPAGES * PGSIZE), 0);
	CHECK_EQ(close(fd), 0);
}

// A system call finds what was behind the end once this process has made the file longer.
static void
grows(const char *path)
{
	int fd = make_file(path, SIZE);
	char *p = mmap(NULL, 10 * PGSIZE, RDWR, MAP_SHARED, fd, 0);
	char *q = mmap(NULL, 10 * PGSIZE, RDWR, MAP_PRIVATE, fd, 0);

	CHECK(p != MAP_FAILED && q != MAP_FAILED);
	CHECK_EQ(sys_env_stat(0, (void *)(p + 7 * PGSIZE)), -E_FAULT);
	CHECK_EQ(sys_env_stat(0, (void *)(q + 7 * PGSIZE)), -E_FAULT);
	CHECK_EQ(sys_env_stat(0, (void *)(p + 9 * PGSIZE)), -E_FAULT);
	CHECK_EQ(ftruncate(fd, 8 * PGSIZE), 0);
	CHECK_EQ(sys_env_stat(0, (void *)(q + 7 * PGSIZE)), 0);
	CHECK_EQ(sys_env_stat(0, (void *)(p + 7 * PGSIZE)), 0);
	CHECK_EQ(sys_env_stat(0, (void *)(p + 9 * PGSIZE)), -E_FAULT);
	CHECK_EQ(seek(fd, 9 * PGSIZE), 0);
	CHECK_EQ(write(fd, "x", 1), 1);
	CHECK_EQ(sys_env_stat(0, (void *)(p + 9 * PGSIZE)), 0);
	CHECK_EQ(munmap(p, 10 * PGSIZE), 0);
	CHECK_EQ(munmap(q, 10 * PGSIZE), 0);
	CHECK_EQ(close(fd), 0);
}

static void
refusals(const char *path)
{
	int fd = make_file(path, SIZE), pipes[2], dir = open("/", O_RDONLY);

	CHECK_EQ(close(fd), 0);
	CHECK_EQ(pipe(pipes), 0);
	CHECK((fd = open(path, O_RDONLY)) >= 0 && dir >= 0);
	CHECK_EQ(mmap(NULL, PGSIZE, RDWR, MAP_SHARED, fd, 0), MAP_FAILED);
	CHECK_EQ(mmap(NULL, PGSIZE, RDWR, MAP_PRIVATE, fd, 1), MAP_FAILED);
	CHECK_EQ(mmap(NULL, PGSIZE, RDWR, MAP_PRIVATE, fd, -PGSIZE), MAP_FAILED);
	CHECK_EQ(mmap(NULL, PGSIZE, RDWR, MAP_PRIVATE, pipes[0], 0), MAP_FAILED);
	CHECK_EQ(mmap(NULL, PGSIZE, PROT_READ, MAP_PRIVATE, dir, 0), MAP_FAILED);
	char *p = mmap(NULL, PGSIZE, RDWR, MAP_PRIVATE, fd, 0);
	CHECK(p != MAP_FAILED);
	char *q = mmap(NULL, PGSIZE, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(q != MAP_FAILED);
	CHECK_EQ(mprotect(q, 1), -1);
	CHECK_EQ(munmap(p, PGSIZE), 0);
	CHECK_EQ(munmap(q, PGSIZE), 0);
	CHECK_EQ(close(fd), 0);
	CHECK((fd = open(path, O_WRONLY)) >= 0);
	CHECK_EQ(mmap(NULL, PGSIZE, PROT_READ, MAP_PRIVATE, fd, 0), MAP_FAILED);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(close(dir), 0);
	CHECK_EQ(close(pipes[0]), 0);
	CHECK_EQ(close(pipes[1]), 0);
	CHECK_EQ(msync((void *)0x30000000, PGSIZE, 0), -1);
}

// A buffer of read and write that is a mapping's page: the kernel and the server come there
// first.
static void
as_buffer(const char *path)
{
	int fd = make_file(path, SIZE), out = make_file("/copy", 0);
	char *p = mmap(NULL, NPAGES * PGSIZE, RDWR, MAP_PRIVATE, fd, 0), *q = map_anon(NPAGES);

	CHECK_EQ(write(out, p, SIZE), SIZE);
	CHECK_EQ(seek(out, 0), 0);
	CHECK_EQ(read(out, q, SIZE), SIZE);
	expect_file(q, 0, SIZE);
	CHECK_EQ(munmap(p, NPAGES * PGSIZE), 0);
	CHECK_EQ(munmap(q, NPAGES * PGSIZE), 0);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(close(out), 0);
	CHECK_EQ(remove("/copy"), 0);
}

static void
all(void)
{
	private("/mapped");
	removed("/mapped");
	holes("/mapped");
	shared_mapping("/mapped");
	grows("/mapped");
	refusals("/mapped");
	as_buffer("/mapped");
	CHECK_EQ(remove("/mapped"), 0);
}

void
umain(int argc, char **argv)
{
	share_results();
	all();
	all();
	PASS("vm_file");
}
