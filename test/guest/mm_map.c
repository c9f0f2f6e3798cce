// mmap and munmap: anonymous and of files, private and shared, there when touched;
// what they refuse; many mappings, pieces of them, and several threads at once.
#include <test/guest/filecheck.h>
#include <test/guest/kt_check.h>

#define DIR "/t-mm_map"

static char *
must_map(void *at, size_t len, int prot, int flags, int fd, off_t offset)
{
	char *p = mmap(at, len, prot, flags, fd, offset);

	if (p == MAP_FAILED)
		panic("mmap of %u bytes failed", len);
	CHECK_EQ(PGOFF(p), 0);
	return p;
}

// Pages come when they are touched, as zeroes, and go with the mapping.
static void
demand_zero(int arg)
{
	uint32_t before;
	char *p;

	CHECK_EQ(munmap(map_anon(100), 100 * PGSIZE), 0);
	before = resident();
	p = map_anon(100);
	CHECK(resident() - before < 5);
	for (int i = 0; i < 50; i++)
		CHECK(is_zero(p + 2 * i * PGSIZE, PGSIZE));
	CHECK(resident() - before <= 55);
	for (int i = 0; i < 100; i++)
		p[i * PGSIZE] = i;
	CHECK(resident() - before >= 100 && resident() - before < 110);
	for (int i = 0; i < 100; i++)
		CHECK(p[i * PGSIZE] == (char)i && is_zero(p + i * PGSIZE + 1, PGSIZE - 1));
	CHECK_EQ(munmap(p, 100 * PGSIZE), 0);
	CHECK(resident() < before + 5);
	child_must_die("reading what is unmapped", reads, (int)p);
	child_must_die("writing what is unmapped", writes, (int)p + 99 * PGSIZE);
	CHECK_EQ(map_anon(1)[0], 0);
}

// Far more than the machine has, as long as it is not touched.
static void
more_than_memory(int arg)
{
	char *p = map_anon((512 << 20) / PGSIZE);

	for (int i = 0; i < 16; i++)
		p[i << 25] = i + 1;
	for (int i = 0; i < 16; i++)
		CHECK_EQ(p[i << 25], i + 1);
	CHECK_EQ(munmap(p, 512 << 20), 0);
}

static void
pieces(int arg)
{
	char *p = map_anon(9);

	memset(p, 7, 9 * PGSIZE);
	CHECK_EQ(munmap(p + 3 * PGSIZE, 2 * PGSIZE), 0);
	child_must_die("the hole", reads, (int)p + 3 * PGSIZE);
	child_must_die("the hole", reads, (int)p + 5 * PGSIZE - 1);
	CHECK(p[3 * PGSIZE - 1] == 7 && p[5 * PGSIZE] == 7);
	CHECK_EQ(munmap(p, PGSIZE), 0);              // the beginning
	CHECK_EQ(munmap(p + 8 * PGSIZE, 1), 0);      // the end; lengths are rounded up
	CHECK_EQ(munmap(p + 3 * PGSIZE, PGSIZE), 0); // nothing is there: no error
	child_must_die("the beginning", reads, (int)p);
	child_must_die("the end", reads, (int)p + 8 * PGSIZE);
	CHECK(p[PGSIZE] == 7 && p[8 * PGSIZE - 1] == 7);
	CHECK(mmap(p + 3 * PGSIZE, 2 * PGSIZE, RDWR, ANON | MAP_FIXED, -1, 0) == p + 3 * PGSIZE);
	CHECK(is_zero(p + 3 * PGSIZE, 2 * PGSIZE));
	// In place of what is there.
	CHECK(mmap(p + PGSIZE, PGSIZE, RDWR, ANON | MAP_FIXED, -1, 0) == p + PGSIZE);
	CHECK(is_zero(p + PGSIZE, PGSIZE) && p[2 * PGSIZE] == 7);
	CHECK_EQ(munmap(p, 9 * PGSIZE), 0);
	child_must_die("all of it", reads, (int)p + 6 * PGSIZE);
}

