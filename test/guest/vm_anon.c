// Anonymous memory of mmap: zeroes when it is used, at the place that was asked for, in as
// many pieces as a program likes; and what it refuses, with nothing changed.
#include <test/guest/vmcheck.h>

static void
zeroes_and_writes(void)
{
	char *p = map_anon(5);

	for (int i = 0; i < 5; i++)
		CHECK_EQ(uvpt[PGNUM(p + i * PGSIZE)] & PTE_P, 0);
	for (int i = 0; i < 5 * PGSIZE; i++)
		CHECK_EQ(p[i], 0);
	memset(p, 0x55, 5 * PGSIZE);
	CHECK_EQ(munmap(p, 5 * PGSIZE), 0);
	for (int i = 0; i < 5; i++)
		CHECK_EQ(uvpt[PGNUM(p + i * PGSIZE)], 0);
	CHECK(!can_read(p) && !can_write(p + 4 * PGSIZE));

	// What was there before is gone.
	p = map_anon(5);
	CHECK_EQ(p[0], 0);
	CHECK_EQ(p[5 * PGSIZE - 1], 0);
	CHECK_EQ(munmap(p, 5 * PGSIZE), 0);
}

// A length in bytes: its last page is whole.
static void
lengths(void)
{
	char *p = mmap(NULL, 1, RDWR, ANON, -1, 0);

	p[PGSIZE - 1] = 1;
	CHECK(!can_read(p + PGSIZE));
	CHECK_EQ(munmap(p, 1), 0);
	CHECK(!can_read(p));
}

static void
places(void)
{
	char *p = map_anon(4), *at = (char *)AREA, *q;

	CHECK_EQ((uintptr_t)p % PGSIZE, 0);
	CHECK(p >= (char *)MMAP_BASE && p < (char *)MMAP_TOP);
	// A hint that is free is taken, one that is not isn't.
	q = mmap(at, PGSIZE, RDWR, ANON, -1, 0);
	CHECK_EQ(q, at);
	q = mmap(at, PGSIZE, RDWR, ANON, -1, 0);
	CHECK(q != at && q != MAP_FAILED);
	*q = *at = 3;
	// In place of what is there.
	memset(p, 1, 4 * PGSIZE);
	CHECK_EQ(mmap(p + PGSIZE, 2 * PGSIZE, RDWR, ANON | MAP_FIXED, -1, 0), p + PGSIZE);
	CHECK_EQ(p[PGSIZE - 1], 1);
	CHECK_EQ(p[PGSIZE], 0);
	CHECK_EQ(p[3 * PGSIZE - 1], 0);
	CHECK_EQ(p[3 * PGSIZE], 1);
	CHECK_EQ(munmap(p, 4 * PGSIZE), 0);
	CHECK_EQ(munmap(q, PGSIZE), 0);
	CHECK_EQ(munmap(at, PGSIZE), 0);
	CHECK_EQ(munmap(at, 100 * PGSIZE), 0); // nothing is there
}

// Of many pieces some go, whole or in part, and others are what they were.
static void
pieces(void)
{
	enum { N = 600 };
	char *p = map_anon(N);

	for (int i = 0; i < N; i++)
		*(int *)(p + i * PGSIZE) = i;
	for (int i = 0; i < N; i += 3)
		CHECK_EQ(munmap(p + i * PGSIZE, PGSIZE), 0);
	for (int i = 0; i < N; i++)
		if (i % 3)
			CHECK_EQ(*(int *)(p + i * PGSIZE), i);
		else
			CHECK_EQ(uvpt[PGNUM(p + i * PGSIZE)], 0);
	// Room of one page there is 200 times; of three nowhere in between.
	char *big = map_anon(3);
	CHECK(big + 3 * PGSIZE <= p || big >= p + (N - 1) * PGSIZE);
	for (int i = 0; i < N / 3; i++) {
		char *one = map_anon(1);
		CHECK(one >= (char *)MMAP_BASE && one < p + N * PGSIZE + 4 * PGSIZE);
		*one = 9;
	}
	CHECK_EQ(munmap(big, 3 * PGSIZE), 0);
	CHECK_EQ(munmap((void *)MMAP_BASE, 2 * N * PGSIZE), 0);
	CHECK_EQ(entries_between(MMAP_BASE, MMAP_BASE + 4 * N * PGSIZE), 0);
}

static int
try(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	void *at = addr;
	int r = vm_map(&at, len, prot, flags, fd, offset);

	if (r < 0) {
		CHECK_EQ(at, addr);
		CHECK_EQ(mmap(addr, len, prot, flags, fd, offset), MAP_FAILED);
	}
	return r;
}