static void
protections(int arg)
{
	char *p = must_map(NULL, PGSIZE, PROT_READ, ANON, -1, 0);
	char *q = must_map(NULL, PGSIZE, PROT_NONE, ANON, -1, 0);

	CHECK_EQ(p[0], 0);
	child_must_die("read-only", writes, (int)p);
	child_must_die("inaccessible", reads, (int)q);
	child_must_die("inaccessible", writes, (int)q);
	CHECK_EQ(sys_gettimes((struct times *)p), -E_FAULT);
	CHECK_EQ(sys_env_set_name(0, q), -E_FAULT);
	CHECK_EQ(munmap(p, PGSIZE), 0);
	CHECK_EQ(munmap(q, PGSIZE), 0);
}

static void
refuses(int arg)
{
	int fd = must_open(DIR "/file", O_RDONLY), flags = ANON;
	uint32_t before;

	// What the library has for its own comes with the first.
	CHECK_EQ(munmap(must_map(NULL, PGSIZE, PROT_READ, MAP_PRIVATE, fd, 0), PGSIZE), 0);
	before = resident();
#define REFUSED(...) CHECK(mmap(__VA_ARGS__) == MAP_FAILED)
	REFUSED(NULL, 0, RDWR, flags, -1, 0);
	REFUSED(NULL, 0xffffffff, RDWR, flags, -1, 0);
	REFUSED(NULL, 0xfffff000, RDWR, flags, -1, 0);
	REFUSED(NULL, 0x90000000, RDWR, flags, -1, 0); // more than there are addresses
	REFUSED(NULL, PGSIZE, RDWR, MAP_ANON, -1, 0);  // neither private nor shared
	REFUSED(NULL, PGSIZE, RDWR, MAP_PRIVATE | MAP_SHARED | MAP_ANON, -1, 0);
	REFUSED(NULL, PGSIZE, RDWR, MAP_PRIVATE, -1, 0); // no such descriptor
	REFUSED(NULL, PGSIZE, RDWR, MAP_PRIVATE, 31, 0);
	REFUSED(NULL, PGSIZE, RDWR, MAP_PRIVATE, fd, 1); // not aligned
	REFUSED(NULL, PGSIZE, RDWR, MAP_PRIVATE, fd, -PGSIZE);
	REFUSED(NULL, PGSIZE, RDWR, MAP_SHARED, fd, 0); // opened for reading
	REFUSED((void *)(AREA + 1), PGSIZE, RDWR, flags | MAP_FIXED, -1, 0);
	REFUSED(NULL, PGSIZE, RDWR, flags | MAP_FIXED, -1, 0);
	REFUSED((void *)UTOP, PGSIZE, RDWR, flags | MAP_FIXED, -1, 0);
	REFUSED((void *)KERNBASE, PGSIZE, RDWR, flags | MAP_FIXED, -1, 0);
	REFUSED((void *)0xfffff000, PGSIZE, RDWR, flags | MAP_FIXED, -1, 0);
	REFUSED((void *)AREA, 0x70000000, RDWR, flags | MAP_FIXED, -1, 0);
	REFUSED((void *)FDTABLE, PGSIZE, RDWR, flags | MAP_FIXED, -1, 0);
	REFUSED((void *)UTEXT, PGSIZE, RDWR, flags | MAP_FIXED, -1, 0);
	CHECK_EQ(munmap((void *)(AREA + 1), PGSIZE), -1);
	CHECK_EQ(munmap((void *)AREA, 0), -1);
	CHECK_EQ(munmap((void *)KERNBASE, PGSIZE), -1);
	CHECK_EQ(munmap((void *)UVPT, PGSIZE), -1);
	CHECK_EQ(munmap((void *)0xfffff000, PGSIZE), -1);
	CHECK_EQ(munmap((void *)AREA, 0xffffffff), -1);
	CHECK_EQ(munmap((void *)AREA, KERNBASE), -1);
	CHECK_EQ(resident(), before);
	CHECK_EQ(close(fd), 0);
}

// Private: copied for the child. Shared: common with it.
static char *private_map, *shared_map;

static void
child_writes(int arg)
{
	CHECK(private_map[0] == 1 && shared_map[0] == 1);
	CHECK(private_map[PGSIZE] == 0 && shared_map[PGSIZE] == 0);
	for (int i = 0; i < 3; i++)
		private_map[i * PGSIZE] = shared_map[i * PGSIZE] = 50 + i;
	CHECK_EQ(private_map[PGSIZE], 51);
}

static void
forked(int arg)
{
	private_map = map_anon(3);
	shared_map = must_map(NULL, 3 * PGSIZE, RDWR, MAP_SHARED | MAP_ANON, -1, 0);
	private_map[0] = shared_map[0] = 1;
	child_must_live("writing", child_writes, 0);
	CHECK(private_map[0] == 1 && private_map[PGSIZE] == 0);
	CHECK(shared_map[0] == 50 && shared_map[PGSIZE] == 51 && shared_map[2 * PGSIZE] == 52);
	CHECK_EQ(munmap(private_map, 3 * PGSIZE), 0);
	CHECK_EQ(munmap(shared_map, 3 * PGSIZE), 0);
}

#define SIZE (5 * PGSIZE + 100)

static void
file_private(int arg)
{
	int fd = must_open(DIR "/file", O_RDONLY);
	char *p = must_map(NULL, SIZE + PGSIZE, RDWR, MAP_PRIVATE, fd, 0), *q;

	q = must_map(NULL, PGSIZE, PROT_READ, MAP_PRIVATE, fd, 2 * PGSIZE);
	CHECK_EQ(close(fd), 0); // the mapping keeps it
	CHECK(is_filled(p, SIZE, 0, 1));
	CHECK(is_zero(p + SIZE, 6 * PGSIZE - SIZE)); // the rest of the last page
	CHECK(is_filled(q, PGSIZE, 2 * PGSIZE, 1));
	child_must_die("beyond the end of the file", reads, (int)p + 6 * PGSIZE);
	child_must_die("writing what is for reading", writes, (int)q);
	fill(p, SIZE, 0, 2);
	CHECK(is_filled(p, SIZE, 0, 2));
	CHECK(is_filled(q, PGSIZE, 2 * PGSIZE, 1));
	check_file(DIR "/file", SIZE, 1);
	CHECK_EQ(munmap(p, SIZE + PGSIZE), 0);
	check_file(DIR "/file", SIZE, 1);
	CHECK_EQ(munmap(q, PGSIZE), 0);
}

static char *file_map_of_parent;

static void
child_fills(int arg)
{
	int fd = must_open(DIR "/shared", O_RDWR);
	char *p = must_map(NULL, SIZE, RDWR, MAP_SHARED, fd, 0);

	CHECK(is_filled(p, SIZE, 0, 3));
	CHECK(is_filled(file_map_of_parent, SIZE, 0, 3));
	p[0] = 99; // a mapping of its own
	CHECK_EQ(file_map_of_parent[0], 99);
	file_map_of_parent[PGSIZE] = 98; // and the inherited one
	CHECK_EQ(p[PGSIZE], 98);
	CHECK_EQ(close(fd), 0);
}