static void
refusals(void)
{
	const int fixed = ANON | MAP_FIXED;
	static char data[2 * PGSIZE] __attribute__((aligned(PGSIZE)));
	char *p = map_anon(1);

	*p = 7;
	CHECK_EQ(try(NULL, 0, RDWR, ANON, -1, 0), -E_INVAL);
	CHECK_EQ(try(NULL, PGSIZE, RDWR, MAP_ANONYMOUS, -1, 0), -E_INVAL);
	CHECK_EQ(try(NULL, PGSIZE, RDWR, ANON | MAP_SHARED, -1, 0), -E_INVAL);
	CHECK_EQ(try(NULL, PGSIZE, RDWR, ANON | 0x1000, -1, 0), -E_INVAL);
	CHECK_EQ(try(NULL, PGSIZE, 8, ANON, -1, 0), -E_INVAL);
	CHECK_EQ(try(NULL, 0x90000000, RDWR, ANON, -1, 0), -E_NO_MEM);
	CHECK_EQ(try(NULL, ~0u, RDWR, ANON, -1, 0), -E_NO_MEM);
	CHECK_EQ(try(p + 1, PGSIZE, RDWR, fixed, -1, 0), -E_INVAL);
	CHECK_EQ(try(NULL, PGSIZE, RDWR, fixed, -1, 0), -E_INVAL);
	CHECK_EQ(try(data, PGSIZE, RDWR, fixed, -1, 0), -E_INVAL);
	CHECK_EQ(try(p, ~0u, RDWR, fixed, -1, 0), -E_INVAL);
	CHECK_EQ(try((void *)SBRK_BASE, PGSIZE, RDWR, fixed, -1, 0), -E_INVAL);
	CHECK_EQ(try((void *)USCPAGE, PGSIZE, RDWR, fixed, -1, 0), -E_INVAL);
	CHECK_EQ(try((void *)(USCPAGE - PGSIZE), 2 * PGSIZE, RDWR, fixed, -1, 0), -E_INVAL);
	CHECK_EQ(try((void *)THREADS_BASE, PGSIZE, RDWR, fixed, -1, 0), -E_INVAL);
	CHECK_EQ(try((void *)(USTACKTOP - PGSIZE), PGSIZE, RDWR, fixed, -1, 0), -E_INVAL);
	CHECK_EQ(try((void *)UTOP, PGSIZE, RDWR, fixed, -1, 0), -E_INVAL);
	CHECK_EQ(try((void *)KERNBASE, PGSIZE, RDWR, fixed, -1, 0), -E_INVAL);
	CHECK_EQ(try(NULL, PGSIZE, RDWR, MAP_PRIVATE, 31, 0), -E_INVAL);
	CHECK_EQ(try(NULL, PGSIZE, RDWR, MAP_PRIVATE, -1, 0), -E_INVAL);
	CHECK_EQ(try(NULL, PGSIZE, RDWR, MAP_PRIVATE, 0, 0), -E_INVAL); // the console
	CHECK_EQ(vm_unmap(p + 1, PGSIZE), -E_INVAL);
	CHECK_EQ(vm_unmap(p, 0), -E_INVAL);
	CHECK_EQ(vm_unmap(p, ~0u), -E_INVAL);
	CHECK_EQ(vm_unmap(data, PGSIZE), -E_INVAL);
	CHECK_EQ(vm_unmap((void *)THREADS_BASE, PGSIZE), -E_INVAL);
	CHECK_EQ(vm_unmap((void *)KERNBASE, PGSIZE), -E_INVAL);
	CHECK_EQ(munmap((void *)KERNBASE, PGSIZE), -1);
	CHECK_EQ(*p, 7);
	CHECK_EQ(munmap(p, PGSIZE), 0);
}

// A mapping that is larger than the machine costs little until it is used.
static void
sparse(void)
{
	enum { NPAGES = 160000 };
	char *p = map_anon(NPAGES);

	for (int i = 0; i < NPAGES; i += 1111)
		p[i * PGSIZE] = i;
	for (int i = 0; i < NPAGES; i += 1111)
		CHECK_EQ(p[i * PGSIZE], (char)i);
	CHECK_EQ(munmap(p, NPAGES * PGSIZE), 0);
}

static void
protections(void)
{
	char *p = mmap(NULL, PGSIZE, PROT_READ, ANON, -1, 0);
	char *q = mmap(NULL, PGSIZE, PROT_NONE, ANON, -1, 0);

	CHECK(can_read(p) && !can_write(p));
	CHECK_EQ(*p, 0);
	CHECK(!can_write(p));
	CHECK(!can_read(q) && !can_write(q));
	CHECK_EQ(munmap(p, PGSIZE), 0);
	CHECK_EQ(munmap(q, PGSIZE), 0);
}

// What parent and child write there is each one's own, or with MAP_SHARED common, used
// before the fork or not.
static void
forks(void)
{
	char *own = map_anon(2);
	char *common = mmap(NULL, 2 * PGSIZE, RDWR, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	own[0] = common[0] = 1;
	envid_t id = fork_watched();
	if (id == 0) {
		CHECK_EQ(own[0], 1);
		CHECK_EQ(own[PGSIZE], 0);
		own[0] = own[PGSIZE] = common[0] = common[PGSIZE] = 2;
		exit();
	}
	CHECK_EQ(wait_status(id), 0);
	CHECK_EQ(own[0], 1);
	CHECK_EQ(own[PGSIZE], 0);
	CHECK_EQ(common[0], 2);
	CHECK_EQ(common[PGSIZE], 2);
	CHECK_EQ(munmap(own, 2 * PGSIZE), 0);
	CHECK_EQ(munmap(common, 2 * PGSIZE), 0);
}

static void
all(void)
{
	zeroes_and_writes();
	lengths();
	places();
	pieces();
	refusals();
	sparse();
	protections();
	forks();
}

void
umain(int argc, char **argv)
{
	run_twice(all);
	PASS("vm_anon");
}