static void
file_shared(int arg)
{
	int fd;
	char *p, c;

	make_file(DIR "/shared", SIZE, 1);
	fd = must_open(DIR "/shared", O_RDWR);
	p = must_map(NULL, SIZE, RDWR, MAP_SHARED, fd, 0);
	CHECK(is_filled(p, SIZE, 0, 1));
	fill(p, SIZE, 0, 3);
	file_map_of_parent = p;
	child_must_live("sharing", child_fills, 0);
	CHECK(p[0] == 99 && p[PGSIZE] == 98);
	// read and write see what was written there, and the other way round.
	CHECK_EQ(seek(fd, PGSIZE), 0);
	CHECK_EQ(read(fd, &c, 1), 1);
	CHECK_EQ(c, 98);
	CHECK_EQ(seek(fd, 2 * PGSIZE), 0);
	c = 55;
	CHECK_EQ(write(fd, &c, 1), 1);
	CHECK_EQ(p[2 * PGSIZE], 55);
	fill(p, SIZE, 0, 4);
	CHECK_EQ(msync(p, SIZE, 0), 0);
	CHECK_EQ(close(fd), 0);
	check_file(DIR "/shared", SIZE, 4);
	fill(p, SIZE, 0, 5);
	CHECK_EQ(munmap(p, SIZE), 0);
	check_file(DIR "/shared", SIZE, 5);
	CHECK_EQ(remove(DIR "/shared"), 0);
}

// Hundreds of mappings, and every other one given back.
#define MANY 600

static void
many(int arg)
{
	static char *p[MANY];

	for (int i = 0; i < MANY; i++) {
		p[i] = must_map(NULL, PGSIZE, i % 3 ? RDWR : PROT_READ, ANON, -1, 0);
		if (i % 3)
			*(int *)p[i] = i;
	}
	for (int i = 0; i < MANY; i += 2)
		CHECK_EQ(munmap(p[i], PGSIZE), 0);
	for (int i = 1; i < MANY; i += 2)
		CHECK_EQ(*(int *)p[i], i % 3 ? i : 0);
	for (int i = 1; i < MANY; i += 2)
		CHECK_EQ(munmap(p[i], PGSIZE), 0);
}

// Several threads map, touch and unmap at once.
static void
maps_and_unmaps(void *arg1, void *arg2)
{
	for (uint32_t i = 0; i < 300; i++) {
		uint32_t n = 1 + (i * 7 + (uint32_t)arg1) % 9;
		volatile uint32_t *p = (volatile uint32_t *)map_anon(n);

		for (uint32_t j = 0; j < n; j++) {
			CHECK_EQ(p[j * 1024], 0); // nobody else's
			p[j * 1024] = (uint32_t)arg1 << 16 | i;
		}
		if (i % 8 == 0)
			sys_yield();
		for (uint32_t j = 0; j < n; j++)
			CHECK_EQ(p[j * 1024], (uint32_t)arg1 << 16 | i);
		CHECK_EQ(munmap((void *)p, n * PGSIZE), 0);
	}
}

static void
threads(int arg)
{
	for (int i = 0; i < 6; i++)
		must_create(maps_and_unmaps, (void *)(i + 1), NULL);
	must_join(6);
}

// An address that is asked for is given if it is free.
static void
hints(int arg)
{
	char *at = (char *)0x40000000, *p, *q;

	p = must_map(at, 2 * PGSIZE, RDWR, ANON, -1, 0);
	CHECK(p == at);
	p[0] = 5;
	q = must_map(at, 2 * PGSIZE, RDWR, ANON, -1, 0);
	CHECK(q != p);
	CHECK_EQ(p[0], 5);
	q = must_map((void *)AREA, PGSIZE, RDWR, ANON | MAP_FIXED, -1, 0);
	CHECK_EQ((uintptr_t)q, AREA);
	q[0] = 1;
	CHECK_EQ(munmap(q, PGSIZE), 0);
	child_must_die("unmapped", reads, AREA);
}

void
umain(int argc, char **argv)
{
	library_mode(argc, argv);
	share_results();
	work_begin(DIR);
	make_file(DIR "/file", SIZE, 1);
	child_counted("demand-zero", demand_zero, 0);
	child_counted("more than memory", more_than_memory, 0);
	child_counted("pieces", pieces, 0);
	child_counted("protections", protections, 0);
	child_counted("fork", forked, 0);
	child_counted("many", many, 0);
	child_counted("threads", threads, 0);
	child_counted("hints", hints, 0);
	child_must_live("refusals", refuses, 0);
	child_must_live("files, private", file_private, 0);
	child_must_live("files, shared", file_shared, 0);
	PASS("mm_map");
}
